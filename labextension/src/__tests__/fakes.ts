/** What stands in for notebook, server and front end around a controller. */
import { Signal } from '@lumino/signaling';
import type { Line } from '../lines';
import type { IMemory } from '../memory';
import type { INotebookState, IView } from '../state';
import type { INotebookSource } from '../notebook';
import type { IPlanService } from '../request';
import type { Question } from '../scope';
import type {
  Answer,
  DescribeRequest,
  Estimate,
  HandedOver,
  Map as TaskMap,
  Nearest,
  PlatformList,
  Resources,
  Task
} from '../types';
import { FOUND, MADE, plan, platform, TASK, yes } from './fixtures';

export class FakeSource implements INotebookSource {
  current: INotebookState | null = null;
  readonly changed = new Signal<this, void>(this);

  show(path: string | null): void {
    this.current =
      path === null
        ? null
        : { path, name: path, isDirty: false, isEdited: false };
    this.changed.emit();
  }

  readonly save = jest.fn(async () => undefined);

  async read(): Promise<DescribeRequest | null> {
    return this.current === null ? null : { path: this.current.path };
  }
}

/** What jsdom lacks of a request. */
export class FakeRequest {
  readonly headers = new Headers();
  constructor(
    readonly url: string,
    readonly init: { body?: string }
  ) {}
}

/** Plans when the test says so: each call waits for its lines. */
export class FakeService implements IPlanService {
  readonly described: string[] = [];
  readonly planned: Task[] = [];
  readonly asked: (string[] | undefined)[] = [];
  readonly questions: Question[] = [];
  readonly signals: AbortSignal[] = [];
  /** Names of the platforms that can be asked. */
  known: string[] = ['Rubin'];
  lines: Line[][] = [];
  failure: unknown = null;

  /** Tasks that were estimated, and what each waits for. */
  readonly estimated: Task[] = [];
  readonly waiting: ((answers: Answer[]) => void)[] = [];

  /** Whose estimates were wanted. */
  readonly judged: (string[] | undefined)[] = [];

  estimate(
    task: Task,
    id: string,
    _: AbortSignal,
    platforms?: string[]
  ): Promise<Estimate> {
    this.estimated.push(task);
    this.judged.push(platforms);
    return new Promise(resolve =>
      this.waiting.push(answers => resolve({ id, answers }))
    );
  }

  async platforms(): Promise<PlatformList> {
    return { platforms: this.known.map(platform), version: '1' };
  }

  async handOver(): Promise<HandedOver> {
    return MADE;
  }

  async nearest(): Promise<Nearest> {
    return FOUND;
  }

  async map(): Promise<TaskMap> {
    return { yes: [[1]] };
  }

  async describe(request: DescribeRequest): Promise<Task> {
    this.described.push(request.path ?? '');
    if (this.failure !== null) {
      throw this.failure;
    }
    return TASK;
  }

  async *plan(
    task: Task,
    signal: AbortSignal,
    question: Question = {}
  ): AsyncGenerator<Line> {
    this.planned.push(task);
    this.asked.push(question.platforms);
    this.questions.push(question);
    this.signals.push(signal);
    yield* this.lines.shift() ?? complete(`p${this.planned.length}`);
  }
}

export function complete(id: string): Line[] {
  return [
    { type: 'plan', plan: plan(id, 'Rubin') },
    { type: 'answer', id, answer: yes('Rubin') },
    { type: 'summary', id, summary: { yes: 1, best: 'Rubin' } }
  ];
}

/** A memory of one page; the next page has the same one. */
export class FakeMemory implements IMemory {
  readonly kept = new Map<string, Resources>();
  view: Partial<IView> = {};

  async recall(path: string): Promise<Resources> {
    return this.kept.get(path) ?? {};
  }

  keep(path: string, resources: Resources): void {
    this.kept.set(path, resources);
  }

  async recallView(): Promise<Partial<IView>> {
    return this.view;
  }

  keepView(view: IView): void {
    this.view = view;
  }
}
