/** Names, identifiers and public interfaces; importing this module has no side effects. */
import type { JSONObject } from '@lumino/coreutils';
import { Token } from '@lumino/coreutils';
import type { Resources } from './types';

/** Name of the npm package; first part of every identifier. */
export const NAME = 'jupyter-canidothis';

/** Translation domain. */
export const DOMAIN = 'jupyter_canidothis';

/** Identifier of the panel in the shell and of its place in a saved layout. */
export const PANEL_ID = 'jp-CanIDoThis-panel';

/** Identifier of the comparison in the shell and in a saved layout. */
export const COMPARISON_ID = 'jp-CanIDoThis-comparison';

/** Identifier of the list of platforms in the shell and in a saved layout. */
export const PLATFORMS_ID = 'jp-CanIDoThis-platforms';

/** Identifier of the item in the status bar. */
export const STATUS_ID = 'jupyter-canidothis:status';

/** Identifiers of the plugins. */
export namespace PluginIDs {
  export const panel = 'jupyter-canidothis:plugin';
  export const commands = 'jupyter-canidothis:commands';
  export const link = 'jupyter-canidothis:link';
}

/** Identifiers of the commands. */
export namespace CommandIDs {
  export const open = 'jupyter-canidothis:open';
  export const openSelected = 'jupyter-canidothis:open-selected';
  export const chooseFile = 'jupyter-canidothis:choose-file';
  export const compare = 'jupyter-canidothis:compare';
  export const showPlatforms = 'jupyter-canidothis:show-platforms';
  export const followLink = 'jupyter-canidothis:follow-link';
}

function textArguments(words: Record<string, string>): JSONObject {
  const properties = Object.fromEntries(
    Object.entries(words).map(([name, description]) => [
      name,
      { type: 'string', description }
    ])
  );
  return { type: 'object', properties };
}

/** Arguments of the commands. */
export namespace Arguments {
  export const none = textArguments({});
  export const open = textArguments({
    path: 'The notebook to plan; the one in front when it is not given.'
  });
  export const link = textArguments({
    path: 'The path of the page.',
    search: 'The query of the page; its parameter canidothis is read.'
  });
}

/** What other plugins may do with the panel. */
export interface ICanIDoThis {
  /** Show the panel and plan a notebook: the one in front, or the one at this path. */
  open(path?: string): void;

  /** Show the answers of the panel beside each other, in a tab of their own. */
  compare(): void;

  /** Show what is configured, in a tab of its own. */
  showPlatforms(): void;

  /** Show the panel and plan with the resources of a link; null when it could not be read. */
  followLink(resources: Resources | null): void;
}

/** The panel, for other plugins. */
export const ICanIDoThis = new Token<ICanIDoThis>(
  'jupyter-canidothis:ICanIDoThis',
  'The "Can I run this?" panel: show it and plan the current notebook.'
);
