/** Tabs in the main area: one of a kind, made when it is first shown, put back with the layout. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { SplitPanel, type Widget } from '@lumino/widgets';
import { canIDoThisIcon } from './icons';

/** The panel below the document, in Lab and in Notebook. */
const BELOW = 'jp-down-stack';

export interface ITabOptions {
  /** Identifier in the shell and in a saved layout. */
  id: string;
  label: string;
  /** The command that shows it. */
  command: string;
  make: () => Widget;
}

/** Returns what shows the tab, making it when there is none. */
export function makeTab(
  app: JupyterFrontEnd,
  restorer: ILayoutRestorer | null,
  options: ITabOptions
): () => void {
  const { id, command } = options;
  const tracker = new WidgetTracker<MainAreaWidget>({ namespace: id });
  if (restorer !== null) {
    void restorer.restore(tracker, { command, name: () => id });
  }
  return () => {
    const widget = tracker.currentWidget ?? tabOf(options);
    // Notebook has one document and nothing else in its main area.
    for (const area of ['main', 'down']) {
      if (!widget.isAttached) {
        app.shell.add(widget, area);
      }
    }
    if (!tracker.has(widget)) {
      void tracker.add(widget);
    }
    app.shell.activateById(widget.id);
    giveRoom(widget);
  };
}

/** The area below a document starts without any height. */
function giveRoom(widget: Widget): void {
  let above = widget.parent;
  while (above !== null && above.id !== BELOW) {
    above = above.parent;
  }
  if (above?.parent instanceof SplitPanel) {
    above.parent.setRelativeSizes([1, 1]);
  }
}

function tabOf({ id, label, make }: ITabOptions): MainAreaWidget {
  const widget = new MainAreaWidget({ content: make() });
  widget.id = id;
  widget.title.label = label;
  widget.title.icon = canIDoThisIcon;
  widget.title.closable = true;
  widget.toolbar.hide();
  return widget;
}
