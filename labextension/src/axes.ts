/** The two amounts of a map: their fields and values. */
import { stopsOf, toWire, type Quantity } from './quantities';
import type { MapAxis, MapRequest, Task } from './types';

export interface IAxes {
  readonly across: Quantity;
  readonly up: Quantity;
}

/** The pairs that a map can show. */
export const PAIRS: readonly IAxes[] = [
  { across: 'memory', up: 'cores' },
  { across: 'duration', up: 'memory' },
  { across: 'duration', up: 'cores' }
];

/** A map has at most so many values along one axis. */
const MOST = 24;

/** The stops of the slider of a quantity, as an axis. */
export function axisOf(quantity: Quantity): MapAxis {
  const stops = stopsOf(quantity, 'min').slice(0, MOST + 1);
  return {
    field: `/resources/${quantity}/min`,
    values: stops.flatMap(stop => toWire(quantity, stop) ?? [])
  };
}

export function mapRequest(task: Task, { across, up }: IAxes): MapRequest {
  return { task, across: axisOf(across), up: axisOf(up) };
}

/** Index of the greatest value that is not above an amount; -1 when all are. */
export function placeOf(axis: MapAxis, amount: number): number {
  return axis.values.filter(value => value <= amount).length - 1;
}
