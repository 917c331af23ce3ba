/** The commands that open the panel, and where they can be found. */
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
  if (palette !== null) {
    added.add(
      palette.addItem({
        command: CommandIDs.open,
        category: trans.__('Notebook Operations')
      })
    );
  }
  return added;
}
