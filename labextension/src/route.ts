/** Follows links to this panel when the front end routes its address. */
import type { IRouter, JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import { DisposableSet, type IDisposable } from '@lumino/disposable';
import { canIDoThisIcon } from './icons';
import { decodeLink, PARAMETER, payloadOf, withoutPayload } from './link';
import { Arguments, CommandIDs, type ICanIDoThis } from './tokens';

/** Before the rules that open files, which end the routing. */
const RANK = 10;

/** Register the route; dispose the result to take it back. */
export function followLinks(
  app: JupyterFrontEnd,
  panel: ICanIDoThis,
  router: IRouter,
  trans: TranslationBundle
): IDisposable {
  const added = new DisposableSet();
  added.add(
    app.commands.addCommand(CommandIDs.followLink, {
      label: trans.__('Follow a link with resources'),
      caption: trans.__('Plan with the resources in the address of the page'),
      icon: canIDoThisIcon,
      describedBy: { args: Arguments.link },
      execute: ({ path, search }) => {
        const query = String(search ?? '');
        const payload = payloadOf(query);
        if (payload !== null) {
          panel.followLink(decodeLink(payload));
          const rest = `${String(path ?? '')}${withoutPayload(query)}`;
          router.navigate(rest, { skipRouting: true });
        }
      }
    })
  );
  added.add(
    router.register({
      command: CommandIDs.followLink,
      pattern: new RegExp(`[?&]${PARAMETER}=`),
      rank: RANK
    })
  );
  return added;
}
