/** A controller with everything around it made up. */
import { nullTranslator } from '@jupyterlab/translation';
import { Announcer } from '../announce';
import { PlanController } from '../controller';
import { PlanModel } from '../model';
import { FakeMemory, FakeService, FakeSource } from './fakes';

const trans = nullTranslator.load('');

export function setUp(): {
  source: FakeSource;
  service: FakeService;
  model: PlanModel;
  announcer: Announcer;
  memory: FakeMemory;
  controller: PlanController;
} {
  const model = new PlanModel();
  const parts = {
    source: new FakeSource(),
    service: new FakeService(),
    model,
    announcer: new Announcer(() => model.state.announce),
    memory: new FakeMemory()
  };
  return { ...parts, controller: new PlanController({ ...parts, trans }) };
}

/** Let every promise that is ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await Promise.resolve();
  }
}
