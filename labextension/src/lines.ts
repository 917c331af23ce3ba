/** The plan stream: bytes to lines of JSON, lines to what they say. */
import type {
  AliveLine,
  Answer,
  AnswerLine,
  ErrorLine,
  Plan,
  PlanLine,
  Problem,
  SummaryLine
} from './types';

/** One thing the planner says while it plans. */
export type Line = PlanLine | AnswerLine | SummaryLine | AliveLine | ErrorLine;

/** Longest line taken, in characters; a plan's lines are a few thousand. */
const LINE_LIMIT = 4_000_000;

const VERDICTS: readonly unknown[] = ['YES', 'NO', 'CANNOT_TELL'];

/** The stream is not what the planner speaks. */
export class StreamError extends Error {}

/** Split a stream of bytes into lines; characters and lines may span chunks. */
export async function* readLines(
  body: ReadableStream<Uint8Array>
): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      if (rest.length > LINE_LIMIT) {
        throw new StreamError('A line of the plan is too long.');
      }
      yield* lines.filter(line => line.trim() !== '');
      if (done) {
        return;
      }
    }
  } finally {
    // Also when the consumer leaves early: the server then stops asking.
    await reader.cancel().catch(() => undefined);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAnswer(value: unknown): value is Answer {
  return (
    isRecord(value) &&
    typeof value.platform === 'string' &&
    VERDICTS.includes(value.verdict)
  );
}

function isPlan(value: unknown): value is Plan {
  return (
    isRecord(value) && typeof value.id === 'string' && isRecord(value.task)
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** An error as the server words it, or null when it is something else. */
export function parseProblem(value: unknown): Problem | null {
  if (!isRecord(value)) {
    return null;
  }
  const [code, message, hint, field, accepted] = [
    value.code,
    value.message,
    value.hint,
    value.field,
    value.accepted
  ].map(textOf) as [string, string, string, string, string];
  return code === '' || message === ''
    ? null
    : { code, message, hint, field, accepted };
}

/**
 * What one line says; null for a line of a kind this version does not know.
 *
 * @throws StreamError when a known kind lacks what it has to hold.
 */
export function parseLine(text: string): Line | null {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw new StreamError('A line of the plan is not JSON.');
  }
  if (!isRecord(line)) {
    throw new StreamError('A line of the plan is not an object.');
  }
  const { type, id, plan, answer, summary, error } = line;
  switch (type) {
    case 'plan':
      if (isPlan(plan)) {
        return { type, plan };
      }
      break;
    case 'answer':
      if (typeof id === 'string' && isAnswer(answer)) {
        return { type, id, answer };
      }
      break;
    case 'summary':
      if (typeof id === 'string' && isRecord(summary)) {
        return { type, id, summary };
      }
      break;
    case 'error': {
      const problem = parseProblem(error);
      if (problem !== null) {
        return { type, error: problem };
      }
      break;
    }
    case 'alive':
      return { type };
    default:
      return null;
  }
  throw new StreamError(`A line of the plan is incomplete: ${type}.`);
}
