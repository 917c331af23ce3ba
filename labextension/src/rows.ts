/** The answers as the panel lists them: one row per platform, counted and sorted. */
import type { Filter, IPlanState, SortBy } from './state';
import type { Answer, Gain, PlatformInfo } from './types';

/** One platform and what it said. */
export interface IRow {
  readonly platform: PlatformInfo;
  /** Null while it never answered. */
  readonly answer: Answer | null;
  /** Whether it is still being asked. */
  readonly isAsking: boolean;
  /** Whether the answer is to an older question than the one on screen. */
  readonly isStale: boolean;
}

export interface ICounts {
  readonly asked: number;
  readonly answered: number;
  readonly yes: number;
  readonly no: number;
  readonly cannotTell: number;
}

function isEstimate(answer: Answer): boolean {
  return answer.sure === 'estimate';
}

const VERDICT_ORDER = { YES: 0, NO: 1, CANNOT_TELL: 2 } as const;
const ROOM_ORDER = { YES: 0, CANNOT_TELL: 1, NO: 2 } as const;

/** Where a row stands among the others: verdict, then room now, then start. */
function rank({ answer }: IRow): readonly number[] {
  if (answer === null) {
    return [3];
  }
  const start = answer.offers?.[0]?.start;
  return [
    VERDICT_ORDER[answer.verdict],
    ROOM_ORDER[answer.now ?? 'CANNOT_TELL'],
    (answer.changes?.length ?? 0) > 0 ? 0 : 1,
    start?.latest ?? start?.earliest ?? Number.MAX_SAFE_INTEGER
  ];
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** When a platform that accepts could start at the latest, in seconds. */
function startOf({ answer }: IRow): number {
  const starts = (answer?.offers ?? []).map(
    ({ start }) => start?.latest ?? start?.earliest ?? Number.MAX_SAFE_INTEGER
  );
  return Math.min(Number.MAX_SAFE_INTEGER, ...starts);
}

const ORDERS: Readonly<Record<SortBy, (one: IRow, other: IRow) => number>> = {
  best: (one, other) => compare(rank(one), rank(other)),
  name: (one, other) => one.platform.name.localeCompare(other.platform.name),
  soonest: (one, other) =>
    compare([startOf(one), ...rank(one)], [startOf(other), ...rank(other)])
};

/** One row per platform of the plan: those that answered, then those still asked. */
export function rowsOf(state: IPlanState): IRow[] {
  const infos = new Map(state.platforms.map(info => [info.name, info]));
  const isPlanning = state.phase === 'planning';
  const answered = state.received.map(({ answer, planId, of }): IRow => {
    const isOld = planId !== state.planId;
    const isOfBefore = isOld && !isEstimate(answer);
    return {
      platform: infos.get(answer.platform) ?? {
        name: answer.platform,
        kind: answer.kind ?? '',
        source: 'configured'
      },
      answer,
      isAsking: (isOld && isPlanning) || answer.platform === state.retrying,
      isStale: of !== state.task || isOfBefore
    };
  });
  const known = new Set(answered.map(row => row.platform.name));
  const silent = state.platforms
    .filter(platform => !known.has(platform.name))
    .map((platform): IRow => ({
      platform,
      answer: null,
      isAsking: isPlanning || platform.name === state.retrying,
      isStale: state.isStale
    }));
  return [...answered.sort(ORDERS[state.sortBy]), ...silent];
}

/** The rows that a person wants to see; "all" may be all but the refusals. */
export function filtered(
  rows: readonly IRow[],
  filter: Filter,
  showRefusals = true
): IRow[] {
  return rows.filter(({ answer }) =>
    filter === 'all'
      ? showRefusals || answer?.verdict !== 'NO'
      : answer?.verdict === filter
  );
}

/** How many refusals are in no list that is on screen. */
export function refusalsLeftOut(
  rows: readonly IRow[],
  { filter, showRefusals }: IPlanState
): number {
  return showRefusals || filter !== 'all' ? 0 : filtered(rows, 'NO').length;
}

/** Count the answers of the current plan. */
export function countsOf(state: IPlanState): ICounts {
  const verdicts = state.received
    .filter(
      ({ planId, answer }) => planId === state.planId && !isEstimate(answer)
    )
    .map(received => received.answer.verdict);
  const count = (verdict: Answer['verdict']): number =>
    verdicts.filter(said => said === verdict).length;
  return {
    asked: state.platforms.length,
    answered: verdicts.length,
    yes: count('YES'),
    no: count('NO'),
    cannotTell: count('CANNOT_TELL')
  };
}

/** Count the answers that hold for the task on screen without anybody having been asked. */
export function estimatesOf(state: IPlanState): { of: number; yes: number } {
  const verdicts = state.received
    .filter(({ of, answer }) => of === state.task && isEstimate(answer))
    .map(({ answer }) => answer.verdict);
  return {
    of: verdicts.length,
    yes: verdicts.filter(verdict => verdict === 'YES').length
  };
}

/** The changes that win most platforms, as the planner found them for the task on screen. */
export function gainsOf({ help, task }: IPlanState): readonly Gain[] {
  return help.of === task ? help.gains : [];
}
