/** The status bar: how many platforms accept the notebook in front; off until a person wants it. */
import type { IStatusBar } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import * as React from 'react';
import type { PlanModel } from './model';
import { countsOf } from './rows';
import type { IPlanState } from './state';
import { STATUS_ID } from './tokens';

export interface IStatusOptions {
  model: PlanModel;
  trans: TranslationBundle;
  /** Shows the panel. */
  onOpen: () => void;
}

/** What the item shows, and what it is called; the name begins with what is shown. */
export function statusWords(
  state: IPlanState,
  trans: TranslationBundle
): { shown: string; name: string } {
  const { asked, yes } = countsOf(state);
  if (asked === 0 || state.isStale) {
    const shown = trans.__('Can I run this?');
    return { shown, name: shown };
  }
  const shown = trans.__('%1/%2 platforms', yes, asked);
  return { shown, name: trans.__('%1 accept: can I run this?', shown) };
}

class StatusItem extends ReactWidget {
  constructor(private readonly options: IStatusOptions) {
    super();
    this.addClass('jp-CanIDoThis-status');
  }

  protected override render(): JSX.Element {
    const { model, trans, onOpen } = this.options;
    return (
      <UseSignal signal={model.changed} initialSender={model}>
        {() => {
          const { shown, name } = statusWords(model.state, trans);
          return (
            <button
              type="button"
              aria-label={name}
              title={name}
              onClick={onOpen}
            >
              {shown}
            </button>
          );
        }}
      </UseSignal>
    );
  }
}

/** Add the item; it is there while the settings say so. */
export function addStatusItem(
  statusBar: IStatusBar,
  options: IStatusOptions
): IDisposable {
  const { model } = options;
  const switched = new Signal<PlanModel, void>(model);
  let before = model.state.statusBar;
  model.changed.connect((_, state) => {
    if (state.statusBar !== before) {
      before = state.statusBar;
      switched.emit();
    }
  });
  return statusBar.registerStatusItem(STATUS_ID, {
    item: new StatusItem(options),
    align: 'right',
    rank: 600,
    isActive: () => model.state.statusBar,
    activeStateChanged: switched
  });
}
