/** The plugins: the panel, and the command that opens it. Activating them asks nobody anything. */
import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Announcer } from './announce';
import { addCommands } from './commands';
import { PlanController } from './controller';
import { Memory } from './memory';
import { PlanModel } from './model';
import { NotebookSource } from './notebook';
import { CanIDoThisPanel } from './panel';
import { PlanService } from './request';
import { followSettings } from './settings';
import { placePanel } from './shell';
import { DOMAIN, ICanIDoThis, PluginIDs } from './tokens';

/** The panel. Every service is optional, so that it lives in Lab, Notebook and elsewhere. */
const panelPlugin: JupyterFrontEndPlugin<ICanIDoThis> = {
  id: PluginIDs.panel,
  description: 'Shows which platforms would run the notebook in front.',
  autoStart: true,
  optional: [
    INotebookTracker,
    ILayoutRestorer,
    ISettingRegistry,
    ITranslator,
    IStateDB
  ],
  provides: ICanIDoThis,
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    state: IStateDB | null
  ): ICanIDoThis => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const model = new PlanModel();
    const announcer = new Announcer();
    const controller = new PlanController({
      model,
      announcer,
      trans,
      memory: new Memory(state),
      source: new NotebookSource(tracker),
      service: new PlanService(app.serviceManager.serverSettings)
    });
    const onLive = followSettings(registry, model);
    const panel = new CanIDoThisPanel({
      model,
      controller,
      announcer,
      trans,
      onLive
    });
    placePanel(app, panel, restorer);
    return { open: () => app.shell.activateById(panel.id) };
  }
};

/** The command, for toolbar, palette and keyboard. */
const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.commands,
  description: 'Adds the command that plans the notebook in front.',
  autoStart: true,
  requires: [ICanIDoThis],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    panel: ICanIDoThis,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    addCommands(app, panel, palette, trans);
  }
};

export { ICanIDoThis };
const plugins: [
  JupyterFrontEndPlugin<ICanIDoThis>,
  JupyterFrontEndPlugin<void>
] = [panelPlugin, commandsPlugin];

export default plugins;
