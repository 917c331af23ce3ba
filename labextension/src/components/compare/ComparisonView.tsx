/** All answers beside each other: what would help, the limits, and a map of two amounts. */
import * as React from 'react';
import { limitsOf } from '../../limits';
import { MAIN_QUANTITIES } from '../../quantities';
import { gainsOf, rowsOf } from '../../rows';
import type { IPlanState } from '../../state';
import type { Change } from '../../types';
import { BestChange } from '../BestChange';
import { EmptyState } from '../EmptyState';
import { useTrans } from '../trans';
import { LimitChart } from './LimitChart';
import { TaskMapView } from './TaskMapView';
import type { DrawMap } from './useTaskMap';

export interface IComparisonViewProps {
  state: IPlanState;
  draw: DrawMap;
  onApply: (change: Change, platform: string) => void;
  onOpenPanel: () => void;
}

export function ComparisonView(props: IComparisonViewProps): JSX.Element {
  const { state, draw, onApply, onOpenPanel } = props;
  const { task, notebook } = state;
  const trans = useTrans();
  const rows = rowsOf(state);
  if (task === null || rows.length === 0) {
    return (
      <EmptyState
        title={trans.__('Nothing to compare yet')}
        text={trans.__(
          'Open a notebook and plan it in the panel; its answers are compared here.'
        )}
        action={{ label: trans.__('Can I run this?'), onClick: onOpenPanel }}
      />
    );
  }
  const shown = MAIN_QUANTITIES.filter(
    quantity =>
      (task.resources?.[quantity]?.min ?? null) !== null ||
      limitsOf(rows, quantity).some(({ limit }) => limit !== null)
  );
  return (
    <div className="jp-CanIDoThis-comparison">
      <h2>
        {trans.__('Platforms compared')}{' '}
        <span className="jp-CanIDoThis-muted">{notebook?.name}</span>
      </h2>
      <BestChange gains={gainsOf(state)} onApply={onApply} />
      {shown.map(quantity => (
        <LimitChart
          key={quantity}
          quantity={quantity}
          rows={rows}
          asked={task.resources?.[quantity]?.min ?? null}
        />
      ))}
      <TaskMapView task={task} draw={draw} />
    </div>
  );
}
