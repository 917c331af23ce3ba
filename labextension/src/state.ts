/** What the panel knows at one moment: notebook, task, plan and answers. */
import { preferencesOf, type IPreferences } from './preferences';
import type {
  Answer,
  Change,
  Gain,
  PlatformInfo,
  Problem,
  Resources,
  Summary,
  Task,
  Verdict
} from './types';

export type Phase =
  'idle' | 'describing' | 'described' | 'planning' | 'done' | 'stopped';

export type SortBy = 'best' | 'name' | 'soonest';

/** Which answers are listed. */
export type Filter = 'all' | Verdict;

/** How a person wants the answers listed. */
export interface IView {
  readonly sortBy: SortBy;
  readonly filter: Filter;
}

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
  /** The very task that it answers. */
  readonly of: Task;
}

/** What would help most, and the very task that it would help. */
export interface IGains {
  readonly gains: readonly Gain[];
  readonly of: Task | null;
}

/** A change that was made with one click, and the task before it. */
export interface IApplied {
  readonly change: Change;
  readonly platform: string;
  readonly before: Task;
}

/** A server part of another age, and its version where it told. */
export interface IOtherServer {
  readonly age: 'older' | 'newer';
  readonly version: string;
}

export interface IPlanState extends IView, IPreferences {
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
  /** The one platform that is asked again; empty when none is. */
  readonly retrying: string;
  /** Whether the resources came with a link; `bad` when it could not be read. */
  readonly link: 'none' | 'taken' | 'bad';
  readonly help: IGains;
  /** Platforms that were left out of the plan because a person hides them. */
  readonly hidden: readonly string[];
  /** The server part, if it is not of the age of this panel. */
  readonly server: IOtherServer | null;
}

/** What stays as it is when another notebook comes on screen. */
export type Lasting = IPreferences &
  Pick<IPlanState, 'sortBy' | 'filter' | 'server'>;

/** What stays of a state when another notebook comes on screen. */
export function lasting(state: IPlanState): Lasting {
  const { sortBy, filter, server } = state;
  return { ...preferencesOf(state), sortBy, filter, server };
}

/** Of a notebook that was never read. */
export const NOTHING = {
  phase: 'idle',
  described: null,
  task: null,
  planId: '',
  platforms: [],
  received: [],
  summary: null,
  finished: null,
  isStale: false,
  failure: null,
  applied: null,
  retrying: '',
  link: 'none',
  help: { gains: [], of: null },
  hidden: []
} as const satisfies Partial<IPlanState>;

/** The resources in which the task on screen differs from the one described. */
export function setByHand({ described, task }: IPlanState): Resources {
  const before: Record<string, unknown> = { ...described?.resources };
  return Object.fromEntries(
    Object.entries(task?.resources ?? {}).filter(
      ([name, range]) => JSON.stringify(range) !== JSON.stringify(before[name])
    )
  );
}

/** The other parts of the task that a person edited; they stay when the notebook is read again. */
export function partsByHand({ described, task }: IPlanState): Partial<Task> {
  const { software = [], data = [], executable } = task ?? {};
  const parts = { software, data, executable };
  return Object.fromEntries(
    Object.entries(parts).filter(
      ([name, part]) =>
        described !== null &&
        JSON.stringify(part) !==
          JSON.stringify(described[name as keyof typeof parts] ?? [])
    )
  );
}

export const SORTS: readonly SortBy[] = ['best', 'name', 'soonest'];
export const FILTERS: readonly Filter[] = ['all', 'YES', 'NO', 'CANNOT_TELL'];

/** The parts of a view that a stored value holds; anything else is left out. */
export function readView(value: unknown): Partial<IView> {
  const stored = Object(value) as Record<string, unknown>;
  const sortBy = SORTS.find(known => known === stored.sortBy);
  const filter = FILTERS.find(known => known === stored.filter);
  return { ...(sortBy && { sortBy }), ...(filter && { filter }) };
}
