/** The answers received: one for each platform; those that say the same stay the same object. */
import type { IReceived } from './state';
import type { Answer, Nearest, Task } from './types';

/** What an answer says, apart from when and how fast it was said. */
function said(answer: Answer): string {
  return JSON.stringify({ ...answer, at: 0, took: 0, age: 0 });
}

/** The estimate before where the new one says the same, else the new answer. */
export function kept(before: Answer | undefined, answer: Answer): Answer {
  return answer.sure === 'estimate' &&
    before !== undefined &&
    said(before) === said(answer)
    ? before
    : answer;
}

/** The resources in which two tasks differ, by name. */
function differing(one: Task, other: Task): string[] {
  const [before, after] = [one, other].map(
    task => new Map(Object.entries(task.resources ?? {}))
  ) as [Map<string, unknown>, Map<string, unknown>];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter(
    name => JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name))
  );
}

/**
 * An estimate without cliffs takes over those that still hold: along the one
 * quantity that moved, all else as it was.
 */
export function withCliffs(
  answer: Answer,
  of: Task,
  before: IReceived | undefined
): Answer {
  const cliffs = before?.answer.cliffs ?? [];
  if (before === undefined || answer.cliffs || cliffs.length === 0) {
    return answer;
  }
  const moved = differing(before.of, of);
  if (moved.length > 1) {
    return answer;
  }
  const [name] = moved;
  return {
    ...answer,
    cliffs: cliffs.filter(
      ({ field }) =>
        name === undefined || field.startsWith(`/resources/${name}/`)
    )
  };
}

/** The answers received, some of them new; a platform keeps one. */
export function replaced(
  received: readonly IReceived[],
  answers: readonly Answer[],
  planId: string,
  of: Task
): readonly IReceived[] {
  const before = new Map(received.map(one => [one.answer.platform, one]));
  const names = new Set(answers.map(answer => answer.platform));
  return [
    ...received.filter(({ answer }) => !names.has(answer.platform)),
    ...answers.map(answer => ({
      answer: kept(before.get(answer.platform)?.answer, answer),
      planId,
      of
    }))
  ];
}

/** What a search found joins the answer to the same task. */
export function withNearest(
  received: readonly IReceived[],
  of: Task,
  { platform, cliffs = [] }: Nearest
): readonly IReceived[] {
  return received.map(one =>
    one.of === of && one.answer.platform === platform
      ? { ...one, answer: { ...one.answer, cliffs } }
      : one
  );
}
