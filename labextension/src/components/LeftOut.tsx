/** What the list leaves out because a person wants it so, and how to see it. */
import * as React from 'react';
import { useTrans } from './trans';

export interface ILeftOutProps {
  /** Platforms that were not asked. */
  hidden: readonly string[];
  /** How many refusals are not listed. */
  refusals: number;
  /** Opens the settings; null where there is no editor of them. */
  onSettings: (() => void) | null;
  onRefusals: () => void;
}

export function LeftOut(props: ILeftOutProps): JSX.Element | null {
  const trans = useTrans();
  const { hidden, refusals, onSettings, onRefusals } = props;
  if (hidden.length === 0 && refusals === 0) {
    return null;
  }
  return (
    <div className="jp-CanIDoThis-leftOut jp-CanIDoThis-muted">
      {hidden.length > 0 ? (
        <p>
          {trans._n(
            '%1 platform is hidden by the settings and was not asked: %2.',
            '%1 platforms are hidden by the settings and were not asked: %2.',
            hidden.length,
            hidden.join(', ')
          )}{' '}
          {onSettings === null ? (
            trans.__('They are named under "Hidden platforms" there.')
          ) : (
            <button
              type="button"
              className="jp-CanIDoThis-button"
              onClick={onSettings}
            >
              {trans.__('Open the settings')}
            </button>
          )}
        </p>
      ) : null}
      {refusals > 0 ? (
        <p>
          {trans._n(
            '%1 refusal is not listed.',
            '%1 refusals are not listed.',
            refusals
          )}{' '}
          <button
            type="button"
            className="jp-CanIDoThis-button"
            onClick={onRefusals}
          >
            {trans.__('Show refusals')}
          </button>
        </p>
      ) : null}
    </div>
  );
}
