/** Asks a kernel that the server cannot reach, on the connection this side has already. */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { KernelQuestions, KernelReplies } from './types';

/** How long each question may take, in milliseconds. */
export const DEADLINE = 2000;

/** What is used of a kernel's connection. */
export type IAskedKernel = Pick<
  Kernel.IKernelConnection,
  | 'id'
  | 'spec'
  | 'status'
  | 'connectionStatus'
  | 'requestDebug'
  | 'requestExecute'
>;

/** Asks the server what to send; nothing when it asks the kernel itself. */
export type QuestionsFor = (kernelId: string) => Promise<KernelQuestions>;

interface IFuture {
  readonly done: Promise<{ content: unknown } | undefined>;
  dispose(): void;
}

/** What came in time; null for what failed or came too late. */
async function within<T>(work: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>(resolve => {
    timer = setTimeout(() => resolve(null), DEADLINE);
  });
  const result = await Promise.race([work.catch(() => null), late]);
  clearTimeout(timer);
  return result;
}

/** The content of a reply; a connection that cannot send throws at once. */
async function replyOf(
  send: () => IFuture
): Promise<Record<string, unknown> | null> {
  try {
    const future = send();
    const reply = await within(future.done);
    future.dispose();
    return (reply?.content ?? null) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

/**
 * What a Python kernel tells that only this side reaches; null when nobody is to ask it.
 * The control channel answers while a cell runs, the shell is asked only when idle.
 */
export async function askKernel(
  kernel: IAskedKernel,
  questionsFor: QuestionsFor
): Promise<KernelReplies | null> {
  const { modules, inside } = (await within(questionsFor(kernel.id))) ?? {};
  if (!modules || !inside) {
    return null;
  }
  const spec = await within(kernel.spec);
  const isPython = spec?.language.toLowerCase() === 'python';
  if (!isPython || kernel.connectionStatus !== 'connected') {
    return null;
  }
  const busy = kernel.status !== 'idle';
  const [loaded, found] = await Promise.all([
    replyOf(() =>
      kernel.requestDebug(modules as KernelMessage.IDebugRequestMsg['content'])
    ),
    busy
      ? null
      : replyOf(() =>
          kernel.requestExecute(
            inside as unknown as KernelMessage.IExecuteRequestMsg['content']
          )
        )
  ]);
  return {
    busy,
    ...(loaded ? { modules: loaded } : {}),
    ...(found ? { inside: found } : {})
  };
}
