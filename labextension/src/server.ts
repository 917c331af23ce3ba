/** Whether the server part speaks the JSON that this panel knows. */
import { problemOf } from './failures';
import type { PlanModel } from './model';
import { FailureCodes } from './request';
import type { IOtherServer } from './state';
import type { PlatformList } from './types';

/** Version of the JSON that this panel knows; the server names its own in its list of platforms. */
export const WIRE = 2;

export interface IListService {
  platforms(): Promise<PlatformList>;
}

/** Find out whether the server part is of another age; null when it is not, or cannot be told. */
export async function otherServer(
  service: IListService
): Promise<IOtherServer | null> {
  try {
    const { wire = 0, version } = await service.platforms();
    return wire === WIRE
      ? null
      : { age: wire < WIRE ? 'older' : 'newer', version };
  } catch (error) {
    return problemOf(error).code === FailureCodes.older
      ? { age: 'older', version: '' }
      : null;
  }
}

/** Ask once, when the server part was first of use; nothing waits for it. */
export function meetServer(model: PlanModel, service: IListService): void {
  const meet = (): void => {
    if (model.state.task !== null) {
      model.changed.disconnect(meet);
      void otherServer(service).then(server => model.setServer(server));
    }
  };
  model.changed.connect(meet);
}
