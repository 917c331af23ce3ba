import { kept, withCliffs } from '../received';
import type { Answer, Cliff, Task } from '../types';
import { GIB, TASK, yes } from './fixtures';

const estimate = (took: number): Answer => yes('a', { sure: 'estimate', took });
const memory: Cliff = {
  field: '/resources/memory/min',
  at: 12 * GIB,
  message: 'm'
};
const cores: Cliff = { field: '/resources/cores/min', at: 8000, message: 'c' };
const before = {
  answer: yes('a', { cliffs: [memory, cores] }),
  planId: 'p1',
  of: TASK
};
const moved = (resources: Task['resources']): Task => ({ ...TASK, resources });

describe('kept', () => {
  it('keeps the estimate before when the new one says the same', () => {
    const one = estimate(1);
    expect(kept(one, estimate(2))).toBe(one);
    expect(kept(one, yes('a', { sure: 'asked' })).sure).toBe('asked');
    expect(kept(undefined, one)).toBe(one);
  });
});

describe('withCliffs', () => {
  it('takes over those along the one quantity that moved', () => {
    const task = moved({ ...TASK.resources, memory: { min: GIB } });
    expect(withCliffs(estimate(1), task, before).cliffs).toEqual([memory]);
  });

  it('takes over all when nothing moved, and none when more than one did', () => {
    expect(withCliffs(estimate(1), TASK, before).cliffs).toEqual([
      memory,
      cores
    ]);
    const task = moved({ memory: { min: GIB }, cores: { min: 2000 } });
    expect(withCliffs(estimate(1), task, before).cliffs).toBeUndefined();
  });

  it('leaves an estimate its own', () => {
    const own = { ...estimate(1), cliffs: [cores] };
    expect(withCliffs(own, TASK, before)).toBe(own);
  });
});
