/** The settings editor in the language of the front end: the server translates schemas from language packs only. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { PluginIDs } from './tokens';

const WORDED = ['title', 'description', 'jupyter.lab.setting-icon-label'];

/* eslint jupyter/no-dynamic-translation: off -- the words are in the schema, where catalogue.mjs finds them */

/** A part of a schema with its words translated; contexts are those that the server uses. */
function inLanguage(
  part: unknown,
  trans: TranslationBundle,
  context = 'schema'
): unknown {
  if (Array.isArray(part)) {
    return part.map(one => inLanguage(one, trans, context));
  }
  if (typeof part !== 'object' || part === null) {
    return part;
  }
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) =>
      WORDED.includes(key) && typeof value === 'string'
        ? [key, trans._p(key.includes('.') ? 'settings' : context, value)]
        : [key, inLanguage(value, trans, 'settings')]
    )
  );
}

/** Translate our schema whenever it is fetched. */
export function translateSettings(
  registry: ISettingRegistry,
  trans: TranslationBundle
): void {
  registry.transform(PluginIDs.panel, {
    fetch: plugin => ({
      ...plugin,
      schema: inLanguage(plugin.schema, trans) as ISettingRegistry.ISchema
    })
  });
}
