/** What the panel shows: notebook, task, plan and answers. No DOM, no request, no verdicts of its own. */
import { Signal, type ISignal } from '@lumino/signaling';
import { applyEdits } from './pointer';
import { PREFERENCES } from './preferences';
import { withoutHidden } from './scope';
import { replaced, withCliffs, withNearest } from './received';
import type { Quantity } from './quantities';
import {
  NOTHING,
  lasting,
  partsByHand,
  setByHand,
  type INotebookState,
  type IOtherServer,
  type IPlanState,
  type IReceived,
  type Lasting
} from './state';
import type {
  Answer,
  Change,
  Estimate,
  Nearest,
  Plan,
  Problem,
  Range,
  Resources,
  Summary,
  Task
} from './types';

/** What a task that a person changed does to everything else. */
const BY_HAND = { isStale: true, applied: null, link: 'none' } as const;

/** Notebooks whose plans are kept while another one is on screen. */
const KEPT = 20;

/** Holds one `IPlanState` and replaces it whole on every step. */
export class PlanModel {
  private _state: IPlanState = {
    ...NOTHING,
    notebook: null,
    ...PREFERENCES,
    sortBy: 'best',
    filter: 'all',
    server: null
  };
  private readonly _kept = new Map<string, IPlanState>();
  private readonly _changed = new Signal<this, IPlanState>(this);

  get state(): IPlanState {
    return this._state;
  }

  /** Emitted after every step, with the new state. */
  get changed(): ISignal<this, IPlanState> {
    return this._changed;
  }

  /** Turn to a notebook; each path keeps its own task and answers. */
  setNotebook(notebook: INotebookState | null): void {
    const before = this._state;
    if (notebook?.path === before.notebook?.path) {
      this.update({ notebook });
      return;
    }
    this.stop();
    this.keep();
    const shown = this._kept.get(notebook?.path ?? '') ?? NOTHING;
    this.update(
      withoutHidden({
        ...this._state,
        ...shown,
        ...lasting(before),
        notebook
      })
    );
  }

  setPreferences(chosen: Partial<Omit<Lasting, 'server'>>): void {
    this.update(withoutHidden({ ...this._state, ...chosen }));
  }

  /** Who is left out of the next plan. */
  setHidden(hidden: readonly string[]): void {
    this.update({ hidden });
  }

  setServer(server: IOtherServer | null): void {
    this.update({ server });
  }

  /** The notebook is being read; what is known of it stays on screen. */
  startDescribing(): void {
    this.update({ phase: 'describing', failure: null });
  }

  /** Take what was read; resources that a person set stay as they are. */
  setTask(described: Task, kept: Resources = {}): void {
    const resources = {
      ...described.resources,
      ...kept,
      ...setByHand(this._state)
    };
    this.update({
      phase: 'described',
      described,
      task: { ...described, ...partsByHand(this._state), resources },
      isStale: true,
      applied: null,
      failure: null
    });
  }

  /** Take the resources of a link over those on screen; null when it could not be read. */
  takeLink(linked: Resources | null): void {
    const { task } = this._state;
    if (task !== null) {
      const resources = { ...task.resources, ...linked };
      this.update({
        task: { ...task, resources },
        link: linked === null ? 'bad' : 'taken'
      });
    }
  }

  closeLink(): void {
    this.update({ link: 'none' });
  }

  /** A person sets one resource; the answers so far are for another task now. */
  setRange(quantity: Quantity, range: Range): void {
    const { task } = this._state;
    if (task !== null) {
      const resources = { ...task.resources, [quantity]: range };
      this.update({
        task: { ...task, resources },
        ...BY_HAND
      });
    }
  }

  /** Make the edits of a change; they can be undone until the next edit. */
  apply(change: Change, platform: string): void {
    const { task } = this._state;
    if (task !== null) {
      this.update({
        task: applyEdits(task, change.edits),
        isStale: true,
        applied: { change, platform, before: task },
        link: 'none'
      });
    }
  }

