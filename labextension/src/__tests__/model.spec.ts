import { PlanModel } from '../model';
import { GIB, no, plan, TASK, TWELVE, yes } from './fixtures';

function planning(id = 'p1', ...names: string[]): PlanModel {
  const model = new PlanModel();
  model.setTask(TASK);
  model.startPlanning();
  model.openPlan(plan(id, ...names));
  return model;
}

describe('PlanModel', () => {
  it('takes answers of the current plan', () => {
    const model = planning('p1', 'Rubin');
    expect(model.addAnswer('p1', yes('Rubin'))).toBe(true);
    expect(model.state.received).toHaveLength(1);
  });

  it('drops answers of an older plan', () => {
    const model = planning('p1', 'Rubin');
    model.startPlanning();
    expect(model.addAnswer('p1', yes('Rubin'))).toBe(false);
    model.openPlan(plan('p2', 'Rubin'));
    expect(model.addAnswer('p1', yes('Rubin'))).toBe(false);
    expect(model.state.received).toEqual([]);
  });

  it('drops the summary of an older plan', () => {
    const model = planning('p2', 'Rubin');
    model.closePlan('p1', { yes: 1 });
    expect(model.state.phase).toBe('planning');
    model.closePlan('p2', { yes: 1 });
    expect(model.state.phase).toBe('done');
  });

  it('keeps old answers until the new ones replace them', () => {
    const model = planning('p1', 'Rubin', 'Gaia');
    model.addAnswer('p1', no('Rubin'));
    model.addAnswer('p1', yes('Gaia'));
    model.startPlanning();
    model.openPlan(plan('p2', 'Rubin'));
    expect(model.state.received).toEqual([
      { answer: no('Rubin'), planId: 'p1', of: TASK }
    ]);
    model.addAnswer('p2', yes('Rubin'));
    expect(model.state.received).toEqual([
      { answer: yes('Rubin'), planId: 'p2', of: TASK }
    ]);
  });

  it('marks answers stale once a resource changes', () => {
    const model = planning('p1', 'Rubin');
    model.addAnswer('p1', no('Rubin'));
    model.setRange('memory', { min: 8 * GIB });
    expect(model.state.isStale).toBe(true);
    expect(model.state.task?.resources?.memory).toEqual({ min: 8 * GIB });
    expect(TASK.resources?.memory).toEqual({ min: 16 * GIB });
  });

  it('makes a change and takes it back', () => {
    const model = planning('p1', 'Rubin');
    model.apply(TWELVE, 'Rubin');
    expect(model.state.task?.resources?.memory?.min).toBe(12 * GIB);
    expect(model.state.applied?.platform).toBe('Rubin');
    model.undo();
    expect(model.state.task).toEqual(TASK);
    expect(model.state.applied).toBeNull();
  });

  it('cannot take back a change after the person went on by hand', () => {
    const model = planning('p1', 'Rubin');
    model.apply(TWELVE, 'Rubin');
    model.setRange('memory', { min: GIB });
    model.undo();
    expect(model.state.task?.resources?.memory?.min).toBe(GIB);
  });

  it('keeps what a person set when the notebook is read again', () => {
    const model = planning('p1', 'Rubin');
    model.setRange('memory', { min: 8 * GIB });
    model.startDescribing();
    expect(model.state.task).not.toBeNull();
    model.setTask({ ...TASK, resources: { cores: { min: 2000 } } });
    expect(model.state.task?.resources).toEqual({
      cores: { min: 2000 },
      memory: { min: 8 * GIB }
    });
  });

  it('keeps task and answers of each notebook apart', () => {
    const model = new PlanModel();
    const at = (path: string): void =>
      model.setNotebook({ path, name: path, isDirty: false, isEdited: false });
    at('a.ipynb');
    model.setTask(TASK);
    at('b.ipynb');
    expect(model.state.task).toBeNull();
    at('a.ipynb');
    expect(model.state.task).toEqual(TASK);
  });

  it('stops a plan that is left for another notebook', () => {
    const model = planning('p1', 'Rubin');
    model.setNotebook({
      path: 'b.ipynb',
      name: 'b',
      isDirty: false,
      isEdited: false
    });
    model.setNotebook(null);
    expect(model.state.phase).toBe('stopped');
  });

  it('tells every step to whoever listens', () => {
    const model = new PlanModel();
    const phases: string[] = [];
    model.changed.connect((_, state) => phases.push(state.phase));
    model.startDescribing();
    model.setTask(TASK);
    model.startPlanning();
    model.stop();
    expect(phases).toEqual(['describing', 'described', 'planning', 'stopped']);
  });

  it('goes on to the next state after a failure', () => {
    const model = new PlanModel();
    model.startDescribing();
    model.fail({ code: 'offline', message: 'no' });
    expect(model.state.phase).toBe('idle');
    model.setTask(TASK);
    expect(model.state.failure).toBeNull();
  });
});
