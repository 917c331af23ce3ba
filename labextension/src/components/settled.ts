/** The order of the cards: it stands while a slider moves, so that nothing jumps under the eye. */
import * as React from 'react';
import type { IRow } from '../rows';
import type { IPlanState } from '../state';

/** The rows in an order of before; those that it lacks come last, as they were. */
export function inOrder(
  rows: readonly IRow[],
  names: ReadonlyMap<string, number>
): IRow[] {
  const place = ({ platform }: IRow): number =>
    names.get(platform.name) ?? names.size;
  return [...rows].sort((one, other) => place(one) - place(other));
}

/** The rows in their order when somebody was last asked, or chose another order. */
export function useSettled(
  rows: readonly IRow[],
  { isStale, sortBy }: IPlanState
): readonly IRow[] {
  const kept = React.useRef({ names: new Map<string, number>(), sortBy });
  if (isStale && kept.current.sortBy === sortBy) {
    return inOrder(rows, kept.current.names);
  }
  const names = new Map(rows.map((row, index) => [row.platform.name, index]));
  kept.current = { names, sortBy };
  return rows;
}
