import { askKernel, DEADLINE, type IAskedKernel } from '../kernel';
import type { KernelQuestions } from '../types';

const QUESTIONS: KernelQuestions = {
  modules: { command: 'modules' },
  inside: { code: '', silent: true }
};

interface IFake {
  kernel: IAskedKernel;
  sent: string[];
  disposed: string[];
}

/** A connection whose futures answer with their name, or never. */
function connection(
  options: Partial<IAskedKernel> & { silent?: boolean; language?: string } = {}
): IFake {
  const { silent = false, language = 'python', ...more } = options;
  const sent: string[] = [];
  const disposed: string[] = [];
  const request = (name: string) => (content: unknown) => {
    sent.push(`${name} ${JSON.stringify(content)}`);
    return {
      done: silent
        ? new Promise(() => undefined)
        : Promise.resolve({ content: { from: name } }),
      dispose: () => disposed.push(name)
    };
  };
  const kernel = {
    id: 'k1',
    status: 'idle',
    connectionStatus: 'connected',
    spec: Promise.resolve({ language }),
    requestDebug: request('debug'),
    requestExecute: request('execute'),
    ...more
  } as unknown as IAskedKernel;
  return { kernel, sent, disposed };
}

const ask = async (): Promise<KernelQuestions> => QUESTIONS;

describe('askKernel', () => {
  it('sends what the server hands out, and nothing else', async () => {
    const { kernel, sent, disposed } = connection();
    expect(await askKernel(kernel, ask)).toEqual({
      busy: false,
      modules: { from: 'debug' },
      inside: { from: 'execute' }
    });
    expect(sent).toEqual([
      'debug {"command":"modules"}',
      'execute {"code":"","silent":true}'
    ]);
    expect(disposed.sort()).toEqual(['debug', 'execute']);
  });

  it.each(['busy', 'starting', 'unknown'] as const)(
    'leaves the shell of a kernel alone that is %s',
    async status => {
      const { kernel, sent } = connection({ status });
      expect(await askKernel(kernel, ask)).toEqual({
        busy: true,
        modules: { from: 'debug' }
      });
      expect(sent).toHaveLength(1);
    }
  );

  it('sends nothing when the server asks the kernel itself', async () => {
    const { kernel, sent } = connection();
    expect(await askKernel(kernel, async () => ({}))).toBeNull();
    expect(sent).toEqual([]);
  });

  it('sends nothing when the server does not know the route', async () => {
    const { kernel, sent } = connection();
    const refused = (): Promise<never> => Promise.reject(new Error('404'));
    expect(await askKernel(kernel, refused)).toBeNull();
    expect(sent).toEqual([]);
  });

  it.each([{ language: 'R' }, { connectionStatus: 'disconnected' as const }])(
    'sends nothing to a kernel that cannot answer: %p',
    async options => {
      const { kernel, sent } = connection(options);
      expect(await askKernel(kernel, ask)).toBeNull();
      expect(sent).toEqual([]);
    }
  );

  it('gives a silent kernel up at the deadline', async () => {
    jest.useFakeTimers();
    const { kernel, disposed } = connection({ silent: true });
    const asked = askKernel(kernel, ask);
    await jest.advanceTimersByTimeAsync(DEADLINE);
    expect(await asked).toEqual({ busy: false });
    expect(disposed.sort()).toEqual(['debug', 'execute']);
    jest.useRealTimers();
  });

  it('survives a connection that refuses to send', async () => {
    const { kernel } = connection({
      requestDebug: () => {
        throw new Error('Kernel is dead');
      }
    });
    expect(await askKernel(kernel, ask)).toEqual({
      busy: false,
      inside: { from: 'execute' }
    });
  });
});
