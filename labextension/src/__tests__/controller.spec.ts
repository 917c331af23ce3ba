import type { Line } from '../lines';
import { PREFERENCES } from '../preferences';
import { FailureCodes, RequestFailure } from '../request';
import { GIB, no, plan, TASK, TWELVE } from './fixtures';
import { settle, setUp } from './setup';

const REST = PREFERENCES.debounce;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('PlanController', () => {
  it('asks nobody before the panel is seen', async () => {
    const { source, service } = setUp();
    source.show('a.ipynb');
    await settle();
    expect(service.described).toEqual([]);
  });

  it('describes and plans the notebook in front once the panel is seen', async () => {
    const { source, service, model, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    expect(service.described).toEqual(['a.ipynb']);
    expect(model.state.phase).toBe('done');
    expect(model.state.summary?.best).toBe('Rubin');
    controller.setShown(false);
    controller.setShown(true);
    await settle();
    expect(service.described).toHaveLength(1);
  });

  it('follows to another notebook and comes back without asking again', async () => {
    const { source, service, model, controller } = setUp();
    controller.setShown(true);
    for (const path of ['a.ipynb', 'b.ipynb', 'a.ipynb']) {
      source.show(path);
      await settle();
    }
    expect(service.described).toEqual(['a.ipynb', 'b.ipynb']);
    expect(model.state.phase).toBe('done');
  });

  it('plans at once when a slider is let go', async () => {
    const { source, service, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    controller.setRange('memory', { min: 8 * GIB });
    controller.rest(0);
    jest.advanceTimersByTime(0);
    await settle();
    expect(service.planned[1]?.resources?.memory).toEqual({ min: 8 * GIB });
  });

  it('waits for the last of several key presses', async () => {
    const { source, service, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    for (const gib of [1, 2, 3]) {
      controller.setRange('memory', { min: gib * GIB });
      controller.rest(REST);
      jest.advanceTimersByTime(REST - 1);
    }
    expect(service.planned).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await settle();
    expect(service.planned.map(task => task.resources?.memory?.min)).toEqual([
      16 * GIB,
      3 * GIB
    ]);
  });

  it('estimates at every move, and asks when the control rests', async () => {
    const { source, service, model, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    controller.setRange('memory', { min: 8 * GIB });
    service.waiting[0]?.([no('Rubin', { sure: 'estimate' })]);
    await settle();
    expect(model.state.received.map(({ answer }) => answer.sure)).toEqual([
      'estimate'
    ]);
    expect(service.planned).toHaveLength(1);
    controller.rest(0);
    jest.advanceTimersByTime(0);
    await settle();
    expect(service.planned).toHaveLength(2);
    expect(model.state.received.map(({ answer }) => answer.verdict)).toEqual([
      'YES'
    ]);
  });

  it.each(['ask', 'off'] as const)(
    'estimates nothing when set to %s',
    async livePlanning => {
      const { source, service, model, controller } = setUp();
      source.show('a.ipynb');
      controller.setShown(true);
      await settle();
      model.setPreferences({ livePlanning });
      controller.setRange('memory', { min: 8 * GIB });
      expect(service.estimated).toEqual([]);
    }
  );

  it('stops asking about what is not on screen any more', async () => {
    const { source, service, model, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    void controller.plan();
    controller.setRange('memory', { min: 8 * GIB });
    await settle();
    expect(service.signals[1]?.aborted).toBe(true);
    expect(model.state.phase).toBe('stopped');
  });

  it('drops an estimate that comes after the ask began', async () => {
    const { source, service, model, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    controller.setRange('memory', { min: 8 * GIB });
    await controller.plan();
    service.waiting[0]?.([no('Rubin', { sure: 'estimate' })]);
    await settle();
    expect(model.state.received[0]?.answer.verdict).toBe('YES');
  });

  it('leaves planning to the button when it is not live', async () => {
    const { source, service, model, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    model.setPreferences({ livePlanning: 'off' });
    controller.setRange('memory', { min: GIB });
    controller.rest(0);
    jest.advanceTimersByTime(REST);
    await settle();
    expect(service.planned).toHaveLength(1);
    await controller.plan();
    expect(service.planned).toHaveLength(2);
  });

  it('aborts the plan before when it plans again', async () => {
    const { source, service, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    void controller.plan();
    void controller.plan();
    await settle();
    expect(service.signals.map(signal => signal.aborted)).toEqual([
      true,
      true,
      false
    ]);
  });

  it('makes a change, asks again, and takes it back', async () => {
    const { source, service, model, announcer, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    controller.apply(TWELVE, 'Rubin');
    await settle();
    expect(service.planned[1]?.resources?.memory).toEqual({ min: 12 * GIB });
    jest.advanceTimersByTime(10_000);
    expect(announcer.said.polite).toContain('1 accept');
    controller.undo();
    await settle();
    expect(service.planned[2]).toEqual(TASK);
    expect(model.state.applied).toBeNull();
  });

  it('remembers what a person set across a reload, until it is reset', async () => {
    const { source, service, memory, model, controller } = setUp();
    memory.keep('a.ipynb', { memory: { min: 8 * GIB } });
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    expect(service.planned[0]?.resources?.memory).toEqual({ min: 8 * GIB });
    controller.setRange('cores', { min: 4000 });
    expect(memory.kept.get('a.ipynb')).toEqual({
      memory: { min: 8 * GIB },
      cores: { min: 4000 }
    });
    controller.reset();
    await settle();
    expect(model.state.task?.resources).toEqual(TASK.resources);
    expect(memory.kept.get('a.ipynb')).toEqual({});
  });

  it('drops answers that belong to another plan', async () => {
    const { source, service, model, controller } = setUp();
    service.lines = [
      [
        { type: 'plan', plan: plan('p1', 'Rubin') },
        { type: 'answer', id: 'p0', answer: no('Rubin') },
        { type: 'alive' },
        { type: 'summary', id: 'p1', summary: {} }
      ]
    ];
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    expect(model.state.received).toEqual([]);
    expect(model.state.phase).toBe('done');
  });

  it.each([
    [
      'the server ends the plan',
      [{ type: 'error', error: { code: 'x', message: 'm' } }],
      'x'
    ],
    [
      'the stream breaks off',
      [{ type: 'plan', plan: plan('p1', 'Rubin') }],
      FailureCodes.garbled
    ]
  ] as [string, Line[], string][])(
    'says so when %s',
    async (_, lines, code) => {
      const { source, service, model, announcer, controller } = setUp();
      service.lines = [lines];
      source.show('a.ipynb');
      controller.setShown(true);
      await settle();
      expect(model.state.failure?.code).toBe(code);
      expect(announcer.said.urgent).not.toBe('');
    }
  );

  it('shows why a notebook could not be described, and does not try for ever', async () => {
    const { source, service, model, controller } = setUp();
    service.failure = new RequestFailure({
      code: 'notebook-unreadable',
      message: 'cell 3 is no cell'
    });
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    source.changed.emit();
    await settle();
    expect(service.described).toHaveLength(1);
    expect(model.state.failure?.message).toBe('cell 3 is no cell');
  });

  it('stops on request and keeps what came', async () => {
    const { source, model, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    void controller.plan();
    controller.stop();
    await settle();
    expect(model.state.phase).toBe('stopped');
    expect(model.state.received).toHaveLength(1);
    expect(model.state.failure).toBeNull();
  });

  it('asks nobody after it was disposed', async () => {
    const { source, service, controller } = setUp();
    controller.setShown(true);
    controller.dispose();
    source.show('a.ipynb');
    await settle();
    expect(service.described).toEqual([]);
  });
});
