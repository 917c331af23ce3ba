/** What is known of the platforms before a task is asked about, and how each of them is. */
import { Signal, type ISignal } from '@lumino/signaling';
import { problemOf } from './failures';
import type { Look, PlatformList, Problem } from './types';

/** One entry as in the configuration: `kind`, `name` and the keys of the kind. */
export type Entry = Readonly<Record<string, unknown>>;

export interface IDirectoryService {
  platforms(): Promise<PlatformList>;
  /** Read a platform afresh. */
  look(platform: string): Promise<Look>;
  /** Add a platform to the user's own configuration file. */
  add(entry: Entry): Promise<PlatformList>;
  /** Remove a platform that was added. */
  remove(platform: string): Promise<PlatformList>;
}

export interface IDirectoryState {
  readonly list: PlatformList | null;
  /** By platform: how it was when it was looked at; null while it is. */
  readonly looks: ReadonlyMap<string, Look | Problem | null>;
  readonly failure: Problem | null;
}

/** Holds one `IDirectoryState` and replaces it whole on every step. */
export class Directory {
  private _state: IDirectoryState = {
    list: null,
    looks: new Map(),
    failure: null
  };
  private readonly _changed = new Signal<this, IDirectoryState>(this);

  constructor(private readonly service: IDirectoryService) {}

  get state(): IDirectoryState {
    return this._state;
  }

  /** Emitted after every step, with the new state. */
  get changed(): ISignal<this, IDirectoryState> {
    return this._changed;
  }

  async load(): Promise<void> {
    try {
      this.take(await this.service.platforms());
    } catch (error) {
      this.update({ failure: problemOf(error) });
    }
  }

  /** Look at a platform; the state says how that went. */
  async look(platform: string): Promise<void> {
    this.put(platform, null);
    try {
      this.put(platform, await this.service.look(platform));
    } catch (error) {
      this.put(platform, problemOf(error));
    }
  }

  /** Add a platform; rejects with what is wrong with it. */
  async add(entry: Entry): Promise<void> {
    this.take(await this.service.add(entry));
  }

  async remove(platform: string): Promise<void> {
    try {
      this.take(await this.service.remove(platform));
    } catch (error) {
      this.put(platform, problemOf(error));
    }
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private take(list: PlatformList): void {
    const names = new Set(list.platforms.map(({ name }) => name));
    const looks = new Map(
      [...this._state.looks].filter(([name]) => names.has(name))
    );
    this.update({ list, looks, failure: null });
  }

  private put(platform: string, look: Look | Problem | null): void {
    const looks = new Map(this._state.looks).set(platform, look);
    this.update({ looks });
  }

  private update(step: Partial<IDirectoryState>): void {
    this._state = { ...this._state, ...step };
    this._changed.emit(this._state);
  }
}
