/** Where sentences come from: how, from what, when, and the source's own words. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatTime } from '../format';
import type { Evidence } from '../types';
import { useTrans } from './trans';

function howName(how: Evidence['how'], trans: TranslationBundle): string {
  switch (how) {
    case 'dry-run':
      return trans.__('dry run');
    case 'live-read':
      return trans.__('read live');
    case 'declared':
      return trans.__('declared');
    case 'arithmetic':
      return trans.__('computed');
    case 'kernel':
      return trans.__('seen in the kernel');
    case 'static':
      return trans.__('read in the notebook');
    case 'inferred':
      return trans.__('inferred');
    case 'default':
      return trans.__('default');
  }
}

/** Foreign text goes through React text nodes only, never through markup. */
export function EvidenceList(props: {
  evidence: readonly Evidence[];
}): JSX.Element {
  const trans = useTrans();
  return (
    <ol className="jp-CanIDoThis-evidence">
      {props.evidence.map(({ how, source, text, at }, index) => (
        <li key={index}>
          <span className="jp-CanIDoThis-how">{howName(how, trans)}</span>
          <code>{source}</code>
          {at ? (
            <time dateTime={new Date(at * 1000).toISOString()}>
              {formatTime(at)}
            </time>
          ) : null}
          {text ? <pre tabIndex={0}>{text}</pre> : null}
        </li>
      ))}
    </ol>
  );
}
