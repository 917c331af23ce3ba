/** The comparison: what its tab holds, around `ComparisonView`. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';
import { ComparisonView } from './components/compare/ComparisonView';
import type { DrawMap } from './components/compare/useTaskMap';
import { TransContext } from './components/trans';
import type { PlanModel } from './model';
import type { Change } from './types';

export interface IComparisonOptions {
  model: PlanModel;
  draw: DrawMap;
  trans: TranslationBundle;
  onApply: (change: Change, platform: string) => void;
  onOpenPanel: () => void;
}

/** Follows the answers of the panel; asks nobody but our own server, for its map. */
export class Comparison extends ReactWidget {
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
