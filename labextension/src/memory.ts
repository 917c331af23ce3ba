/** What a person set for each notebook, kept across reloads of the page. */
import type { IStateDB } from '@jupyterlab/statedb';
import { NAME } from './tokens';
import type { Resources } from './types';

/** Remembers resources by the path of their notebook. */
export interface IMemory {
  recall(path: string): Promise<Resources>;
  keep(path: string, resources: Resources): void;
}

function isResources(value: unknown): value is Resources {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(
      range => typeof range === 'object' && range !== null
    )
  );
}

/** Keeps resources in the front end's state; without one, nothing is kept. */
export class Memory implements IMemory {
  constructor(private readonly state: IStateDB | null) {}

  async recall(path: string): Promise<Resources> {
    const kept: unknown = await this.state
      ?.fetch(`${NAME}:${path}`)
      .catch(() => null);
    return isResources(kept) ? kept : {};
  }

  keep(path: string, resources: Resources): void {
    const value = JSON.parse(JSON.stringify(resources));
    this.state?.save(`${NAME}:${path}`, value).catch((reason: unknown) => {
      console.debug(`${NAME}: the resources are not kept`, reason);
    });
  }
}
