/** The plugins: the panel, and the command that opens it. Activating them asks nobody anything. */
import {
  ILayoutRestorer,
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
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
import { namesKnown } from './scope';
import { meetServer } from './server';
import { followSettings } from './settings';
import { placePanel } from './shell';
import { addStatusItem } from './status';
import { makeTab } from './tab';
import { translateSettings } from './wording';
import {
  COMPARISON_ID,
  CommandIDs,
  DOMAIN,
  ICanIDoThis,
  PANEL_ID,
  PLATFORMS_ID,
  PluginIDs
} from './tokens';

/** The front end's own command that opens the settings editor. */
const SETTINGS_COMMAND = 'settingeditor:open';

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
    IStateDB,
    IStatusBar
  ],
  provides: ICanIDoThis,
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    state: IStateDB | null,
    statusBar: IStatusBar | null
  ): ICanIDoThis => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const model = new PlanModel();
    const announcer = new Announcer(() => model.state.announce);
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
    if (registry !== null) {
      translateSettings(registry, trans);
    }
    meetServer(model, service);
    const onLive = followSettings(registry, model, memory, controller);
    const showPanel = (): void => app.shell.activateById(PANEL_ID);
    const compare = makeTab(app, restorer, {
      id: COMPARISON_ID,
      label: trans.__('Platforms compared'),
      command: CommandIDs.compare,
      make: () =>
        new Comparison({
          model,
          trans,
          draw: (request, signal) => {
            const platforms = namesKnown(model.state);
            return service.map(
              { ...request, ...(platforms && { platforms }) },
              signal
            );
          },
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
      settings: () =>
        app.commands.hasCommand(SETTINGS_COMMAND)
          ? () =>
              void app.commands.execute(SETTINGS_COMMAND, {
                query: trans.__('Can I run this?')
              })
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
    if (statusBar !== null) {
      addStatusItem(statusBar, { model, trans, onOpen: showPanel });
    }
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
  optional: [ICommandPalette, IFileBrowserFactory, ITranslator, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    panel: ICanIDoThis,
    palette: ICommandPalette | null,
    files: IFileBrowserFactory | null,
    translator: ITranslator | null,
    launcher: ILauncher | null
  ): void => {
    const translations = translator ?? nullTranslator;
    addCommands(app, panel, palette, files, translations.load(DOMAIN));
    // The front end names its own groups of cards, in its own words.
    const category = translations.load('jupyterlab').gettext('Other');
    launcher?.add({ command: CommandIDs.open, category });
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