  /** A person edits any part of the task. */
  edit(task: Task): void {
    this.update({ task, ...BY_HAND });
  }

  /** Back to what was found in the notebook. */
  reset(): void {
    const { described } = this._state;
    if (described !== null) {
      this.update({ task: described, ...BY_HAND });
    }
  }

  undo(): void {
    const { applied } = this._state;
    if (applied !== null) {
      this.update({ task: applied.before, isStale: true, applied: null });
    }
  }

  /** A new plan was asked for; answers of the one before stay until replaced. */
  startPlanning(): void {
    this.update({
      phase: 'planning',
      planId: '',
      summary: null,
      finished: null,
      isStale: false,
      failure: null,
      retrying: ''
    });
  }

  /** The head of the plan: its id, and who is asked. */
  openPlan(plan: Plan): void {
    const platforms = plan.platforms ?? [];
    const names = new Set(platforms.map(platform => platform.name));
    this.update({
      planId: plan.id,
      platforms,
      received: this._state.received.filter(({ answer }) =>
        names.has(answer.platform)
      )
    });
  }

  /** Take an answer of the current plan; one of an older plan is dropped. */
  addAnswer(planId: string, answer: Answer): boolean {
    if (planId === '' || planId !== this._state.planId) {
      return false;
    }
    this.update({ received: this.replaced([answer], planId) });
    return true;
  }

  /** Take what is known of a task at once; answers of other platforms stay. */
  takeEstimate(of: Task, estimate: Estimate): void {
    const { planId, received } = this._state;
    const before = new Map(received.map(one => [one.answer.platform, one]));
    const answers = (estimate.answers ?? []).map(answer =>
      withCliffs(answer, of, before.get(answer.platform))
    );
    this.update({
      received: this.replaced(answers, planId, of),
      help: { gains: estimate.summary?.gains ?? [], of }
    });
  }

  /** What a search found joins the answer that it is about, if that is still on screen. */
  takeNearest(of: Task, nearest: Nearest): void {
    const received = withNearest(this._state.received, of, nearest);
    this.update({ received });
  }

  closePlan(planId: string, summary: Summary): void {
    if (planId !== '' && planId === this._state.planId) {
      const help = { gains: summary.gains ?? [], of: this._state.task };
      this.update({ phase: 'done', summary, help, finished: Date.now() });
    }
  }

  /** One platform is asked again; every other answer stays. */
  startRetrying(platform: string): void {
    this.update({ retrying: platform, failure: null });
  }

  /** The platform that was asked again answered. */
  replaceAnswer(answer: Answer): void {
    this.update({
      received: this.replaced([answer], this._state.planId),
      summary: null,
      retrying: ''
    });
  }

  stop(): void {
    if (this._state.retrying !== '') {
      this.update({ retrying: '' });
    } else if (this._state.phase === 'planning') {
      this.update({ phase: 'stopped' });
    } else if (this._state.phase === 'describing') {
      this.update({ phase: 'idle' });
    }
  }

  fail(failure: Problem): void {
    const { task, phase, retrying } = this._state;
    const left = task === null ? 'idle' : 'stopped';
    this.update({
      phase: retrying === '' ? left : phase,
      failure,
      retrying: ''
    });
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private replaced(
    answers: readonly Answer[],
    planId: string,
    of = this._state.task
  ): readonly IReceived[] {
    const { received } = this._state;
    return of === null ? received : replaced(received, answers, planId, of);
  }

  private keep(): void {
    const path = this._state.notebook?.path ?? '';
    this._kept.delete(path);
    this._kept.set(path, this._state);
    const [oldest] = this._kept.keys();
    if (this._kept.size > KEPT && oldest !== undefined) {
      this._kept.delete(oldest);
    }
  }

  private update(step: Partial<IPlanState>): void {
    this._state = { ...this._state, ...step };
    this._changed.emit(this._state);
  }
}
