/** The only module that talks to the server: describe a notebook, plan a task. */
import { ServerConnection } from '@jupyterlab/services';
import { parseLine, readLines, StreamError, type PlanLine } from './lines';
import type { Task } from './types';

/** Why a request failed; the first four are found out on this side. */
export class RequestFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint = ''
  ) {
    super(message);
  }
}

/** Codes of failures that this side words itself. */
export namespace FailureCodes {
  export const missing = 'server-part-missing';
  export const forbidden = 'signed-out';
  export const offline = 'offline';
  export const garbled = 'bad-stream';
}

/** The live notebook, as the describer wants it. */
export interface IDescribeRequest {
  path: string;
  notebook: unknown;
  kernel_id?: string;
}

/** The planner behind the server. */
export interface IPlanService {
  describe(request: IDescribeRequest, signal: AbortSignal): Promise<Task>;
  plan(task: Task, signal: AbortSignal): AsyncIterable<PlanLine>;
}

async function failureOf(response: Response): Promise<RequestFailure> {
  const said: unknown = await response.json().catch(() => null);
  const { code, message, hint } = (
    typeof said === 'object' && said !== null ? said : {}
  ) as Record<string, unknown>;
  if (typeof code === 'string' && typeof message === 'string') {
    return new RequestFailure(
      code,
      message,
      typeof hint === 'string' ? hint : ''
    );
  }
  const status = `${response.status} ${response.statusText}`;
  switch (response.status) {
    case 404:
      return new RequestFailure(FailureCodes.missing, status);
    case 401:
    case 403:
      return new RequestFailure(FailureCodes.forbidden, status);
    default:
      return new RequestFailure('http', status);
  }
}

/** Talks to the routes of the server extension. */
export class PlanService implements IPlanService {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  async describe(
    request: IDescribeRequest,
    signal: AbortSignal
  ): Promise<Task> {
    const response = await this.post('describe', request, signal);
    const task: unknown = await response.json();
    if (typeof task !== 'object' || task === null || !('executable' in task)) {
      throw new RequestFailure(FailureCodes.garbled, 'No task in the answer.');
    }
    return task as Task;
  }

  async *plan(task: Task, signal: AbortSignal): AsyncGenerator<PlanLine> {
    const response = await this.post('plan', { task }, signal);
    if (response.body === null) {
      throw new RequestFailure(FailureCodes.garbled, 'The answer is empty.');
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
        throw new RequestFailure(FailureCodes.garbled, error.message);
      }
      throw error instanceof TypeError
        ? new RequestFailure(FailureCodes.offline, error.message)
        : error;
    }
  }

  private async post(
    route: string,
    body: unknown,
    signal: AbortSignal
  ): Promise<Response> {
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        `${this.settings.baseUrl}canidothis/${route}`,
        { method: 'POST', body: JSON.stringify(body), signal },
        this.settings
      );
    } catch (error) {
      throw new RequestFailure(
        FailureCodes.offline,
        error instanceof Error ? error.message : String(error)
      );
    }
    if (!response.ok) {
      throw await failureOf(response);
    }
    return response;
  }
}
