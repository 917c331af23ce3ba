/** The notebook in front: its state, and its live content for the describer. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';
import type { IAskedKernel } from './kernel';
import type { INotebookState } from './state';
import type { DescribeRequest, KernelReplies } from './types';

/** Where the panel learns which notebook it is about. */
export interface INotebookSource {
  readonly current: INotebookState | null;
  readonly changed: ISignal<INotebookSource, void>;
  /** The live notebook, unsaved cells included; null without one. */
  read(): Promise<DescribeRequest | null>;
  save(): Promise<void>;
}

interface ICell {
  outputs?: unknown[];
}

/** Outputs say nothing about needs, can be large, and stay here. */
function withoutOutputs(content: { cells?: unknown }): Record<string, unknown> {
  const cells = Array.isArray(content.cells) ? (content.cells as ICell[]) : [];
  return {
    ...content,
    cells: cells.map(cell => (cell.outputs ? { ...cell, outputs: [] } : cell))
  };
}

/** What makes a need: the cells' text, not their outputs or the kernel's traces. */
function sourcesOf(panel: NotebookPanel): string[] {
  const { cells } = panel.context.model.sharedModel;
  return cells.map(cell => cell.getSource());
}

/** Follows the tracker; without one (no notebook front end) there is never a notebook. */
export class NotebookSource implements INotebookSource, IDisposable {
  private _panel: NotebookPanel | null = null;
  /** A notebook that is not open, until another one comes to the front. */
  private _chosen: string | null = null;
  private _isEdited = false;
  private _sources: readonly string[] = [];
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);

  constructor(
    private readonly tracker: INotebookTracker | null,
    private readonly localPath: (path: string) => string,
    private readonly ask: (
      kernel: IAskedKernel
    ) => Promise<KernelReplies | null>
  ) {
    this.tracker?.currentChanged.connect(this.onCurrent, this);
    this.onCurrent();
  }

  get current(): INotebookState | null {
    if (this._chosen !== null) {
      const name = this._chosen.split('/').pop() ?? '';
      const path = this._chosen;
      return { path, name, isDirty: false, isEdited: false };
    }
    if (this._panel === null) {
      return null;
    }
    const { path, model, localPath } = this._panel.context;
    return {
      path,
      name: localPath.split('/').pop() ?? path,
      isDirty: model.dirty,
      isEdited: this._isEdited
    };
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Turn to a notebook: as it is on screen where it is open, else as it is saved. */
  choose(path: string): void {
    const open = this.tracker?.find(panel => panel.context.path === path);
    this.turnTo(open ?? null);
    this._chosen = open === undefined ? path : null;
    this._changed.emit();
  }

  async read(): Promise<DescribeRequest | null> {
    if (this._chosen !== null) {
      return { path: this.localPath(this._chosen) };
    }
    const panel = this._panel;
    if (panel === null) {
      return null;
    }
    await panel.context.ready;
    const kernel = panel.sessionContext.session?.kernel;
    const notebook = panel.context.model.toJSON() as { cells?: unknown };
    this._isEdited = false;
    this._sources = sourcesOf(panel);
    this._changed.emit();
    const request = {
      path: panel.context.localPath,
      notebook: withoutOutputs(notebook)
    };
    if (!kernel) {
      return request;
    }
    const replies = await this.ask(kernel);
    return {
      ...request,
      kernel_id: kernel.id,
      ...(replies ? { kernel_replies: replies } : {})
    };
  }

  async save(): Promise<void> {
    await this._panel?.context.save();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.leave();
      this.tracker?.currentChanged.disconnect(this.onCurrent, this);
      Signal.clearData(this);
    }
  }

  private onCurrent(): void {
    this.turnTo(this.tracker?.currentWidget ?? null);
    this._changed.emit();
  }

  private turnTo(panel: NotebookPanel | null): void {
    this.leave();
    this._panel = panel;
    this._chosen = null;
    this._isEdited = false;
    if (panel !== null) {
      panel.context.pathChanged.connect(this.onChange, this);
      panel.context.model.stateChanged.connect(this.onChange, this);
      panel.context.model.contentChanged.connect(this.onEdit, this);
    }
  }

  private leave(): void {
    const panel = this._panel;
    this._panel = null;
    if (panel !== null && !panel.isDisposed) {
      panel.context.pathChanged.disconnect(this.onChange, this);
      panel.context.model.stateChanged.disconnect(this.onChange, this);
      panel.context.model.contentChanged.disconnect(this.onEdit, this);
    }
  }

  private onChange(): void {
    this._changed.emit();
  }

  private onEdit(): void {
    if (this._isEdited || this._panel === null) {
      return;
    }
    const sources = sourcesOf(this._panel);
    this._isEdited =
      sources.length !== this._sources.length ||
      sources.some((source, index) => source !== this._sources[index]);
    if (this._isEdited) {
      this._changed.emit();
    }
  }
}
