/** How far the plan is: who accepts, who still answers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatTime } from '../format';
import type { IPlanState } from '../state';
import { countsOf, estimatesOf } from '../rows';
import { useIsOld } from './old';
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
  const estimates = estimatesOf(state);
  if (state.isStale && estimates.of > 0) {
    return trans.__(
      'Estimate: %1 of %2 would accept',
      estimates.yes,
      estimates.of
    );
  }
  if (state.phase === 'stopped') {
    return trans.__('Stopped: %1 of %2 answered', answered, asked);
  }
  return trans.__('%1 of %2 accept', yes, asked);
}

/** What the answers come to when they all say the same. */
function verdictOfAll(
  state: IPlanState,
  trans: TranslationBundle
): string | null {
  const { asked, yes, no, cannotTell } = countsOf(state);
  const isHelpKnown = state.received.some(
    ({ answer }) => (answer.changes?.length ?? 0) > 0
  );
  switch (asked) {
    case 0:
      return null;
    case yes:
      return trans.__('Every platform accepts it as it is.');
    case no:
      return isHelpKnown
        ? trans.__('None accepts it as it is; the change that helps most is:')
        : trans.__(
            'None accepts it, and none names a change that would help. Their reasons say what is in the way.'
          );
    case cannotTell:
      return trans.__(
        'None could tell. Their reasons say why; then retry them, or all with Plan.'
      );
    default:
      return null;
  }
}

/** What to know before trusting the answers, and the next step. */
function Caution(props: { state: IPlanState }): JSX.Element | null {
  const trans = useTrans();
  const { phase, isStale, finished } = props.state;
  const isOld = useIsOld(finished);
  if (phase === 'planning') {
    return null;
  }
  if (isStale) {
    return (
      <p className="jp-CanIDoThis-staleNote">
        {estimatesOf(props.state).of > 0
          ? trans.__('Nobody was asked about these resources yet.')
          : trans.__('The resources changed since these answers.')}{' '}
        {trans.__('Plan asks again.')}
      </p>
    );
  }
  if (phase === 'stopped') {
    return <p>{trans.__('Plan asks again.')}</p>;
  }
  return isOld && finished !== null ? (
    <p className="jp-CanIDoThis-staleNote">
      {trans.__(
        'These answers are from %1; room and start may have changed.',
        formatTime(finished / 1000)
      )}{' '}
      {trans.__('Plan asks again.')}
    </p>
  ) : null;
}

export function PlanProgress(props: { state: IPlanState }): JSX.Element {
  const trans = useTrans();
  const { state } = props;
  const { asked, answered } = countsOf(state);
  const isPlanning = state.phase === 'planning';
  const verdict =
    state.phase === 'done' && !state.isStale
      ? verdictOfAll(state, trans)
      : null;
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
      {verdict === null ? null : <p>{verdict}</p>}
      <Caution state={state} />
    </div>
  );
}
