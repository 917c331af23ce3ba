/** Turns what a person does into requests, and what comes back into the model. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { Announcer } from './announce';
import { wordsFor } from './failures';
import type { Line } from './lines';
import type { IMemory } from './memory';
import type { PlanModel } from './model';
import type { INotebookSource } from './notebook';
import type { Quantity } from './quantities';
import { FailureCodes, RequestFailure, type IPlanService } from './request';
import { countsOf } from './rows';
import { setByHand } from './state';
import type { Change, Problem, Range, Resources, Task } from './types';

/** How long a control rests before its keyboard moves are planned, in milliseconds. */
export const REST = 400;

export interface IControllerOptions {
  model: PlanModel;
  source: INotebookSource;
  service: IPlanService;
  announcer: Announcer;
  memory: IMemory;
  trans: TranslationBundle;
}

/** Thrown to end work that nobody waits for any more; never shown. */
class Left extends Error {}

function leaveIf(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new Left();
  }
}

/** One plan at a time: asking again leaves the one before. */
export class PlanController implements IDisposable {
  private _asking: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | null = null;
  private _isShown = false;
  private _isDisposed = false;

  constructor(private readonly options: IControllerOptions) {
    options.source.changed.connect(this.follow, this);
    options.model.setNotebook(options.source.current);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The panel is on screen now, or not; requests are made only while it is. */
  setShown(isShown: boolean): void {
    this._isShown = isShown;
    this.follow();
  }

  /** Read the notebook and its kernel again, then plan. */
  async describe(): Promise<void> {
    const { model, source, service, announcer, memory, trans } = this.options;
    const { signal } = this.leave();
    const path = source.current?.path ?? '';
    model.startDescribing();
    announcer.say(trans.__('Reading the notebook.'));
    let task: Task;
    let kept: Resources;
    try {
      const request = await source.read();
      leaveIf(signal);
      if (request === null) {
        model.stop();
        return;
      }
      [task, kept] = await Promise.all([
        service.describe(request, signal),
        memory.recall(path)
      ]);
      leaveIf(signal);
    } catch (error) {
      this.fail(error, signal);
      return;
    }
    model.setTask(task, kept);
    await this.plan();
  }

  /** Save the notebook in front: what is planned is then what would run. */
  async save(): Promise<void> {
    const { source, announcer, trans } = this.options;
    try {
      await source.save();
      announcer.say(trans.__('Saved.'));
    } catch {
      announcer.alert(trans.__('The notebook could not be saved.'));
    }
  }

  /** Ask the platforms about the task as it is on screen. */
  plan(): Promise<void> {
    return this.ask(this.options.trans.__('Planning.'));
  }

  private async ask(words: string): Promise<void> {
    const { model, service, announcer } = this.options;
    const { task } = model.state;
    if (task === null) {
      return;
    }
    const { signal } = this.leave();
    model.startPlanning();
    announcer.say(words);
    try {
      for await (const line of service.plan(task, signal)) {
        leaveIf(signal);
        this.take(line);
      }
      leaveIf(signal);
      if (model.state.phase === 'planning') {
        throw new RequestFailure({
          code: FailureCodes.garbled,
          message: 'No summary came.'
        });
      }
    } catch (error) {
      this.fail(error, signal);
    }
  }

  /** Ask nobody any more; answers that came stay. */
  stop(): void {
    this.leave();
    this.options.model.stop();
    this.options.announcer.say(this.options.trans.__('Stopped.'));
  }

  /** A control moved: show it, ask nobody yet. */
  setRange(quantity: Quantity, range: Range): void {
    this.clearTimer();
    this.options.model.setRange(quantity, range);
    this.keep();
  }

  /** A control came to rest: plan again when planning is live. */
  rest(delay: number): void {
    this.clearTimer();
    this._timer = setTimeout(() => {
      const { live, isStale } = this.options.model.state;
      if (live && isStale) {
        void this.plan();
      }
    }, delay);
  }

  /** Make a change with one click, and ask again. */
  apply(change: Change, platform: string): void {
    this.clearTimer();
    this.options.model.apply(change, platform);
    this.keep();
    void this.ask(this.options.trans.__('%1. Planning.', change.message));
  }

  /** Take the last one-click change back, and ask again. */
  undo(): void {
    this.clearTimer();
    this.options.model.undo();
    this.keep();
    void this.ask(this.options.trans.__('Undone. Planning.'));
  }

  /** Forget what was set by hand, and ask about what the notebook needs. */
  reset(): void {
    this.clearTimer();
    this.options.model.reset();
    this.keep();
    void this.ask(
      this.options.trans.__('Back to what the notebook needs. Planning.')
    );
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.leave();
      this.options.source.changed.disconnect(this.follow, this);
    }
  }

  /** Keep to the notebook in front; describe it once, when it can be seen. */
  private follow(): void {
    const { model, source } = this.options;
    if (source.current?.path !== model.state.notebook?.path) {
      this.leave();
    }
    model.setNotebook(source.current);
    const { notebook, phase, task, failure } = model.state;
    const isNew = phase === 'idle' && task === null && failure === null;
    if (this._isShown && notebook !== null && isNew) {
      void this.describe();
    }
  }

  private take(line: Line): void {
    const { model, announcer, trans } = this.options;
    switch (line.type) {
      case 'plan':
        model.openPlan(line.plan);
        break;
      case 'answer':
        if (model.addAnswer(line.id, line.answer)) {
          const { answered, asked } = countsOf(model.state);
          announcer.say(
            trans.__('%1 of %2 platforms answered.', answered, asked)
          );
        }
        break;
      case 'summary':
        model.closePlan(line.id, line.summary);
        announcer.say(this.conclusion());
        break;
      case 'error':
        throw new RequestFailure(line.error);
      case 'alive':
        break;
    }
  }

  private conclusion(): string {
    const { model, trans } = this.options;
    const { yes, no, cannotTell } = countsOf(model.state);
    const best = model.state.summary?.best ?? '';
    const done = trans.__(
      'Done. %1 accept, %2 refuse, %3 cannot tell.',
      yes,
      no,
      cannotTell
    );
    return best === '' ? done : trans.__('%1 Best: %2.', done, best);
  }

  private fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      return;
    }
    const { model, announcer, trans } = this.options;
    const failure: Problem =
      error instanceof RequestFailure
        ? error.problem
        : {
            code: 'internal-error',
            message: error instanceof Error ? error.message : String(error)
          };
    model.fail(failure);
    const { title, text } = wordsFor(failure, trans);
    announcer.alert(`${title}. ${text}`);
  }

  /** Remember across reloads what a person set for this notebook. */
  private keep(): void {
    const { state } = this.options.model;
    this.options.memory.keep(state.notebook?.path ?? '', setByHand(state));
  }

  /** Abort what is under way; return the handle of what comes next. */
  private leave(): AbortController {
    this.clearTimer();
    this._asking?.abort();
    this._asking = new AbortController();
    return this._asking;
  }

  private clearTimer(): void {
    if (this._timer !== null) {
      clearTimeout(this._timer);
      this._timer = null;
    }
  }
}
