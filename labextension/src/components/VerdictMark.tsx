/** A verdict as a shape and a word; colour only adds to them. */
import type { LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { askingIcon, cannotTellIcon, noIcon, yesIcon } from '../icons';
import type { Verdict } from '../types';
import { useTrans } from './trans';

export type Mark = Verdict | 'ASKING' | 'NOT_ASKED';

function wordOf(mark: Mark, trans: TranslationBundle): string {
  switch (mark) {
    case 'YES':
      return trans.__('YES');
    case 'NO':
      return trans.__('NO');
    case 'CANNOT_TELL':
      return trans.__('CANNOT TELL');
    case 'ASKING':
      return trans.__('asking…');
    case 'NOT_ASKED':
      return trans.__('no answer yet');
  }
}

const ICONS: Readonly<Record<Mark, LabIcon>> = {
  YES: yesIcon,
  NO: noIcon,
  CANNOT_TELL: cannotTellIcon,
  ASKING: askingIcon,
  NOT_ASKED: askingIcon
};

/** Class of the colour that goes with a mark. */
export function markClass(mark: Mark): string {
  return `jp-mod-${mark.toLowerCase().replace('_', '-')}`;
}

export const VerdictMark = React.memo(function VerdictMark(props: {
  mark: Mark;
}): JSX.Element {
  const trans = useTrans();
  const Icon = ICONS[props.mark].react;
  return (
    <span className={`jp-CanIDoThis-mark ${markClass(props.mark)}`}>
      <span aria-hidden="true" className="jp-CanIDoThis-markShape">
        <Icon tag="span" width="16px" height="16px" />
      </span>
      <span className="jp-CanIDoThis-markWord">
        {wordOf(props.mark, trans)}
      </span>
    </span>
  );
});
