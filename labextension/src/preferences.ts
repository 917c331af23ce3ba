/** What a person sets in the settings editor: its kinds, what holds without it, and how it is read. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { toWire, type Quantity } from './quantities';
import type { Resources, Task } from './types';

/** What happens when a control moves: estimates at once and an ask when it rests, the ask alone, or nothing. */
export type LivePlanning = 'estimate' | 'ask' | 'off';

/** What screen readers are told: every step, only what it came to, or nothing but failures. */
export type Announce = 'all' | 'summary' | 'off';

export interface IPreferences {
  readonly livePlanning: LivePlanning;
  /** How long a control rests before its keyboard moves are planned, in milliseconds. */
  readonly debounce: number;
  /** How long a plan may take, in seconds; 0 leaves it to the server. */
  readonly answerDeadline: number;
  /** Whether a NO is listed among all answers. */
  readonly showRefusals: boolean;
  readonly statusBar: boolean;
  /** What is asked for where a task says nothing. */
  readonly defaultResources: Resources;
  /** Names of platforms that are not asked. */
  readonly hiddenPlatforms: readonly string[];
  readonly announce: Announce;
}

export const PREFERENCES: IPreferences = {
  livePlanning: 'estimate',
  debounce: 400,
  answerDeadline: 0,
  showRefusals: true,
  statusBar: false,
  defaultResources: {},
  hiddenPlatforms: [],
  announce: 'all'
};

const LIVE_PLANNINGS: readonly LivePlanning[] = ['estimate', 'ask', 'off'];
const ANNOUNCES: readonly Announce[] = ['all', 'summary', 'off'];
const QUANTITIES: readonly Quantity[] = [
  'cores',
  'memory',
  'duration',
  'gpus',
  'disk'
];

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}

/** Least amounts in the units of the screen, as resources. */
function resourcesOf(value: unknown): Resources {
  const amounts = Object(value) as Record<string, unknown>;
  const resources: Resources = {};
  for (const quantity of QUANTITIES) {
    const min = toWire(quantity, numberOf(amounts[quantity], 0));
    if (min) {
      resources[quantity] = { min };
    }
  }
  return resources;
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter(
        (name): name is string => typeof name === 'string' && name !== ''
      )
    : [];
}

/** The settings as they are now; what makes no sense is as if it were not set. */
export function readPreferences(
  settings: ISettingRegistry.ISettings
): IPreferences {
  const get = (name: keyof IPreferences): unknown =>
    settings.get(name).composite;
  return {
    livePlanning:
      LIVE_PLANNINGS.find(known => known === get('livePlanning')) ??
      PREFERENCES.livePlanning,
    debounce: numberOf(get('debounce'), PREFERENCES.debounce),
    answerDeadline: numberOf(get('answerDeadline'), PREFERENCES.answerDeadline),
    showRefusals: get('showRefusals') !== false,
    statusBar: get('statusBar') === true,
    defaultResources: resourcesOf(get('defaultResources')),
    hiddenPlatforms: namesOf(get('hiddenPlatforms')),
    announce:
      ANNOUNCES.find(known => known === get('announce')) ?? PREFERENCES.announce
  };
}

/** The preferences among other things. */
export function preferencesOf(all: IPreferences): IPreferences {
  const names = Object.keys(PREFERENCES) as (keyof IPreferences)[];
  return Object.fromEntries(
    names.map(name => [name, all[name]])
  ) as unknown as IPreferences;
}

/** A task as it was read, with the default where it says nothing of a resource. */
export function withDefaults(
  read: Task,
  { defaultResources }: IPreferences
): Task {
  const resources: Resources = { ...read.resources };
  for (const quantity of QUANTITIES) {
    const { min = null, max = null } = resources[quantity] ?? {};
    const range = defaultResources[quantity];
    if (min === null && max === null && range !== undefined) {
      resources[quantity] = range;
    }
  }
  return { ...read, resources };
}
