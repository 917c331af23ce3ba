/** The command that opens the panel, and where it can be found. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { canIDoThisIcon } from './icons';
import { CommandIDs, NO_ARGUMENTS, type ICanIDoThis } from './tokens';

/** Register the command; dispose the result to take it back. */
export function addCommands(
  app: JupyterFrontEnd,
  panel: ICanIDoThis,
  palette: ICommandPalette | null,
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
      describedBy: { args: NO_ARGUMENTS },
      execute: () => panel.open()
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
