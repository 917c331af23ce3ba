/** How sure an answer is, in a word: estimated, asked, or checked by the platform's own dry run. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Answer } from '../types';
import { useTrans } from './trans';

type Sure = NonNullable<Answer['sure']>;

function wordsOf(
  sure: Sure,
  trans: TranslationBundle
): { word: string; meaning: string } {
  switch (sure) {
    case 'estimate':
      return {
        word: trans.__('≈ estimate'),
        meaning: trans.__(
          'From what is known already; the platform was not asked'
        )
      };
    case 'asked':
      return {
        word: trans.__('asked'),
        meaning: trans.__('The platform was asked')
      };
    case 'checked':
      return {
        word: trans.__('✓ checked'),
        meaning: trans.__('The platform tried it in a dry run of its own')
      };
  }
}

export const SureMark = React.memo(function SureMark(props: {
  sure: Sure;
}): JSX.Element {
  const { word, meaning } = wordsOf(props.sure, useTrans());
  return (
    <span
      className={`jp-CanIDoThis-tag jp-CanIDoThis-sure jp-mod-${props.sure}`}
      title={meaning}
    >
      {word}
    </span>
  );
});
