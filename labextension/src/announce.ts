/** Words for screen readers: polite ones at most every two seconds, urgent ones at once. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';
import { countsOf } from './rows';
import type { Announce } from './preferences';
import type { IPlanState } from './state';

/** Shortest time between two polite announcements, in milliseconds. */
export const PAUSE = 2000;

export interface IAnnouncement {
  readonly polite: string;
  readonly urgent: string;
}

/** What a plan came to, in one sentence. */
export function conclusionOf(
  state: IPlanState,
  trans: TranslationBundle
): string {
  const { yes, no, cannotTell } = countsOf(state);
  const best = state.summary?.best ?? '';
  const done = trans.__(
    'Done. %1 accept, %2 refuse, %3 cannot tell.',
    yes,
    no,
    cannotTell
  );
  return best === '' ? done : trans.__('%1 Best: %2.', done, best);
}

/** Holds what the two live regions of the panel say. */
export class Announcer {
  private _said: IAnnouncement = { polite: '', urgent: '' };
  private _waiting: string | null = null;
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private readonly _changed = new Signal<this, IAnnouncement>(this);

  /** How much a person wants to hear. */
  constructor(private readonly wanted: () => Announce = () => 'all') {}

  get said(): IAnnouncement {
    return this._said;
  }

  /** Emitted when a live region has something new to say. */
  get changed(): ISignal<this, IAnnouncement> {
    return this._changed;
  }

  /** Say a step on the way to something, to those who want to hear all. */
  step(text: string): void {
    if (this.wanted() === 'all') {
      this.say(text);
    }
  }

  /** Say what came of something when the reader had time for the words before; the newest wins. */
  say(text: string): void {
    if (this.wanted() === 'off') {
      return;
    }
    if (this._timer !== null) {
      this._waiting = text;
      return;
    }
    this.set({ polite: text });
    this._timer = setTimeout(() => {
      this._timer = null;
      const waiting = this._waiting;
      this._waiting = null;
      if (waiting !== null) {
        this.say(waiting);
      }
    }, PAUSE);
  }

  /** Say a failure now. */
  alert(text: string): void {
    this.set({ urgent: text });
  }

  dispose(): void {
    if (this._timer !== null) {
      clearTimeout(this._timer);
    }
    this._timer = null;
    this._waiting = null;
    Signal.clearData(this);
  }

  private set(words: Partial<IAnnouncement>): void {
    this._said = { ...this._said, ...words };
    this._changed.emit(this._said);
  }
}
