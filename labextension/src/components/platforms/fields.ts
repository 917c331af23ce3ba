/** What the form asks for each kind, and the entry that its answers make. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Entry } from '../../directory';

/** The kinds that the form knows; others go into the configuration file by hand. */
export type AddableKind = 'slurm' | 'planner' | 'declared';

export const ADDABLE: readonly AddableKind[] = ['slurm', 'planner', 'declared'];

export interface IField {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly isNeeded: boolean;
}

export type Values = Readonly<Record<string, string>>;

export function kindName(kind: AddableKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'slurm':
      return trans.__('Slurm, over ssh');
    case 'planner':
      return trans.__('Another Execution Planner');
    case 'declared':
      return trans.__('Limits that I write down');
  }
}

export function fieldsOf(
  kind: AddableKind,
  trans: TranslationBundle
): readonly IField[] {
  const field = (
    name: string,
    label: string,
    hint: string,
    isNeeded = false
  ): IField => ({ name, label, hint, isNeeded });
  switch (kind) {
    case 'slurm':
      return [
        field(
          'ssh',
          trans.__('Host'),
          trans.__('As in your ssh configuration; keys and users stay there.'),
          true
        ),
        field(
          'partitions',
          trans.__('Partitions'),
          trans.__('Separated by commas; empty asks all.')
        ),
        field(
          'account',
          trans.__('Account'),
          trans.__('Empty takes the default one.')
        )
      ];
    case 'planner':
      return [
        field(
          'url',
          trans.__('Address'),
          trans.__('Ends in /canidothis or what it calls it.'),
          true
        ),
        field(
          'token_env',
          trans.__('Environment variable with its token'),
          trans.__('The name of the variable, never the token itself.')
        )
      ];
    case 'declared':
      return [
        field(
          'tasktypes',
          trans.__('Task types'),
          trans.__('For example uri://jupyter-notebook, separated by commas.'),
          true
        ),
        field(
          'servicetype',
          trans.__('Service type'),
          trans.__('For example uri://jupyter-hub.'),
          true
        ),
        field('endpoint', trans.__('Address'), trans.__('Where to go.')),
        field('maxcores', trans.__('Most cores'), trans.__('For example 8.')),
        field(
          'maxmemory',
          trans.__('Most memory'),
          trans.__('With its unit, for example 16G.')
        ),
        field(
          'maxduration',
          trans.__('Longest run'),
          trans.__('For example 8h or 2d.')
        )
      ];
  }
}

const LISTS = new Set(['partitions', 'tasktypes']);
const AMOUNTS = new Set(['maxcores', 'maxmemory', 'maxduration']);

/** The entry of the configuration that the form makes; the server judges it. */
export function entryOf(
  kind: AddableKind,
  name: string,
  values: Values
): Entry {
  const resources: Record<string, unknown> = {};
  const entry: Record<string, unknown> = { kind, name: name.trim() };
  for (const [key, value] of Object.entries(values)) {
    const text = value.trim();
    if (text === '') {
      continue;
    }
    if (AMOUNTS.has(key)) {
      resources[key] = text;
    } else if (LISTS.has(key)) {
      entry[key] = text.split(',').map(part => part.trim());
    } else {
      entry[key] = text;
    }
  }
  return Object.keys(resources).length > 0 ? { ...entry, resources } : entry;
}
