/** Names, identifiers and public interfaces; importing this module has no side effects. */
import type { JSONObject } from '@lumino/coreutils';
import { Token } from '@lumino/coreutils';

/** Name of the npm package; first part of every identifier. */
export const NAME = 'jupyter-canidothis';

/** Translation domain. */
export const DOMAIN = 'jupyter_canidothis';

/** Identifier of the panel in the shell and of its place in a saved layout. */
export const PANEL_ID = 'jp-CanIDoThis-panel';

/** Identifiers of the plugins. */
export namespace PluginIDs {
  export const panel = 'jupyter-canidothis:plugin';
  export const commands = 'jupyter-canidothis:commands';
}

/** Identifiers of the commands. */
export namespace CommandIDs {
  export const open = 'jupyter-canidothis:open';
}

/** Arguments of the commands: none takes any. */
export const NO_ARGUMENTS: JSONObject = {
  type: 'object',
  additionalProperties: false,
  properties: {}
};

/** What other plugins may do with the panel. */
export interface ICanIDoThis {
  /** Show the panel and plan the current notebook. */
  open(): void;
}

/** The panel, for other plugins. */
export const ICanIDoThis = new Token<ICanIDoThis>(
  'jupyter-canidothis:ICanIDoThis',
  'The "Can I run this?" panel: show it and plan the current notebook.'
);
