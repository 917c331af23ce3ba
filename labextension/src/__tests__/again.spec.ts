import { FailureCodes } from '../request';
import { rowsOf } from '../rows';
import type { Answer } from '../types';
import { GIB, no, plan, TASK, yes } from './fixtures';
import { settle, setUp } from './setup';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('asking one platform again', () => {
  it('asks one platform again, and keeps what the others said', async () => {
    const { source, service, model, controller } = setUp();
    const silent: Answer = { platform: 'Alps', verdict: 'CANNOT_TELL' };
    service.lines = [
      [
        { type: 'plan', plan: plan('p1', 'Rubin', 'Alps') },
        { type: 'answer', id: 'p1', answer: no('Rubin') },
        { type: 'answer', id: 'p1', answer: silent },
        { type: 'summary', id: 'p1', summary: {} }
      ],
      [
        { type: 'plan', plan: plan('p2', 'Alps') },
        { type: 'answer', id: 'p2', answer: yes('Alps') },
        { type: 'summary', id: 'p2', summary: {} }
      ]
    ];
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    await controller.retry('Alps');
    expect(service.asked).toEqual([undefined, ['Alps']]);
    expect(model.state.platforms).toHaveLength(2);
    expect(rowsOf(model.state)).toMatchObject([
      { answer: { platform: 'Alps', verdict: 'YES' }, isStale: false },
      { answer: { platform: 'Rubin', verdict: 'NO' }, isStale: false }
    ]);
  });

  it('keeps the answer when asking again fails', async () => {
    const { source, service, model, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    service.lines = [[]];
    await controller.retry('Rubin');
    expect(model.state).toMatchObject({ phase: 'done', retrying: '' });
    expect(model.state.failure?.code).toBe(FailureCodes.garbled);
    expect(model.state.received).toHaveLength(1);
  });
});

describe('the list of answers', () => {
  it('remembers how the answers are listed', () => {
    const { memory, model, controller } = setUp();
    controller.setView({ filter: 'NO' });
    expect(model.state.filter).toBe('NO');
    expect(memory.view).toEqual({ sortBy: 'best', filter: 'NO' });
  });
});

describe('a link', () => {
  it('plans with the resources of a link, once, over what was kept', async () => {
    const { source, service, memory, model, controller } = setUp();
    memory.keep('a.ipynb', { memory: { min: 8 * GIB }, gpus: { min: 1 } });
    controller.followLink({ memory: { min: 3 * GIB } });
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    expect(service.planned[0]?.resources).toEqual({
      ...TASK.resources,
      memory: { min: 3 * GIB },
      gpus: { min: 1 }
    });
    expect(model.state.link).toBe('taken');
    expect(memory.kept.get('a.ipynb')?.memory).toEqual({ min: 3 * GIB });
    controller.setRange('cores', { min: 1000 });
    expect(model.state.link).toBe('none');
    await controller.describe();
    expect(model.state.link).toBe('none');
  });

  it('says that a link could not be read, and plans without it', async () => {
    const { source, service, model, announcer, controller } = setUp();
    source.show('a.ipynb');
    controller.setShown(true);
    await settle();
    controller.followLink(null);
    await settle();
    expect(service.planned[1]).toEqual(TASK);
    expect(model.state.link).toBe('bad');
    expect(announcer.said.urgent).toMatch(/^The resources in the link/);
    model.closeLink();
    expect(model.state.link).toBe('none');
  });
});
