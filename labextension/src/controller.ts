/** Turns what a person does into requests, and what comes back into the model. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { conclusionOf, type Announcer } from './announce';
import { Estimator } from './estimator';
import { brokenOff, problemOf, wordsFor } from './failures';
import type { IMemory } from './memory';
import type { PlanModel } from './model';
import type { INotebookSource } from './notebook';
import type { Quantity } from './quantities';
import { readNotebook } from './reading';
import { RequestFailure, type IPlanService } from './request';
import { withDefaults } from './preferences';
import { askUnhidden, deadlineOf, namesKnown } from './scope';
import { changeInWords } from './sentences';
import { setByHand, type IView } from './state';
import { takeLine } from './taking';
import { leaveIf, Turns } from './turns';
import type { Change, Range, Resources, Task } from './types';

export interface IControllerOptions {
  model: PlanModel;
  source: INotebookSource;
  service: IPlanService;
  announcer: Announcer;
  memory: IMemory;
  trans: TranslationBundle;
}

/** One plan at a time: asking again leaves the one before. */
export class PlanController implements IDisposable {
  private readonly _turns = new Turns();
  private readonly _estimator: Estimator;
  private _link: { resources: Resources | null } | null = null;
  private _isShown = false;
  private _isDisposed = false;

  constructor(private readonly options: IControllerOptions) {
    const { model, service } = options;
    this._estimator = new Estimator(
      service,
      (task, estimate) => model.takeEstimate(task, estimate),
      () => namesKnown(model.state)
    );
    options.source.changed.connect(this.follow, this);
    options.model.setNotebook(options.source.current);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get isShown(): boolean {
    return this._isShown;
  }

  /** The panel is on screen now, or not; requests are made only while it is. */
  setShown(isShown: boolean): void {
    this._isShown = isShown;
    this.follow();
  }

  /** Read the notebook and its kernel again, then plan. */
  async describe(): Promise<void> {
    const { model, announcer, trans } = this.options;
    const signal = this.begin();
    model.startDescribing();
    announcer.step(trans.__('Reading the notebook.'));
    try {
      const read = await readNotebook(this.options, signal);
      leaveIf(signal);
      if (read === null) {
        model.stop();
        return;
      }
      model.setTask(withDefaults(read.task, model.state), read.kept);
    } catch (error) {
      this.fail(error, signal);
      return;
    }
    this.takeLink();
    await this.plan();
  }

  /** Plan with the resources of a link; null when it could not be read. */
  followLink(resources: Resources | null): void {
    this._link = { resources };
    if (this.options.model.state.task !== null) {
      void this.describe();
    }
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
    const { model, announcer } = this.options;
    const { task } = model.state;
    if (task === null) {
      return;
    }
    const signal = this.begin();
    model.startPlanning();
    announcer.step(words);
    try {
      for await (const line of askUnhidden(this.options, task, signal)) {
        leaveIf(signal);
        takeLine(line, this.options);
      }
      leaveIf(signal);
      if (model.state.phase === 'planning') {
        throw brokenOff();
      }
    } catch (error) {
      this.fail(error, signal);
    }
  }

  /** Ask one platform again; its answer replaces the one before. */
  async retry(platform: string): Promise<void> {
    const { model, service, announcer, trans } = this.options;
    const { task, isStale, phase } = model.state;
    if (task === null || isStale || phase === 'planning') {
      return;
    }
    const signal = this.begin();
    model.startRetrying(platform);
    announcer.step(trans.__('Asking %1 again.', platform));
    const question = { ...deadlineOf(model.state), platforms: [platform] };
    try {
      for await (const line of service.plan(task, signal, question)) {
        leaveIf(signal);
        if (line.type === 'error') {
          throw new RequestFailure(line.error);
        }
        if (line.type === 'answer' && line.answer.platform === platform) {
          model.replaceAnswer(line.answer);
          announcer.say(conclusionOf(model.state, trans));
        }
      }
      leaveIf(signal);
      if (model.state.retrying !== '') {
        throw brokenOff();
      }
    } catch (error) {
      this.fail(error, signal);
    }
  }

  /** List the answers in another way, here and after a reload. */
  setView(chosen: Partial<IView>): void {
    const { model, memory } = this.options;
    model.setPreferences(chosen);
    const { sortBy, filter } = model.state;
    memory.keepView({ sortBy, filter });
  }

  /** Ask nobody any more; answers that came stay. */
  stop(): void {
    this.begin();
    this.options.model.stop();
    this.options.announcer.say(this.options.trans.__('Stopped.'));
  }

  /** A control moved: show it and what is known at once; ask nobody yet. */
  setRange(quantity: Quantity, range: Range): void {
    const { model } = this.options;
    this._turns.clear();
    if (model.state.phase === 'planning') {
      // Its answers would be to a question that nobody asks any more.
      this.begin();
      model.stop();
    }
    model.setRange(quantity, range);
    this.keep();
    const { task, livePlanning } = model.state;
    if (task !== null && livePlanning === 'estimate') {
      this._estimator.want(task);
    }
  }

  /** A control came to rest: plan again when planning is live. */
  rest(delay: number): void {
    this._turns.later(delay, () => {
      const { livePlanning, isStale } = this.options.model.state;
      if (livePlanning !== 'off' && isStale) {
        void this.plan();
      }
    });
  }

  /** A person edited the task; it is asked about when planning is live. */
  edit(task: Task): void {
    this._turns.clear();
    this.options.model.edit(task);
    this.keep();
    this.rest(0);
  }

  /** Make a change with one click, and ask again. */
  apply(change: Change, platform: string): void {
    this._turns.clear();
    this.options.model.apply(change, platform);
    this.keep();
    const { trans } = this.options;
    const made = changeInWords(change.message, trans);
    void this.ask(trans.__('%1. Planning.', made));
  }

  /** Take the last one-click change back, and ask again. */
  undo(): void {
    this._turns.clear();
    this.options.model.undo();
    this.keep();
    void this.ask(this.options.trans.__('Undone. Planning.'));
  }

  /** Forget what was set by hand, and ask about what the notebook needs. */
  reset(): void {
    this._turns.clear();
    this.options.model.reset();
    this.keep();
    void this.ask(
      this.options.trans.__('Back to what the notebook needs. Planning.')
    );
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.begin();
      this.options.source.changed.disconnect(this.follow, this);
    }
  }

