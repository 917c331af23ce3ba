/** One piece of work at a time: the next one ends the one before. */

/** Thrown to end work that nobody waits for any more; never shown. */
class Left extends Error {}

export function leaveIf(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new Left();
  }
}

export class Turns {
  private _work: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | null = null;

  /** Abort what is under way or waits; the result tells when the new work is left. */
  begin(): AbortSignal {
    this.clear();
    this._work?.abort();
    this._work = new AbortController();
    return this._work.signal;
  }

  /** Do something after a rest, in milliseconds, unless something else comes first. */
  later(rest: number, work: () => void): void {
    this.clear();
    this._timer = setTimeout(work, rest);
  }

  /** Forget what waits. */
  clear(): void {
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
  }
}
