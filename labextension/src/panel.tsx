/** The panel in the shell: a widget around `PlanView`. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import type { Announcer } from './announce';
import { LiveRegions } from './components/LiveRegions';
import { PlanView, type IPlanActions } from './components/PlanView';
import { TransContext } from './components/trans';
import type { PlanController } from './controller';
import type { HandoverDesk } from './desk';
import { canIDoThisIcon } from './icons';
import type { DocumentDesk } from './document';
import type { PlanModel } from './model';
import { PANEL_ID } from './tokens';
import type { LivePlanning } from './preferences';
import type { Resources } from './types';

/** Screens on which the style sheet gives the panel a least width. */
const WIDE = '(min-width: 641px)';

export interface IPanelOptions {
  model: PlanModel;
  controller: PlanController;
  announcer: Announcer;
  trans: TranslationBundle;
  /** The address of a notebook with resources, to be given to others. */
  linkTo: (path: string, resources: Resources) => string;
  /** Reads and writes the task as text. */
  document: DocumentDesk;
  /** Lets a person choose a file to ask about; null where there are no files to choose from. */
  choose: () => (() => void) | null;
  /** What opens the settings; null where there is no editor of them. */
  settings: () => (() => void) | null;
  /** Told when a person switches live planning on or off. */
  onLive: (livePlanning: LivePlanning) => void;
  desk: HandoverDesk;
  /** Shows the answers beside each other. */
  compare: () => void;
}

/** Owns nothing but its view; asks the controller only while it is on screen. */
export class CanIDoThisPanel extends ReactWidget {
  private readonly _actions: IPlanActions;
  private _whenLive: LivePlanning = 'estimate';
  private _width: MediaQueryList | null = null;

  constructor(private readonly options: IPanelOptions) {
    super();
    const { trans } = options;
    this.id = PANEL_ID;
    this.addClass('jp-CanIDoThis');
    this.title.icon = canIDoThisIcon;
    this.title.caption = trans.__('Can I run this?');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Can I run this?'));
    this._actions = this.makeActions();
  }

  protected override render(): JSX.Element {
    const { model, announcer, trans } = this.options;
    return (
      <TransContext.Provider value={trans}>
        <LiveRegions announcer={announcer} />
        <UseSignal signal={model.changed} initialSender={model}>
          {() => <PlanView state={model.state} actions={this._actions} />}
        </UseSignal>
      </TransContext.Provider>
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.options.controller.setShown(true);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._width = window.matchMedia(WIDE);
    this._width.addEventListener('change', this._refit);
    this.options.controller.setShown(this.isVisible);
  }

  protected override onBeforeDetach(message: Message): void {
    this._width?.removeEventListener('change', this._refit);
    super.onBeforeDetach(message);
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.options.controller.setShown(false);
  }

  /** Layouts measure a least width once; the style sheet has another one for narrow screens. */
  private readonly _refit = (): void => this.parent?.fit();

  private makeActions(): IPlanActions {
    const {
      controller,
      model,
      onLive,
      desk,
      compare,
      document,
      choose,
      settings
    } = this.options;
    return {
      describe: () => void controller.describe(),
      save: () => void controller.save(),
      plan: () => void controller.plan(),
      stop: () => controller.stop(),
      retry: platform => void controller.retry(platform),
      setView: chosen => controller.setView(chosen),
      move: (quantity, range) => controller.setRange(quantity, range),
      rest: isReleased =>
        controller.rest(isReleased ? 0 : model.state.debounce),
      apply: (change, platform) => controller.apply(change, platform),
      undo: () => controller.undo(),
      reset: () => controller.reset(),
      edit: task => controller.edit(task),
      readText: (text, form) => document.read(text, form),
      writeText: form => document.write(form),
      openFile: () => document.open(),
      saveFile: (text, over) => document.save(text, over),
      choose,
      settings,
      setLive: live => {
        const { livePlanning: before } = model.state;
        this._whenLive = before === 'off' ? this._whenLive : before;
        const livePlanning = live ? this._whenLive : 'off';
        model.setPreferences({ livePlanning });
        controller.rest(0);
        onLive(livePlanning);
      },
      copyRequest: () => this.copyRequest(),
      copyLink: () => this.copyLink(),
      copyText: (text, said) => this.copy(text, said),
      handOver: platform => desk.handOver(platform),
      nearest: platform => desk.nearest(platform),
      saveScript: made => desk.save(made),
      compare,
      closeLink: () => model.closeLink()
    };
  }

  private copyRequest(): Promise<void> {
    const { model, trans } = this.options;
    const { task } = model.state;
    const text = JSON.stringify({ task }, null, 2);
    return this.copy(text, trans.__('Request copied.'));
  }

  private copyLink(): Promise<void> {
    const { model, linkTo, trans } = this.options;
    const { notebook, task } = model.state;
    const address = linkTo(notebook?.path ?? '', task?.resources ?? {});
    return this.copy(address, trans.__('Link copied.'));
  }

  private async copy(text: string, said: string): Promise<void> {
    const { announcer, trans } = this.options;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      announcer.alert(trans.__('The browser does not allow copying here.'));
      throw new Error('copying is not allowed');
    }
    announcer.say(said);
  }
}