  /** Leave whatever is under way; the result tells when the new work is left. */
  private begin(): AbortSignal {
    this._estimator.stop();
    return this._turns.begin();
  }

  /** Keep to the notebook in front; describe it once, when it can be seen. */
  private follow(): void {
    const { model, source } = this.options;
    if (source.current?.path !== model.state.notebook?.path) {
      this.begin();
    }
    model.setNotebook(source.current);
    const { notebook, phase, task, failure } = model.state;
    const isNew = phase === 'idle' && task === null && failure === null;
    if (this._isShown && notebook !== null && isNew) {
      void this.describe();
    }
  }

  private takeLink(): void {
    const { model, announcer, trans } = this.options;
    if (this._link !== null) {
      model.takeLink(this._link.resources);
      this._link = null;
      if (model.state.link === 'bad') {
        announcer.alert(
          trans.__('The resources in the link could not be read.')
        );
      }
      this.keep();
    }
  }

  private fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      return;
    }
    const { model, announcer, trans } = this.options;
    const failure = problemOf(error);
    model.fail(failure);
    const { title, text } = wordsFor(failure, trans);
    announcer.alert(`${title}. ${text}`);
  }

  /** Remember across reloads what a person set for this notebook. */
  private keep(): void {
    const { state } = this.options.model;
    this.options.memory.keep(state.notebook?.path ?? '', setByHand(state));
  }
}
