/** The commands that open the panel and its tabs, and where they can be found. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { FileDialog, type IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { canIDoThisIcon } from './icons';
import { isTaskFile } from './taskfiles';
import { Arguments, CommandIDs, type ICanIDoThis } from './tokens';

/** The file selected in the file browser that can be asked about. */
function selectedFile(files: IFileBrowserFactory | null): string | null {
  const selected = files?.tracker.currentWidget?.selectedItems() ?? [];
  for (const { type, name, path } of selected) {
    if (type === 'notebook' || (type === 'file' && isTaskFile(name))) {
      return path;
    }
  }
  return null;
}

/** The file that a person chooses in a dialog; null when they think better of it. */
async function chosenFile(
  files: IFileBrowserFactory | null,
  trans: TranslationBundle
): Promise<string | null> {
  const browser = files?.tracker.currentWidget ?? null;
  if (browser === null) {
    return null;
  }
  const { value } = await FileDialog.getOpenFiles({
    manager: browser.model.manager,
    title: trans.__('Can I run…'),
    filter: ({ type, name }) =>
      type === 'directory' || isTaskFile(name) ? { score: 0 } : null
  });
  const [chosen] = value ?? [];
  return chosen === undefined || chosen.type === 'directory'
    ? null
    : chosen.path;
}

/** Register the commands; dispose the result to take them back. */
export function addCommands(
  app: JupyterFrontEnd,
  panel: ICanIDoThis,
  palette: ICommandPalette | null,
  files: IFileBrowserFactory | null,
  trans: TranslationBundle
): IDisposable {
  const added = new DisposableSet();
  added.add(
    app.commands.addCommand(CommandIDs.open, {
      label: trans.__('Can I run this?'),
      caption: trans.__(
        'Which platforms would run this notebook, when, and what would have to change'
      ),
      icon: canIDoThisIcon,
      describedBy: { args: Arguments.open },
      execute: ({ path }) =>
        panel.open(typeof path === 'string' ? path : undefined)
    })
  );
  added.add(
    app.commands.addCommand(CommandIDs.openSelected, {
      label: trans.__('Can I run this?'),
      caption: trans.__('Plan the file selected in the file browser'),
      icon: canIDoThisIcon,
      describedBy: { args: Arguments.none },
      isVisible: () => selectedFile(files) !== null,
      execute: () => panel.open(selectedFile(files) ?? undefined)
    })
  );
  added.add(
    app.commands.addCommand(CommandIDs.chooseFile, {
      label: trans.__('Can I run Another File…'),
      caption: trans.__(
        'Choose a notebook, script, Dockerfile, Compose file or chart to plan'
      ),
      icon: canIDoThisIcon,
      describedBy: { args: Arguments.none },
      isVisible: () => (files?.tracker.currentWidget ?? null) !== null,
      execute: async () => {
        const path = await chosenFile(files, trans);
        if (path !== null) {
          panel.open(path);
        }
      }
    })
  );
  added.add(
    app.commands.addCommand(CommandIDs.compare, {
      label: trans.__('Compare Platforms'),
      caption: trans.__(
        'The limits of all platforms in a chart, and a map of what they accept'
      ),
      icon: canIDoThisIcon,
      describedBy: { args: Arguments.none },
      execute: () => panel.compare()
    })
  );
  added.add(
    app.commands.addCommand(CommandIDs.showPlatforms, {
      label: trans.__('Platforms for Notebooks'),
      caption: trans.__(
        'Which platforms can be asked, how they are, and adding one of your own'
      ),
      icon: canIDoThisIcon,
      describedBy: { args: Arguments.none },
      execute: () => panel.showPlatforms()
    })
  );
  for (const command of [
    CommandIDs.open,
    CommandIDs.chooseFile,
    CommandIDs.compare,
    CommandIDs.showPlatforms
  ]) {
    const category = trans.__('Notebook Operations');
    const item = palette?.addItem({ command, category });
    if (item !== undefined) {
      added.add(item);
    }
  }
  return added;
}
