import { Estimator } from '../estimator';
import type { Answer, Estimate, Task } from '../types';
import { FakeService } from './fakes';
import { TASK, yes } from './fixtures';
import { settle } from './setup';

const task = (cores: number): Task => ({
  ...TASK,
  resources: { cores: { min: cores } }
});

function setUp(): {
  service: FakeService;
  estimator: Estimator;
  taken: [Task, Answer[] | undefined][];
} {
  const service = new FakeService();
  const taken: [Task, Answer[] | undefined][] = [];
  const estimator = new Estimator(service, (of, { answers }) =>
    taken.push([of, answers])
  );
  return { service, estimator, taken };
}

describe('Estimator', () => {
  it('sends one at a time, and of those that wait the newest only', async () => {
    const { service, estimator, taken } = setUp();
    const tasks = [task(1), task(2), task(3)];
    tasks.forEach(each => estimator.want(each));
    expect(service.estimated).toEqual([tasks[0]]);
    service.waiting[0]?.([yes('a')]);
    await settle();
    expect(service.estimated).toEqual([tasks[0], tasks[2]]);
    service.waiting[1]?.([yes('b')]);
    await settle();
    expect(taken).toEqual([
      [tasks[0], [yes('a')]],
      [tasks[2], [yes('b')]]
    ]);
  });

  it('drops what comes back after it was stopped, and goes on afterwards', async () => {
    const { service, estimator, taken } = setUp();
    estimator.want(task(1));
    estimator.stop();
    estimator.want(task(2));
    service.waiting[0]?.([yes('old')]);
    service.waiting[1]?.([yes('new')]);
    await settle();
    expect(taken).toEqual([[task(2), [yes('new')]]]);
  });

  it('drops a reply with another id', async () => {
    const { estimator, taken, service } = setUp();
    service.estimate = async (): Promise<Estimate> => ({ id: 'x' });
    estimator.want(task(1));
    await settle();
    expect(taken).toEqual([]);
  });

  it('tries again with the next move when one failed', async () => {
    const { estimator, taken, service } = setUp();
    const { estimate } = service;
    const debug = jest.spyOn(console, 'debug').mockImplementation();
    service.estimate = () => Promise.reject(new Error('offline'));
    estimator.want(task(1));
    await settle();
    expect(debug).toHaveBeenCalled();
    service.estimate = estimate;
    estimator.want(task(2));
    service.waiting[0]?.([]);
    await settle();
    expect(taken).toHaveLength(1);
    debug.mockRestore();
  });
});
