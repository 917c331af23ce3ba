/** How far the plan is: who accepts, who still answers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IPlanState } from '../model';
import { countsOf } from '../rows';
import { useTrans } from './trans';

function sentence(state: IPlanState, trans: TranslationBundle): string {
  const { asked, answered, yes } = countsOf(state);
  if (state.phase === 'planning') {
    return state.planId === ''
      ? trans.__('Asking…')
      : trans.__(
          '%1 of %2 accept, %3 still answering',
          yes,
          asked,
          asked - answered
        );
  }
  if (state.phase === 'stopped') {
    return trans.__('Stopped: %1 of %2 answered', answered, asked);
  }
  return trans.__('%1 of %2 accept', yes, asked);
}

export function PlanProgress(props: { state: IPlanState }): JSX.Element {
  const trans = useTrans();
  const { state } = props;
  const { asked, answered } = countsOf(state);
  const isPlanning = state.phase === 'planning';
  return (
    <div className="jp-CanIDoThis-progress">
      <p>
        <strong>{sentence(state, trans)}</strong>
      </p>
      <progress
        aria-label={trans.__('Platforms that answered')}
        value={isPlanning ? answered : 1}
        max={isPlanning ? Math.max(asked, 1) : 1}
        className={isPlanning ? '' : 'jp-mod-hidden'}
      />
      {state.isStale && !isPlanning ? (
        <p className="jp-CanIDoThis-staleNote">
          {trans.__('The resources changed since these answers.')}
        </p>
      ) : null}
    </div>
  );
}
