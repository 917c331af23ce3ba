/** The comparison in the shell: a tab around `ComparisonView`. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { SplitPanel, type Widget } from '@lumino/widgets';
import * as React from 'react';
import { ComparisonView } from './components/compare/ComparisonView';
import type { DrawMap } from './components/compare/useTaskMap';
import { TransContext } from './components/trans';
import { canIDoThisIcon } from './icons';
import type { PlanModel } from './model';
import { COMPARISON_ID, CommandIDs } from './tokens';
import type { Change } from './types';

/** The panel below the document, in Lab and in Notebook. */
const BELOW = 'jp-down-stack';

export interface IComparisonOptions {
  model: PlanModel;
  draw: DrawMap;
  trans: TranslationBundle;
  onApply: (change: Change, platform: string) => void;
  onOpenPanel: () => void;
}

/** Follows the answers of the panel; asks nobody but our own server, for its map. */
class Comparison extends ReactWidget {
  constructor(private readonly options: IComparisonOptions) {
    super();
    this.addClass('jp-CanIDoThis');
    this.addClass('jp-CanIDoThis-compare');
  }

  protected override render(): JSX.Element {
    const { model, trans, draw, onApply, onOpenPanel } = this.options;
    return (
      <TransContext.Provider value={trans}>
        <UseSignal signal={model.changed} initialSender={model}>
          {() => (
            <ComparisonView
              state={model.state}
              draw={draw}
              onApply={onApply}
              onOpenPanel={onOpenPanel}
            />
          )}
        </UseSignal>
      </TransContext.Provider>
    );
  }
}

/** Returns what shows the one comparison, making it when there is none. */
export function makeComparison(
  app: JupyterFrontEnd,
  restorer: ILayoutRestorer | null,
  options: IComparisonOptions
): () => void {
  const tracker = new WidgetTracker<MainAreaWidget<Comparison>>({
    namespace: COMPARISON_ID
  });
  if (restorer !== null) {
    void restorer.restore(tracker, {
      command: CommandIDs.compare,
      name: () => COMPARISON_ID
    });
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

function tabOf(options: IComparisonOptions): MainAreaWidget<Comparison> {
  const widget = new MainAreaWidget({ content: new Comparison(options) });
  widget.id = COMPARISON_ID;
  widget.title.label = options.trans.__('Platforms compared');
  widget.title.icon = canIDoThisIcon;
  widget.title.closable = true;
  widget.toolbar.hide();
  return widget;
}
