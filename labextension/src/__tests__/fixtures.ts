/** Small plans and answers for the tests, and streams that arrive in pieces. */
import type {
  Answer,
  Change,
  HandedOver,
  Nearest,
  Plan,
  PlatformInfo,
  Task
} from '../types';

export const GIB = 2 ** 30;

export const TASK: Task = {
  executable: { type: 'uri://jupyter-notebook', kernel: 'python3' },
  name: 'm31.ipynb',
  resources: { cores: { min: 1000 }, memory: { min: 16 * GIB } }
};

export const TWELVE: Change = {
  edits: [
    { field: '/resources/memory/min', before: 16 * GIB, after: 12 * GIB }
  ],
  message: 'Memory 16 GiB → 12 GiB',
  checked: true
};

export const FEWER: Change = {
  edits: [{ field: '/resources/cores/min', before: 4000, after: 1000 }],
  message: 'Cores 4 → 1'
};

export const MADE: HandedOver = {
  platform: 'Gaia',
  content: '#!/bin/bash\necho hello\n',
  name: 'm31.sbatch',
  command: 'sbatch m31.sbatch'
};

export const FOUND: Nearest = {
  platform: 'Rubin',
  verdict: 'NO',
  changes: [TWELVE],
  cliffs: [
    {
      field: '/resources/memory/min',
      at: 12 * GIB,
      message: 'Memory up to 12 GiB',
      checked: true
    }
  ],
  asks: 7,
  took: 93
};

export function platform(name: string): PlatformInfo {
  return { name, kind: 'declared', source: 'configured' };
}

export function plan(id: string, ...names: string[]): Plan {
  return { id, task: TASK, platforms: names.map(platform) };
}

export function yes(name: string, more: Partial<Answer> = {}): Answer {
  return { platform: name, verdict: 'YES', ...more };
}

export function no(name: string, more: Partial<Answer> = {}): Answer {
  return {
    platform: name,
    verdict: 'NO',
    reasons: [{ code: 'limit-exceeded', message: 'Memory is above 12 GiB.' }],
    changes: [TWELVE],
    ...more
  };
}

/** A body that arrives in the given pieces of bytes; `cancel` hears its reader leave. */
export function bodyOf(
  chunks: readonly Uint8Array[],
  cancel: () => void = () => undefined
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const waiting = [...chunks];
  const reader = {
    read: async () => {
      const value = waiting.shift();
      return { done: value === undefined, value };
    },
    cancel: async () => cancel()
  };
  return { getReader: () => reader } as unknown as ReadableStream<
    Uint8Array<ArrayBuffer>
  >;
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
