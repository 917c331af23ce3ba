import { PlanModel } from '../model';
import { countsOf, estimatesOf, filtered, gainsOf, rowsOf } from '../rows';
import type { Filter } from '../state';
import type { Answer } from '../types';
import { no, plan, TASK, TWELVE, yes } from './fixtures';

function modelOf(...names: string[]): PlanModel {
  const model = new PlanModel();
  model.setTask(TASK);
  model.startPlanning();
  model.openPlan(plan('p1', ...names));
  return model;
}

const names = (model: PlanModel): string[] =>
  rowsOf(model.state).map(row => row.platform.name);

describe('rowsOf', () => {
  it('lists every platform at once, those without an answer as asking', () => {
    const model = modelOf('Rubin', 'Gaia');
    model.addAnswer('p1', yes('Gaia'));
    expect(rowsOf(model.state).map(row => row.isAsking)).toEqual([false, true]);
    expect(names(model)).toEqual(['Gaia', 'Rubin']);
  });

  it('puts the best first: YES, then NO with a change, then NO, then CANNOT TELL', () => {
    const model = modelOf('a', 'b', 'c', 'd', 'e');
    model.addAnswer('p1', { platform: 'a', verdict: 'CANNOT_TELL' });
    model.addAnswer('p1', no('b', { changes: [] }));
    model.addAnswer('p1', no('c'));
    model.addAnswer('p1', yes('d', { now: 'NO' }));
    model.addAnswer('p1', yes('e', { now: 'YES' }));
    expect(names(model)).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it.each([
    ['name', ['a', 'b', 'c']],
    ['soonest', ['c', 'a', 'b']]
  ] as const)('sorts by %s when a person prefers it', (sortBy, expected) => {
    const model = modelOf('a', 'b', 'c');
    const starting = (latest: number): Partial<Answer> => ({
      offers: [{ service_type: 'uri://x', start: { latest } }]
    });
    model.setPreferences({ sortBy });
    model.addAnswer('p1', no('b'));
    model.addAnswer('p1', yes('a', { now: 'YES', ...starting(600) }));
    model.addAnswer('p1', yes('c', { now: 'NO', ...starting(60) }));
    expect(names(model)).toEqual(expected);
  });

  it('are filtered by verdict', () => {
    const model = modelOf('a', 'b', 'c');
    model.addAnswer('p1', no('a'));
    model.addAnswer('p1', yes('b'));
    const rows = rowsOf(model.state);
    const shown = (filter: Filter): string[] =>
      filtered(rows, filter).map(row => row.platform.name);
    expect(shown('all')).toEqual(['b', 'a', 'c']);
    expect(shown('NO')).toEqual(['a']);
    expect(shown('CANNOT_TELL')).toEqual([]);
  });

  it('shows the answer before as stale while a platform is asked again', () => {
    const model = modelOf('Rubin');
    model.addAnswer('p1', no('Rubin'));
    model.startPlanning();
    expect(rowsOf(model.state)[0]).toMatchObject({
      isAsking: true,
      isStale: true
    });
  });

  it('asks nobody any more after a stop', () => {
    const model = modelOf('Rubin');
    model.stop();
    expect(rowsOf(model.state)[0]).toMatchObject({
      isAsking: false,
      answer: null
    });
  });
});

describe('countsOf', () => {
  it('counts answers of the current plan only', () => {
    const model = modelOf('Rubin', 'Gaia');
    model.addAnswer('p1', yes('Rubin'));
    model.startPlanning();
    model.openPlan(plan('p2', 'Rubin', 'Gaia'));
    model.addAnswer('p2', no('Gaia'));
    expect(countsOf(model.state)).toEqual({
      asked: 2,
      answered: 1,
      yes: 0,
      no: 1,
      cannotTell: 0
    });
  });
});

describe('estimates', () => {
  const estimate = (name: string): Answer =>
    yes(name, { sure: 'estimate', offers: [] });

  it('counts those of the task on screen apart from the answers', () => {
    const model = modelOf('a', 'b');
    model.addAnswer('p1', no('a'));
    model.addAnswer('p1', no('b'));
    model.setRange('cores', { min: 2000 });
    const { task } = model.state;
    expect(task).not.toBeNull();
    model.takeEstimate(task ?? TASK, { id: '1', answers: [estimate('a')] });
    expect(estimatesOf(model.state)).toEqual({ of: 1, yes: 1 });
    expect(countsOf(model.state)).toMatchObject({ asked: 2, answered: 1 });
    const stale = rowsOf(model.state).map(row => [
      row.platform.name,
      row.isStale
    ]);
    expect(stale).toEqual([
      ['a', false],
      ['b', true]
    ]);
  });

  it('are stale as soon as the task is another one', () => {
    const model = modelOf('a');
    model.takeEstimate(TASK, { id: '1', answers: [estimate('a')] });
    model.setRange('cores', { min: 2000 });
    expect(rowsOf(model.state)[0]?.isStale).toBe(true);
  });
});

describe('gainsOf', () => {
  const gains = [{ change: TWELVE, platforms: ['b'] }];

  it('are those that the planner found for the task on screen', () => {
    const model = modelOf('a');
    model.closePlan('p1', { no: 1, gains });
    expect(gainsOf(model.state)).toEqual(gains);
    model.setRange('cores', { min: 2000 });
    expect(gainsOf(model.state)).toEqual([]);
  });
});
