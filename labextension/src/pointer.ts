/** JSON pointers (RFC 6901) into a task: read a value, make the edits of a change. */
import type { Edit, Task } from './types';

type Json = unknown;

function tokens(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(token => token.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function isContainer(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null;
}

/** The value a pointer names, or undefined where the path ends early. */
export function valueAt(root: Json, pointer: string): Json {
  let value = root;
  for (const token of tokens(pointer)) {
    if (!isContainer(value) || !Object.hasOwn(value, token)) {
      return undefined;
    }
    value = value[token];
  }
  return value;
}

function withValue(root: Json, path: readonly string[], after: Json): Json {
  if (path.length === 0) {
    return after;
  }
  const [token, ...rest] = path as [string, ...string[]];
  if (token === '__proto__') {
    throw new Error(`${token} is no field of a task`);
  }
  if (Array.isArray(root)) {
    return root.map((item, index) =>
      String(index) === token ? withValue(item, rest, after) : item
    );
  }
  const { [token]: before, ...others } = isContainer(root) ? root : {};
  const value = withValue(before, rest, after);
  // An absent field and an open end are the same thing on the wire.
  return value === null || value === undefined
    ? others
    : { ...others, [token]: value };
}

/** A copy of the task with the edits made; the task itself stays as it is. */
export function applyEdits(task: Task, edits: readonly Edit[]): Task {
  return edits.reduce(
    (edited, edit) =>
      withValue(edited, tokens(edit.field), edit.after ?? null) as Task,
    task
  );
}
