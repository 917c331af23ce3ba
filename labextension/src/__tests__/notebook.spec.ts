import type { INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { NotebookSource } from '../notebook';
import type { KernelReplies } from '../types';

/** A notebook on screen, with one cell. */
function panelOf(path: string, kernel: object | null = null): object {
  const model = {
    dirty: true,
    sharedModel: { cells: [{ getSource: () => 'x = 1' }] },
    toJSON: () => ({ cells: [{ source: 'x = 1', outputs: ['large'] }] })
  };
  return {
    context: {
      path,
      localPath: path,
      ready: Promise.resolve(),
      pathChanged: new Signal({}),
      model: {
        ...model,
        stateChanged: new Signal({}),
        contentChanged: new Signal({})
      }
    },
    sessionContext: { session: kernel && { kernel } }
  };
}

function trackerOf(...paths: string[]): {
  tracker: INotebookTracker;
  turnTo: (index: number) => void;
} {
  const panels = paths.map(path => panelOf(path)) as {
    context: { path: string };
  }[];
  const tracker = {
    currentWidget: panels[0],
    currentChanged: new Signal<object, void>({}),
    find: (isIt: (panel: object) => boolean) => panels.find(isIt)
  };
  const turnTo = (index: number): void => {
    tracker.currentWidget = panels[index];
    tracker.currentChanged.emit();
  };
  return { tracker: tracker as unknown as INotebookTracker, turnTo };
}

let source: NotebookSource | null = null;
afterEach(() => source?.dispose());

function sourceOf(
  tracker: INotebookTracker | null,
  replies: KernelReplies | null = null
): NotebookSource {
  source = new NotebookSource(
    tracker,
    path => path.replace(/^\w+:/, ''),
    async () => replies
  );
  return source;
}

describe('NotebookSource', () => {
  it('reads the notebook in front as it is on screen, without outputs', async () => {
    const { tracker } = trackerOf('a.ipynb');
    expect(await sourceOf(tracker).read()).toEqual({
      path: 'a.ipynb',
      notebook: { cells: [{ source: 'x = 1', outputs: [] }] }
    });
  });

  it.each([
    [null, { kernel_id: 'k1' }],
    [{ busy: true }, { kernel_id: 'k1', kernel_replies: { busy: true } }]
  ])('names its kernel, with what it told: %p', async (replies, expected) => {
    const currentWidget = panelOf('a.ipynb', { id: 'k1' });
    const currentChanged = new Signal<object, void>({});
    const tracker = { currentWidget, currentChanged };
    const source = sourceOf(tracker as unknown as INotebookTracker, replies);
    const { kernel_id, kernel_replies } = (await source.read()) ?? {};
    expect({ kernel_id, kernel_replies }).toEqual(expected);
  });

  it('reads a chosen notebook that is open as it is on screen', async () => {
    const source = sourceOf(trackerOf('a.ipynb', 'b.ipynb').tracker);
    source.choose('b.ipynb');
    expect(source.current).toMatchObject({ path: 'b.ipynb', isDirty: true });
    expect(await source.read()).toHaveProperty('notebook');
  });

  it('asks for a chosen notebook that is not open by its path', async () => {
    const { tracker, turnTo } = trackerOf('a.ipynb', 'b.ipynb');
    const source = sourceOf(tracker);
    source.choose('RTC:work/c.ipynb');
    expect(source.current).toMatchObject({ name: 'c.ipynb', isDirty: false });
    expect(await source.read()).toEqual({ path: 'work/c.ipynb' });
    turnTo(1);
    expect(source.current?.path).toBe('b.ipynb');
  });

  it('has none in a front end without notebooks', async () => {
    const source = sourceOf(null);
    expect(source.current).toBeNull();
    expect(await source.read()).toBeNull();
  });
});
