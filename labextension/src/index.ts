/** The plugins: the panel, and the command that opens it. Activating them asks nobody anything. */
import {
  ILayoutRestorer,
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Announcer } from './announce';
import { addCommands } from './commands';
import { Comparison } from './comparison';
import { PlanController } from './controller';
import { HandoverDesk } from './desk';
import { Directory } from './directory';
import { DocumentDesk } from './document';
import { askKernel } from './kernel';
import { linkTo } from './link';
import { Memory } from './memory';
import { PlanModel } from './model';
import { NotebookSource } from './notebook';
import { CanIDoThisPanel } from './panel';
import { PlatformsTab } from './platforms';
import { PlanService } from './request';
import { followLinks } from './route';
import { meetServer } from './server';
import { followSettings } from './settings';
import { placePanel } from './shell';
import { makeTab } from './tab';
import {
  COMPARISON_ID,
  CommandIDs,
  DOMAIN,
  ICanIDoThis,
  PANEL_ID,
  PLATFORMS_ID,
  PluginIDs
} from './tokens';

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
    const memory = new Memory(state);
    const { contents, serverSettings } = app.serviceManager;
    const localPath = (path: string): string => contents.localPath(path);
    const service = new PlanService(serverSettings);
    const source = new NotebookSource(tracker, localPath, kernel =>
      askKernel(kernel, kernelId => service.questions(kernelId))
    );
    const controller = new PlanController({
      model,
      announcer,
      trans,
      memory,
      source,
      service
    });
    meetServer(model, service);
    const onLive = followSettings(registry, model, memory);
    const showPanel = (): void => app.shell.activateById(PANEL_ID);
    const compare = makeTab(app, restorer, {
      id: COMPARISON_ID,
      label: trans.__('Platforms compared'),
      command: CommandIDs.compare,
      make: () =>
        new Comparison({
          model,
          trans,
          draw: (request, signal) => service.map(request, signal),
          onApply: (change, platform) => controller.apply(change, platform),
          onOpenPanel: showPanel
        })
    });
    const showPlatforms = makeTab(app, restorer, {
      id: PLATFORMS_ID,
      label: trans.__('Platforms for notebooks'),
      command: CommandIDs.showPlatforms,
      make: () => new PlatformsTab(new Directory(service), announcer, trans)
    });
    const panel = new CanIDoThisPanel({
      model,
      controller,
      announcer,
      trans,
      onLive,
      compare,
      desk: new HandoverDesk(model, service, contents),
      document: new DocumentDesk(model, service, contents),
      choose: () =>
        app.commands.hasCommand(CommandIDs.chooseFile) &&
        app.commands.isVisible(CommandIDs.chooseFile)
          ? () => void app.commands.execute(CommandIDs.chooseFile)
          : null,
      linkTo: (path, resources) =>
        linkTo(
          serverSettings.baseUrl,
          window.location.pathname,
          localPath(path),
          resources
        )
    });
    placePanel(app, panel, restorer);
    return {
      compare,
      showPlatforms,
      open: path => {
        if (path !== undefined) {
          source.choose(path);
        }
        showPanel();
      },
      followLink: resources => {
        controller.followLink(resources);
        // Addresses are routed before the front end has put its panels back.
        void app.restored.then(showPanel);
      }
    };
  }
};

/** The command, for toolbar, palette and keyboard. */
const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.commands,
  description: 'Adds the commands that plan a notebook.',
  autoStart: true,
  requires: [ICanIDoThis],
  optional: [ICommandPalette, IFileBrowserFactory, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    panel: ICanIDoThis,
    palette: ICommandPalette | null,
    files: IFileBrowserFactory | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    addCommands(app, panel, palette, files, trans);
  }
};

/** Links: `?canidothis=` in the address, where the front end routes addresses. */
const linkPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.link,
  description: 'Plans with the resources that a link carries.',
  autoStart: true,
  requires: [ICanIDoThis],
  optional: [IRouter, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    panel: ICanIDoThis,
    router: IRouter | null,
    translator: ITranslator | null
  ): void => {
    if (router !== null) {
      const trans = (translator ?? nullTranslator).load(DOMAIN);
      followLinks(app, panel, router, trans);
    }
  }
};

export { ICanIDoThis };
const plugins: [
  JupyterFrontEndPlugin<ICanIDoThis>,
  JupyterFrontEndPlugin<void>,
  JupyterFrontEndPlugin<void>
] = [panelPlugin, commandsPlugin, linkPlugin];

export default plugins;
