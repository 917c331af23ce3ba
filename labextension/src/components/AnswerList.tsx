/** All answers: how far the plan is, the best change, then one card per platform. */
import * as React from 'react';
import type { IPlanState } from '../state';
import { bestChangeOf, rowsOf } from '../rows';
import type { Change, Task } from '../types';
import { AnswerCard } from './AnswerCard';
import { BestChange } from './BestChange';
import { EmptyState } from './EmptyState';
import { PlanProgress } from './PlanProgress';
import { useTrans } from './trans';

export interface IAnswerListProps {
  state: IPlanState;
  task: Task;
  onApply: (change: Change, platform: string) => void;
}

export function AnswerList(props: IAnswerListProps): JSX.Element | null {
  const { state, task, onApply } = props;
  const trans = useTrans();
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
  const rows = rowsOf(state);
  const best = bestChangeOf(rows);
  return (
    <section
      className="jp-CanIDoThis-answers"
      aria-label={trans.__('Answers of the platforms')}
    >
      {rows.length > 0 || state.phase === 'planning' ? (
        <PlanProgress state={state} />
      ) : null}
      {best === null ? null : <BestChange best={best} onApply={onApply} />}
      {rows.map(row => (
        <AnswerCard
          key={row.platform.name}
          row={row}
          task={task}
          onApply={onApply}
        />
      ))}
    </section>
  );
}
