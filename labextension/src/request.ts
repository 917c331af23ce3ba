/** The only module that talks to the server: describe a notebook, plan a task. */
import { ServerConnection } from '@jupyterlab/services';
import type { Entry, IDirectoryService } from './directory';
import type { IDocumentService } from './document';
import type { IEstimateService } from './estimator';
import type { IScopeService, Question } from './scope';
import {
  parseLine,
  parseProblem,
  readLines,
  StreamError,
  type Line
} from './lines';
import type {
  DescribeRequest,
  Estimate,
  EstimateRequest,
  HandedOver,
  HandoverRequest,
  KernelQuestions,
  Look,
  Map as TaskMap,
  MapRequest,
  Nearest,
  NearestRequest,
  PlanRequest,
  PlatformList,
  Problem,
  Task,
  TaskDocument,
  TaskText,
  WriteTaskRequest
} from './types';

/** A request that failed, and why. */
export class RequestFailure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** Codes of failures that this side words itself. */
export namespace FailureCodes {
  export const missing = 'server-part-missing';
  export const older = 'server-part-older';
  export const unreadable = 'notebook-unreadable';
  export const forbidden = 'signed-out';
  export const offline = 'offline';
  export const garbled = 'bad-stream';
  export const refused = 'refused';
  export const hidden = 'all-hidden';
}

/** The planner behind the server. */
export interface IPlanService extends IEstimateService, IScopeService {
  describe(request: DescribeRequest, signal: AbortSignal): Promise<Task>;
  /** Ask about a task: all platforms, or those that the question names. */
  plan(
    task: Task,
    signal: AbortSignal,
    question?: Question
  ): AsyncIterable<Line>;
  /** What takes up the offer of a platform; nothing is submitted. */
  handOver(task: Task, platform: string): Promise<HandedOver>;
  /** The nearest YES of a platform, by asking it again and again. */
  nearest(task: Task, platform: string): Promise<Nearest>;
  /** How many platforms would accept a task as two of its amounts vary. */
  map(request: MapRequest, signal: AbortSignal): Promise<TaskMap>;
}

function failure(code: string, message: string): RequestFailure {
  return new RequestFailure({ code, message });
}

async function failureOf(response: Response): Promise<RequestFailure> {
  const problem = parseProblem(await response.json().catch(() => null));
  if (problem !== null) {
    return new RequestFailure(problem);
  }
  const status = `${response.status} ${response.statusText}`;
  switch (response.status) {
    case 404:
      return failure(FailureCodes.missing, status);
    case 401:
    case 403:
      return failure(FailureCodes.forbidden, status);
    default:
      return failure(FailureCodes.refused, status);
  }
}

/** Talks to the routes of the server extension. */
export class PlanService
  implements IPlanService, IDirectoryService, IDocumentService
{
  constructor(private readonly settings: ServerConnection.ISettings) {}

  async describe(request: DescribeRequest, signal: AbortSignal): Promise<Task> {
    const response = await this.post('describe', request, signal);
    const task: unknown = await response.json();
    if (typeof task !== 'object' || task === null || !('executable' in task)) {
      throw failure(FailureCodes.garbled, 'No task in the answer.');
    }
    return task as Task;
  }

  async estimate(
    task: Task,
    id: string,
    signal: AbortSignal,
    platforms?: string[]
  ): Promise<Estimate> {
    const body: EstimateRequest = { task, id, ...(platforms && { platforms }) };
    const response = await this.post('estimate', body, signal);
    return (await response.json()) as Estimate;
  }

  async handOver(task: Task, platform: string): Promise<HandedOver> {
    const body: HandoverRequest = { task, platform };
    const response = await this.post('handover', body);
    return (await response.json()) as HandedOver;
  }

  async nearest(task: Task, platform: string): Promise<Nearest> {
    const body: NearestRequest = { task, platform };
    const response = await this.post('nearest', body);
    return (await response.json()) as Nearest;
  }

  async map(request: MapRequest, signal: AbortSignal): Promise<TaskMap> {
    const response = await this.post('map', request, signal);
    return (await response.json()) as TaskMap;
  }

  async readTask(text: TaskText): Promise<TaskDocument> {
    const response = await this.post('task/read', text);
    return (await response.json()) as TaskDocument;
  }

  async writeTask(request: WriteTaskRequest): Promise<TaskText> {
    const response = await this.post('task/write', request);
    return (await response.json()) as TaskText;
  }

  async platforms(): Promise<PlatformList> {
    const response = await this.send('platforms', { method: 'GET' });
    return (await response.json()) as PlatformList;
  }

  async look(platform: string): Promise<Look> {
    const response = await this.post('platforms/look', { platform });
    return (await response.json()) as Look;
  }

  async add(entry: Entry): Promise<PlatformList> {
    const response = await this.post('platforms', { entry });
    return (await response.json()) as PlatformList;
  }

  async remove(platform: string): Promise<PlatformList> {
    const route = `platforms?name=${encodeURIComponent(platform)}`;
    const response = await this.send(route, { method: 'DELETE' });
    return (await response.json()) as PlatformList;
  }

  /** What to ask a kernel that only this side reaches; nothing for all others. */
  async questions(kernelId: string): Promise<KernelQuestions> {
    const route = `describe/questions?kernel_id=${encodeURIComponent(kernelId)}`;
    const response = await this.send(route, { method: 'GET' });
    return (await response.json()) as KernelQuestions;
  }

  async *plan(
    task: Task,
    signal: AbortSignal,
    question: Question = {}
  ): AsyncGenerator<Line> {
    const body: PlanRequest = { task, ...question };
    const response = await this.post('plan', body, signal);
    if (response.body === null) {
      throw failure(FailureCodes.garbled, 'The answer is empty.');
    }
    try {
      for await (const text of readLines(response.body)) {
        const line = parseLine(text);
        if (line !== null) {
          yield line;
        }
      }
    } catch (error) {
      if (error instanceof StreamError) {
        throw failure(FailureCodes.garbled, error.message);
      }
      throw error instanceof TypeError
        ? failure(FailureCodes.offline, error.message)
        : error;
    }
  }

  private post(
    route: string,
    body: object,
    signal: AbortSignal | null = null
  ): Promise<Response> {
    const init = { method: 'POST', body: JSON.stringify(body), signal };
    return this.send(route, init);
  }

  private async send(route: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        `${this.settings.baseUrl}canidothis/${route}`,
        init,
        this.settings
      );
    } catch (error) {
      throw failure(
        FailureCodes.offline,
        error instanceof Error ? error.message : String(error)
      );
    }
    if (!response.ok) {
      const failed = await failureOf(response);
      throw failed.problem.code === FailureCodes.missing &&
        (await this.isThere(init.signal ?? null))
        ? failure(FailureCodes.older, failed.message)
        : failed;
    }
    return response;
  }

  /** Whether any server part answers; asked only after a route was missing. */
  private isThere(signal: AbortSignal | null): Promise<boolean> {
    return ServerConnection.makeRequest(
      `${this.settings.baseUrl}canidothis/openapi.json`,
      { signal },
      this.settings
    ).then(
      response => response.ok,
      () => false
    );
  }
}
