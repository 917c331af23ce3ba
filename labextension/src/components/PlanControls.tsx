/** Plan, stop, live. */
import * as React from 'react';
import { useTrans } from './trans';

export interface IPlanControlsProps {
  isAsking: boolean;
  live: boolean;
  onLive: (live: boolean) => void;
  onPlan: () => void;
  onStop: () => void;
}

export function PlanControls(props: IPlanControlsProps): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-CanIDoThis-controls">
      <label
        title={trans.__(
          'Show estimates while a control moves, and ask whenever it comes to rest; the settings tell more'
        )}
      >
        <input
          type="checkbox"
          checked={props.live}
          onChange={event => props.onLive(event.target.checked)}
        />
        {trans.__('Live')}
      </label>
      <button
        type="button"
        className="jp-CanIDoThis-button"
        aria-disabled={!props.isAsking}
        onClick={() => {
          if (props.isAsking) {
            props.onStop();
          }
        }}
      >
        {trans.__('Stop')}
      </button>
      <button
        type="button"
        className="jp-CanIDoThis-button jp-mod-primary"
        onClick={props.onPlan}
      >
        {trans.__('Plan')}
      </button>
    </div>
  );
}
