/** All answers: how far the plan is, the best change, then one card per platform. */
import * as React from 'react';
import type { IPlanState, IView } from '../state';
import { filtered, gainsOf, refusalsLeftOut, rowsOf } from '../rows';
import type { Change, Task } from '../types';
import { AnswerCard } from './AnswerCard';
import { AskedContext, askedOf } from './asked';
import { AnswerFilter } from './AnswerFilter';
import { BestChange } from './BestChange';
import type { IHandoverActions } from './HandoverView';
import { EmptyState } from './EmptyState';
import { LeftOut } from './LeftOut';
import { useLasting } from './lasting';
import { PlanProgress } from './PlanProgress';
import { useSettled } from './settled';
import { useTrans } from './trans';

/** How long cards may be older than the question before they look it, in milliseconds. */
const LATE = 200;

export interface IAnswerListProps {
  state: IPlanState;
  task: Task;
  onApply: (change: Change, platform: string) => void;
  onRetry: (platform: string) => void;
  onView: (chosen: Partial<IView>) => void;
  onCompare: () => void;
  /** Opens the settings; null where there is no editor of them. */
  onSettings: (() => void) | null;
  handover: IHandoverActions;
}

export function AnswerList(props: IAnswerListProps): JSX.Element | null {
  const { state, onApply, onRetry, onView, handover } = props;
  const trans = useTrans();
  const { resources } = props.task;
  const asked = React.useMemo(
    () => askedOf(resources, trans),
    [resources, trans]
  );
  const rows = useSettled(rowsOf(state), state);
  const isLate = useLasting(
    rows.some(row => row.isStale),
    LATE
  );
  if (state.phase === 'described') {
    return null;
  }
  if (state.planId !== '' && state.platforms.length === 0) {
    return (
      <EmptyState
        title={trans.__('No platforms are configured')}
        text={trans.__(
          'Whoever runs this Jupyter server can list platforms in c.CanIDoThis.platforms, or let it find some with c.CanIDoThis.discover = True.'
        )}
      />
    );
  }
  const shown = filtered(rows, state.filter, state.showRefusals);
  const canRetry = state.phase !== 'planning' && !state.isStale;
  return (
    <section
      className={`jp-CanIDoThis-answers ${isLate ? 'jp-mod-late' : ''}`}
      aria-label={trans.__('Answers of the platforms')}
    >
      {rows.length > 0 || state.phase === 'planning' ? (
        <PlanProgress state={state} />
      ) : null}
      <BestChange gains={gainsOf(state)} onApply={onApply} />
      {rows.length > 1 ? (
        <AnswerFilter rows={rows} view={state} onView={onView} />
      ) : null}
      <LeftOut
        hidden={state.hidden}
        refusals={refusalsLeftOut(rows, state)}
        onSettings={props.onSettings}
        onRefusals={() => onView({ filter: 'NO' })}
      />
      {rows.length > 0 && shown.length === 0 && state.filter !== 'all' ? (
        <EmptyState
          title={trans.__('No such answer')}
          text={trans.__('Other answers are hidden.')}
          action={{
            label: trans.__('Show all'),
            onClick: () => onView({ filter: 'all' })
          }}
        />
      ) : null}
      {rows.length > 0 ? (
        <button
          type="button"
          className="jp-CanIDoThis-button jp-mod-compare"
          onClick={props.onCompare}
        >
          {trans.__('Compare in a chart and a map')}
        </button>
      ) : null}
      <AskedContext.Provider value={asked}>
        {shown.map(row => (
          <AnswerCard
            key={row.platform.name}
            {...row}
            onApply={onApply}
            onRetry={canRetry ? onRetry : undefined}
            handover={handover}
          />
        ))}
      </AskedContext.Provider>
    </section>
  );
}
