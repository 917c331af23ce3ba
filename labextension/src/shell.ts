/** Puts the panel where the front end has a place for it. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

/** Among the right-hand panels, in the ranks meant for extensions (501 to 899). */
const RANK = 600;

/** Add the panel to the right, unshown; front ends without a right side go without. */
export function placePanel(
  app: JupyterFrontEnd,
  panel: Widget,
  restorer: ILayoutRestorer | null
): void {
  try {
    app.shell.add(panel, 'right', { rank: RANK });
  } catch (reason) {
    // Voila's shell, for one, throws for an area that it does not have.
    console.debug(`${panel.id}: this front end has no right side`, reason);
    return;
  }
  restorer?.add(panel, panel.id);
}
