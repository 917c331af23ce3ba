/** The commands that open the panel and its tabs, and where they can be found. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { canIDoThisIcon } from './icons';
import { Arguments, CommandIDs, type ICanIDoThis } from './tokens';

/** The notebook that is selected in the file browser. */
function selectedNotebook(files: IFileBrowserFactory | null): string | null {
  const selected = files?.tracker.currentWidget?.selectedItems() ?? [];
  for (const { type, path } of selected) {
    if (type === 'notebook') {
      return path;
    }
  }
  return null;
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
      caption: trans.__('Plan the notebook selected in the file browser'),
      icon: canIDoThisIcon,
      describedBy: { args: Arguments.none },
      isVisible: () => selectedNotebook(files) !== null,
      execute: () => panel.open(selectedNotebook(files) ?? undefined)
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
