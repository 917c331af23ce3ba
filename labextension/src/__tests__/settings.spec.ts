import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import { filtered, refusalsLeftOut, rowsOf } from '../rows';
import { followSettings } from '../settings';
import { complete } from './fakes';
import { GIB, no, plan, TASK, yes } from './fixtures';
import { settle, setUp } from './setup';

/** Settings that a test changes as a person would in the settings editor. */
class FakeSettings {
  readonly changed = new Signal<this, void>(this);
  constructor(private values: Record<string, unknown>) {}

  get(name: string): { composite: unknown } {
    return { composite: this.values[name] };
  }

  change(values: Record<string, unknown>): void {
    this.values = { ...this.values, ...values };
    this.changed.emit();
  }
}

type Parts = ReturnType<typeof setUp> & { settings: FakeSettings };

/** A planned notebook on screen, with settings that were read. */
async function start(values: Record<string, unknown> = {}): Promise<Parts> {
  const parts = setUp();
  const settings = new FakeSettings(values);
  const registry = { load: async () => settings };
  followSettings(
    registry as unknown as ISettingRegistry,
    parts.model,
    parts.memory,
    parts.controller
  );
  await settle();
  parts.source.show('a.ipynb');
  parts.controller.setShown(true);
  await settle();
  return { ...parts, settings };
}

const names = ({ model }: Parts): string[] =>
  rowsOf(model.state).map(row => row.platform.name);

describe('the settings', () => {
  it('that make no sense are as if they were not set', async () => {
    const { model } = await start({
      livePlanning: 'often',
      debounce: -1,
      hiddenPlatforms: 'Rubin',
      defaultResources: null,
      announce: 7
    });
    expect(model.state).toMatchObject({
      livePlanning: 'estimate',
      debounce: 400,
      hiddenPlatforms: [],
      defaultResources: {},
      announce: 'all'
    });
  });

  it('say how long a plan may take, from the next one on', async () => {
    const { service, settings, controller } = await start();
    settings.change({ answerDeadline: 7 });
    await controller.plan();
    await controller.retry('Rubin');
    expect(service.questions).toEqual([
      {},
      { timeout: 7 },
      { timeout: 7, platforms: ['Rubin'] }
    ]);
  });

  it('leave a hidden platform unasked and say that they do', async () => {
    const parts = await start();
    const { service, settings, model } = parts;
    service.known = ['Rubin', 'Gaia'];
    service.lines = [
      [
        { type: 'plan', plan: plan('p2', 'Gaia') },
        { type: 'answer', id: 'p2', answer: yes('Gaia') },
        { type: 'summary', id: 'p2', summary: { yes: 1 } }
      ]
    ];
    settings.change({ hiddenPlatforms: ['Rubin', 'nobody'] });
    expect(names(parts)).toEqual([]);
    await settle();
    expect(service.asked).toEqual([undefined, ['Gaia']]);
    expect(model.state.hidden).toEqual(['Rubin']);
    expect(names(parts)).toEqual(['Gaia']);

    settings.change({ hiddenPlatforms: [] });
    await settle();
    expect(service.asked[2]).toBeUndefined();
    expect(model.state.hidden).toEqual([]);
  });

  it('that hide everybody ask nobody', async () => {
    const { service, settings, model } = await start();
    settings.change({ hiddenPlatforms: ['Rubin'] });
    await settle();
    expect(service.planned).toHaveLength(1);
    expect(model.state.failure?.code).toBe('all-hidden');
  });

  it('estimate without the hidden platforms', async () => {
    const { service, controller } = await start({ hiddenPlatforms: ['Gaia'] });
    controller.setRange('cores', { min: 2000 });
    expect(service.judged).toEqual([['Rubin']]);
  });

  it('fill in what a notebook does not say, and nothing else', async () => {
    const { model, settings, service } = await start({
      defaultResources: { memory: 2, duration: 90, cores: 0 }
    });
    expect(model.state.task?.resources).toEqual({
      cores: { min: 1000 },
      memory: { min: 16 * GIB },
      duration: { min: 5400 }
    });
    settings.change({ defaultResources: { duration: 60, gpus: 1 } });
    await settle();
    expect(service.described).toHaveLength(2);
    expect(model.state.task?.resources).toMatchObject({
      duration: { min: 3600 },
      gpus: { min: 1 }
    });
  });

  it('change nobody is asked about while planning is not live', async () => {
    const { service, settings } = await start({ livePlanning: 'off' });
    settings.change({ hiddenPlatforms: ['Gaia'], defaultResources: {} });
    await settle();
    expect(service.planned).toHaveLength(1);
  });

  it('leave refusals out of all answers, not out of the refusals', async () => {
    const { model, settings } = await start();
    model.setTask(TASK);
    model.startPlanning();
    model.openPlan(plan('p9', 'Rubin', 'Gaia'));
    model.addAnswer('p9', no('Rubin'));
    const rows = rowsOf(model.state);
    settings.change({ showRefusals: false });
    const { showRefusals } = model.state;
    expect(filtered(rows, 'all', showRefusals)).toHaveLength(1);
    expect(filtered(rows, 'NO', showRefusals)).toHaveLength(1);
    expect(refusalsLeftOut(rows, model.state)).toBe(1);
  });

  it.each([
    ['all', ['Planning.', 'Done. 1 accept, 0 refuse, 0 cannot tell.']],
    ['summary', ['Done. 1 accept, 0 refuse, 0 cannot tell.']],
    ['off', []]
  ])('announce %s', async (announce, expected) => {
    jest.useFakeTimers();
    const { announcer, settings, service, controller } = await start();
    jest.advanceTimersByTime(10_000);
    settings.change({ announce });
    const heard: string[] = [];
    announcer.changed.connect((_, { polite }) => heard.push(polite));
    service.lines = [complete('p2')];
    void controller.plan();
    await settle();
    jest.advanceTimersByTime(10_000);
    expect(heard.map(words => words.replace(/ Best.*/, ''))).toEqual(expected);
    announcer.alert('broken');
    expect(announcer.said.urgent).toBe('broken');
    jest.useRealTimers();
  });

  it('wait as long as they say before they ask', async () => {
    const { settings, model } = await start();
    settings.change({ debounce: 1500 });
    expect(model.state.debounce).toBe(1500);
  });
});
