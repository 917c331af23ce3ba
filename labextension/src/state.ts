/** What the panel knows at one moment: notebook, task, plan and answers. */
import type {
  Answer,
  Change,
  PlatformInfo,
  Problem,
  Resources,
  Summary,
  Task
} from './types';

export type Phase =
  'idle' | 'describing' | 'described' | 'planning' | 'done' | 'stopped';

export type SortBy = 'best' | 'arrival';

/** The notebook the panel is about. */
export interface INotebookState {
  readonly path: string;
  readonly name: string;
  readonly isDirty: boolean;
  /** Whether its cells changed after it was described. */
  readonly isEdited: boolean;
}

/** An answer, and the plan that asked for it. */
export interface IReceived {
  readonly answer: Answer;
  readonly planId: string;
}

/** A change that was made with one click, and the task before it. */
export interface IApplied {
  readonly change: Change;
  readonly platform: string;
  readonly before: Task;
}

export interface IPlanState {
  readonly notebook: INotebookState | null;
  readonly phase: Phase;
  /** As the describer returned it. */
  readonly described: Task | null;
  /** As it is on screen, with what a person set. */
  readonly task: Task | null;
  readonly planId: string;
  readonly platforms: readonly PlatformInfo[];
  /** By platform, in order of arrival; older plans' answers until replaced. */
  readonly received: readonly IReceived[];
  readonly summary: Summary | null;
  /** When the plan was complete, in milliseconds on this machine's clock; null while it is not. */
  readonly finished: number | null;
  /** Whether the task changed after the platforms were asked. */
  readonly isStale: boolean;
  readonly failure: Problem | null;
  readonly applied: IApplied | null;
  readonly live: boolean;
  readonly sortBy: SortBy;
}

/** The resources in which the task on screen differs from the one described. */
export function setByHand({ described, task }: IPlanState): Resources {
  const before: Record<string, unknown> = { ...described?.resources };
  return Object.fromEntries(
    Object.entries(task?.resources ?? {}).filter(
      ([name, range]) => JSON.stringify(range) !== JSON.stringify(before[name])
    )
  );
}
