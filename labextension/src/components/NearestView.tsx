/** Asks one platform again and again for the nearest YES, and shows how far each resource goes. */
import * as React from 'react';
import type { Change, Nearest } from '../types';
import { ChangeButton, ChangeStanding } from './ChangeButton';
import { useTrans } from './trans';

export interface INearestViewProps {
  platform: string;
  onSearch: (platform: string) => Promise<Nearest>;
  onApply: (change: Change) => void;
}

type Shown =
  | { is: 'closed' | 'asking' }
  | { is: 'failed'; why: string }
  | { is: 'found'; nearest: Nearest };

function Found(props: {
  nearest: Nearest;
  onApply: (change: Change) => void;
}): JSX.Element {
  const trans = useTrans();
  const { nearest, onApply } = props;
  const { changes = [], cliffs = [], asks = 0, took = 0, cut } = nearest;
  return (
    <div role="status">
      <p>
        {trans._n(
          'Asked %1 time in %2 ms.',
          'Asked %1 times in %2 ms.',
          asks,
          took
        )}{' '}
        {cut === true
          ? trans.__(
              'The search was cut short; these are not exact to the last step.'
            )
          : null}
      </p>
      {changes.length === 0 && cliffs.length === 0 ? (
        <p>{trans.__('No change of the resources made it say YES.')}</p>
      ) : null}
      <ul className="jp-CanIDoThis-changes">
        {changes.map((change, index) => (
          <li key={index}>
            <ChangeButton change={change} onApply={onApply} />{' '}
            <ChangeStanding change={change} />
          </li>
        ))}
      </ul>
      <ul className="jp-CanIDoThis-reasons">
        {cliffs.map((cliff, index) => (
          <li key={index}>{cliff.message}</li>
        ))}
      </ul>
    </div>
  );
}

export function NearestView(props: INearestViewProps): JSX.Element {
  const { platform, onSearch, onApply } = props;
  const trans = useTrans();
  const [shown, setShown] = React.useState<Shown>({ is: 'closed' });
  const isAsking = shown.is === 'asking';
  const search = (): void => {
    if (isAsking) {
      return;
    }
    setShown({ is: 'asking' });
    onSearch(platform).then(
      nearest => setShown({ is: 'found', nearest }),
      (reason: unknown) =>
        setShown({
          is: 'failed',
          why: reason instanceof Error ? reason.message : String(reason)
        })
    );
  };
  return (
    <div className="jp-CanIDoThis-handover">
      <button
        type="button"
        className="jp-CanIDoThis-button"
        aria-disabled={isAsking}
        title={trans.__(
          'Asks it up to 40 times, read-only, for the nearest task that it accepts'
        )}
        onClick={search}
      >
        {isAsking
          ? trans.__('Asking for the exact limit…')
          : trans.__('Ask for the exact limit')}
        <span className="jp-CanIDoThis-spoken"> ({platform})</span>
      </button>
      {shown.is === 'failed' ? <p role="alert">{shown.why}</p> : null}
      {shown.is === 'found' ? (
        <Found nearest={shown.nearest} onApply={onApply} />
      ) : null}
    </div>
  );
}
