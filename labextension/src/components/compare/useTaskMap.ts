/** The map of a task, asked for again a while after the task changed. */
import * as React from 'react';
import { mapRequest, type IAxes } from '../../axes';
import type { Map as TaskMap, MapRequest, Task } from '../../types';

/** Asks the planner for a map. */
export type DrawMap = (
  request: MapRequest,
  signal: AbortSignal
) => Promise<TaskMap>;

/** How long the task has to stay as it is, in milliseconds. */
const REST = 400;

interface IDrawn {
  readonly map: TaskMap | null;
  readonly failure: string;
}

export function useTaskMap(task: Task, axes: IAxes, draw: DrawMap): IDrawn {
  const [drawn, setDrawn] = React.useState<IDrawn & { of: IAxes }>({
    map: null,
    failure: '',
    of: axes
  });
  React.useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const timer = setTimeout(() => {
      draw(mapRequest(task, axes), signal).then(
        map => {
          if (!signal.aborted) {
            setDrawn({ map, failure: '', of: axes });
          }
        },
        (reason: unknown) => {
          if (!signal.aborted) {
            const failure =
              reason instanceof Error ? reason.message : String(reason);
            setDrawn({ map: null, failure, of: axes });
          }
        }
      );
    }, REST);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [task, axes, draw]);
  // The map of other axes does not fit these.
  return drawn.of === axes ? drawn : { map: null, failure: '' };
}
