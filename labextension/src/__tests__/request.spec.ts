import { ServerConnection } from '@jupyterlab/services';
import type { Line } from '../lines';
import { FailureCodes, PlanService, RequestFailure } from '../request';
import { FakeRequest } from './fakes';
import { bodyOf, bytes, plan, TASK, yes } from './fixtures';

interface ISent {
  url: string;
  body: unknown;
}

function serviceThat(
  answer: (url: string) => Promise<Partial<Response>>
): [PlanService, ISent[]] {
  const sent: ISent[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:8888/user/me/',
    Request: FakeRequest as unknown as typeof Request,
    fetch: (async (request: unknown) => {
      const { url, init } = request as FakeRequest;
      sent.push({ url, body: JSON.parse(init.body ?? 'null') });
      return answer(url);
    }) as typeof fetch
  });
  return [new PlanService(settings), sent];
}

function refusal(status: number, body: unknown): Promise<Partial<Response>> {
  return Promise.resolve({
    ok: false,
    status,
    statusText: 'Refused',
    json: () => Promise.resolve(body)
  });
}

async function collect(service: PlanService): Promise<Line[]> {
  const lines: Line[] = [];
  const { signal } = new AbortController();
  for await (const line of service.plan(TASK, signal)) {
    lines.push(line);
  }
  return lines;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  return error instanceof RequestFailure ? error.problem.code : String(error);
}

describe('PlanService.plan', () => {
  it('posts the task below the base URL and yields the lines', async () => {
    const lines = [
      { type: 'plan', plan: plan('p1', 'Rubin') },
      { type: 'answer', id: 'p1', answer: yes('Rubin') },
      { type: 'summary', id: 'p1', summary: { yes: 1 } }
    ];
    const text = lines.map(line => JSON.stringify(line)).join('\n');
    const [service, sent] = serviceThat(async () => ({
      ok: true,
      body: bodyOf([bytes(text.slice(0, 70)), bytes(text.slice(70))])
    }));

    expect(await collect(service)).toEqual(lines);
    expect(sent[0]?.url).toContain('/user/me/canidothis/plan');
    expect(sent[0]?.body).toEqual({ task: TASK });
  });

  it('skips lines of a kind it does not know', async () => {
    const [service] = serviceThat(async () => ({
      ok: true,
      body: bodyOf([bytes('{"type":"weather"}\n{"type":"alive"}\n')])
    }));
    expect(await collect(service)).toEqual([{ type: 'alive' }]);
  });

  it('says so when the stream is not a plan', async () => {
    const [service] = serviceThat(async () => ({
      ok: true,
      body: bodyOf([bytes('<html>')])
    }));
    expect(await codeOf(collect(service))).toBe(FailureCodes.garbled);
  });

  it('says so when the body is missing', async () => {
    const [service] = serviceThat(async () => ({ ok: true, body: null }));
    expect(await codeOf(collect(service))).toBe(FailureCodes.garbled);
  });
});

describe('PlanService.describe', () => {
  const ask = (service: PlanService): Promise<unknown> =>
    service.describe({ path: 'a.ipynb' }, new AbortController().signal);

  it('returns the task', async () => {
    const [service, sent] = serviceThat(async () => ({
      ok: true,
      json: async () => TASK
    }));
    expect(await ask(service)).toEqual(TASK);
    expect(sent[0]?.body).toEqual({ path: 'a.ipynb' });
  });

  it('refuses an answer without a task', async () => {
    const [service] = serviceThat(async () => ({
      ok: true,
      json: async () => ({ hello: 1 })
    }));
    expect(await codeOf(ask(service))).toBe(FailureCodes.garbled);
  });

  it.each([
    [404, { message: 'Not Found' }, FailureCodes.missing],
    [401, {}, FailureCodes.forbidden],
    [403, { message: 'Forbidden', reason: null }, FailureCodes.forbidden],
    [500, null, FailureCodes.refused],
    [422, { code: 'notebook-unreadable', message: 'm' }, 'notebook-unreadable']
  ])('names the cause of %i', async (status, body, code) => {
    const [service] = serviceThat(() => refusal(status, body));
    expect(await codeOf(ask(service))).toBe(code);
  });

  it('tells an older server part from one that is missing', async () => {
    const [service, sent] = serviceThat(url =>
      url.includes('/openapi.json')
        ? Promise.resolve({ ok: true })
        : refusal(404, { message: 'Not Found' })
    );
    expect(await codeOf(ask(service))).toBe(FailureCodes.older);
    expect(sent).toHaveLength(2);
  });

  it('keeps the words and the hint of the server', async () => {
    const [service] = serviceThat(() =>
      refusal(400, { code: 'invalid-request', message: 'bad', hint: 'try 4' })
    );
    await expect(ask(service)).rejects.toMatchObject({
      problem: { message: 'bad', hint: 'try 4' }
    });
  });

  it('says offline when nothing answers', async () => {
    const [service] = serviceThat(() =>
      Promise.reject(new TypeError('Failed to fetch'))
    );
    expect(await codeOf(ask(service))).toBe(FailureCodes.offline);
  });
});

describe('PlanService.questions', () => {
  it('asks about one kernel and sends no body', async () => {
    const [service, sent] = serviceThat(async () => ({
      ok: true,
      json: async () => ({ modules: { command: 'modules' } })
    }));
    expect(await service.questions('a/b')).toEqual({
      modules: { command: 'modules' }
    });
    expect(sent[0]?.url).toContain(
      'canidothis/describe/questions?kernel_id=a%2Fb'
    );
    expect(sent[0]?.body).toBeNull();
  });
});
