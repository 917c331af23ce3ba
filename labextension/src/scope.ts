/** Who is asked: everybody, or all but the platforms that a person hides. */
import type { Line } from './lines';
import type { PlanModel } from './model';
import { FailureCodes, RequestFailure, type IPlanService } from './request';
import type { IPlanState } from './state';
import { leaveIf } from './turns';
import type { PlanRequest, PlatformList, Task } from './types';

/** What a plan is asked for besides its task. */
export type Question = Omit<PlanRequest, 'task'>;

export interface IScopeService {
  /** Every platform that can be asked. */
  platforms(): Promise<PlatformList>;
}

/** A state without the platforms that are hidden; the same one when none of its platforms is. */
export function withoutHidden(state: IPlanState): IPlanState {
  const hidden = new Set(state.hiddenPlatforms);
  if (!state.platforms.some(({ name }) => hidden.has(name))) {
    return state;
  }
  return {
    ...state,
    platforms: state.platforms.filter(({ name }) => !hidden.has(name)),
    received: state.received.filter(
      ({ answer }) => !hidden.has(answer.platform)
    ),
    help: { gains: [], of: null },
    summary: null
  };
}

/** Whom to estimate or draw without looking the list up; undefined is everybody. */
export function namesKnown(state: IPlanState): string[] | undefined {
  return state.hiddenPlatforms.length === 0 || state.platforms.length === 0
    ? undefined
    : state.platforms.map(({ name }) => name);
}

/** How long a plan may take; nothing when that is left to the server. */
export function deadlineOf({ answerDeadline }: IPlanState): Question {
  return answerDeadline > 0 ? { timeout: answerDeadline } : {};
}

/**
 * Ask everybody but those who are hidden, and show who that is.
 *
 * @throws RequestFailure when everybody is hidden: an empty list would ask everybody.
 */
export async function* askUnhidden(
  { model, service }: { model: PlanModel; service: IPlanService },
  task: Task,
  signal: AbortSignal
): AsyncGenerator<Line> {
  const { state } = model;
  const question = deadlineOf(state);
  if (state.hiddenPlatforms.length === 0) {
    model.setHidden([]);
    yield* service.plan(task, signal, question);
    return;
  }
  const all = (await service.platforms()).platforms.map(({ name }) => name);
  leaveIf(signal);
  const hidden = all.filter(name => state.hiddenPlatforms.includes(name));
  const platforms = all.filter(name => !hidden.includes(name));
  model.setHidden(hidden);
  if (platforms.length === 0 && hidden.length > 0) {
    throw new RequestFailure({
      code: FailureCodes.hidden,
      message: 'Every platform is hidden.'
    });
  }
  yield* service.plan(task, signal, { ...question, platforms });
}
