/** Why not: our words, and the platform's own words beside them. */
import * as React from 'react';
import { inWords } from '../sentences';
import type { Reason } from '../types';
import { useTrans } from './trans';

export function ReasonList(props: {
  reasons: readonly Reason[];
}): JSX.Element | null {
  const trans = useTrans();
  if (props.reasons.length === 0) {
    return null;
  }
  return (
    <ul className="jp-CanIDoThis-reasons">
      {props.reasons.map(({ message, text, scope, evidence = [] }, index) => (
        <li key={index}>
          {inWords(message, trans)}
          {scope ? (
            <span className="jp-CanIDoThis-tag" title={trans.__('Set by')}>
              {scope}
            </span>
          ) : null}
          {evidence.length > 0 ? (
            <span className="jp-CanIDoThis-muted">
              {' '}
              {trans.__(
                '(evidence %1)',
                evidence.map(number => number + 1).join(', ')
              )}
            </span>
          ) : null}
          {text && text !== message ? (
            <blockquote aria-label={trans.__('In the words of the platform')}>
              {text}
            </blockquote>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
