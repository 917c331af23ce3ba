import type { IStateDB } from '@jupyterlab/statedb';
import { Memory } from '../memory';
import { GIB } from './fixtures';

function stateOf(values: Record<string, unknown>): IStateDB {
  return {
    fetch: async (id: string) => values[id],
    save: async (id: string, value: unknown) => {
      values[id] = value;
    }
  } as unknown as IStateDB;
}

describe('Memory', () => {
  it('gives back what it was given, by path', async () => {
    const memory = new Memory(stateOf({}));
    memory.keep('a.ipynb', { memory: { min: GIB } });
    expect(await memory.recall('a.ipynb')).toEqual({ memory: { min: GIB } });
    expect(await memory.recall('b.ipynb')).toEqual({});
  });

  it('ignores what is no set of resources', async () => {
    const memory = new Memory(
      stateOf({ 'jupyter-canidothis:a': 'x', 'jupyter-canidothis:b': { c: 1 } })
    );
    expect(await memory.recall('a')).toEqual({});
    expect(await memory.recall('b')).toEqual({});
  });

  it('gives the view back, and only what it knows of it', async () => {
    const memory = new Memory(stateOf({}));
    expect(await memory.recallView()).toEqual({});
    memory.keepView({ sortBy: 'name', filter: 'NO' });
    expect(await memory.recallView()).toEqual({ sortBy: 'name', filter: 'NO' });
    const odd = { sortBy: 'cost', filter: 'YES' };
    const other = new Memory(
      stateOf({ 'jupyter-canidothis-view:answers': odd })
    );
    expect(await other.recallView()).toEqual({ filter: 'YES' });
  });

  it('keeps nothing where the front end keeps no state', async () => {
    const memory = new Memory(null);
    memory.keep('a', { memory: { min: GIB } });
    expect(await memory.recall('a')).toEqual({});
  });
});
