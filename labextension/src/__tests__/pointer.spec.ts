import { applyEdits, valueAt } from '../pointer';
import type { Task } from '../types';
import { GIB, TASK, TWELVE } from './fixtures';

describe('applyEdits', () => {
  it('sets one value and leaves the task it was given alone', () => {
    const before = JSON.stringify(TASK);
    const edited = applyEdits(TASK, TWELVE.edits);
    expect(edited.resources?.memory).toEqual({ min: 12 * GIB });
    expect(edited.resources?.cores).toEqual({ min: 1000 });
    expect(JSON.stringify(TASK)).toBe(before);
  });

  it('makes several edits together', () => {
    const edited = applyEdits(TASK, [
      { field: '/resources/cores/min', before: 1000, after: 2000 },
      { field: '/resources/duration/max', after: 3600 }
    ]);
    expect(edited.resources?.cores).toEqual({ min: 2000 });
    expect(edited.resources?.duration).toEqual({ max: 3600 });
  });

  it('removes a value that the change takes away', () => {
    const edited = applyEdits(TASK, [{ field: '/resources/memory/min' }]);
    expect(edited.resources?.memory).toEqual({});
  });

  it('reaches into lists and unescapes names', () => {
    const task = {
      ...TASK,
      software: [{ name: 'a' }, { name: 'b' }],
      evidence: { 'x/y~z': [] }
    } as Task;
    const edited = applyEdits(task, [
      { field: '/software/1/version', after: '==2' }
    ]);
    expect(valueAt(edited, '/software/1/version')).toBe('==2');
    expect(valueAt(edited, '/software/0/version')).toBeUndefined();
    expect(valueAt(task, '/evidence/x~1y~0z')).toEqual([]);
  });

  it('does not reach the prototype', () => {
    expect(() =>
      applyEdits(TASK, [{ field: '/__proto__/polluted', after: 1 }])
    ).toThrow();
    expect(valueAt(TASK, '/constructor/name')).toBeUndefined();
  });
});
