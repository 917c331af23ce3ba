/** Estimates while a control moves: one in flight, the newest wins, older ones are dropped. */
import type { Estimate, Task } from './types';

export interface IEstimateService {
  /** What is known of a task already; no platform is asked. */
  estimate(
    task: Task,
    id: string,
    signal: AbortSignal,
    platforms?: string[]
  ): Promise<Estimate>;
}

export class Estimator {
  private _wanted: Task | null = null;
  private _flight: AbortController | null = null;
  private _sent = 0;

  constructor(
    private readonly service: IEstimateService,
    private readonly take: (task: Task, estimate: Estimate) => void,
    /** Whose estimates are wanted; undefined is everybody's. */
    private readonly names: () => string[] | undefined = () => undefined
  ) {}

  /** Estimate a task as soon as the estimate under way is back. */
  want(task: Task): void {
    this._wanted = task;
    if (this._flight === null) {
      void this.run();
    }
  }

  /** Forget what waits and what is under way. */
  stop(): void {
    this._wanted = null;
    this._flight?.abort();
    this._flight = null;
  }

  private async run(): Promise<void> {
    const flight = (this._flight = new AbortController());
    const isLeft = (): boolean => flight.signal.aborted;
    while (this._wanted !== null && !isLeft()) {
      const task = this._wanted;
      this._wanted = null;
      this._sent += 1;
      const id = String(this._sent);
      try {
        const estimate = await this.service.estimate(
          task,
          id,
          flight.signal,
          this.names()
        );
        if (!isLeft() && estimate.id === id) {
          this.take(task, estimate);
        }
      } catch (reason) {
        // The ask that follows says what is wrong, where something is.
        console.debug('jupyter-canidothis: no estimate', reason);
      }
    }
    this.land(flight);
  }

  /** Make room for the next one, unless that was done already. */
  private land(flight: AbortController): void {
    if (this._flight === flight) {
      this._flight = null;
    }
  }
}
