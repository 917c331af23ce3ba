/** What a person set for each notebook, kept across reloads of the page. */
import type { IStateDB } from '@jupyterlab/statedb';
import { NAME } from './tokens';
import { readView, type IView } from './state';
import type { Resources } from './types';

/** Remembers resources by the path of their notebook, and the view of all answers. */
export interface IMemory {
  recall(path: string): Promise<Resources>;
  keep(path: string, resources: Resources): void;
  recallView(): Promise<Partial<IView>>;
  keepView(view: IView): void;
}

function isResources(value: unknown): value is Resources {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(range => typeof range === 'object')
  );
}

/** No notebook's key: those have a colon after the name. */
const VIEW_KEY = `${NAME}-view:answers`;

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
    this.save(`${NAME}:${path}`, resources);
  }

  async recallView(): Promise<Partial<IView>> {
    return readView(await this.state?.fetch(VIEW_KEY).catch(() => null));
  }

  keepView(view: IView): void {
    this.save(VIEW_KEY, view);
  }

  private save(key: string, kept: object): void {
    const value = JSON.parse(JSON.stringify(kept));
    this.state?.save(key, value).catch((reason: unknown) => {
      console.debug(`${NAME}: ${key} is not kept`, reason);
    });
  }
}
