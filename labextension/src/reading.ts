/** Reads the notebook in front: what it needs, and what a person set for it before. */
import type { IMemory } from './memory';
import type { INotebookSource } from './notebook';
import type { IPlanService } from './request';
import { leaveIf } from './turns';
import type { Resources, Task } from './types';

export interface IReaders {
  source: INotebookSource;
  service: IPlanService;
  memory: IMemory;
}

/** Null when no notebook is in front any more. */
export async function readNotebook(
  { source, service, memory }: IReaders,
  signal: AbortSignal
): Promise<{ task: Task; kept: Resources } | null> {
  const path = source.current?.path ?? '';
  const request = await source.read();
  leaveIf(signal);
  if (request === null) {
    return null;
  }
  const [task, kept] = await Promise.all([
    service.describe(request, signal),
    memory.recall(path)
  ]);
  return { task, kept };
}
