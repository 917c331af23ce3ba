/** The user's settings: read into the model, and written when a person changes them in the panel. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { PlanController } from './controller';
import type { IMemory } from './memory';
import type { PlanModel } from './model';
import {
  readPreferences,
  type IPreferences,
  type LivePlanning
} from './preferences';
import { readView, type IPlanState } from './state';
import { PluginIDs } from './tokens';

/** What a setting may bring about besides what is on screen. */
export type Reactions = Pick<PlanController, 'describe' | 'plan' | 'isShown'>;

const differ = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) !== JSON.stringify(other);

/** What is on screen follows from other settings than before: find it out again. */
function react(
  before: IPlanState,
  after: IPreferences,
  reactions: Reactions
): void {
  if (
    before.task === null ||
    after.livePlanning === 'off' ||
    !reactions.isShown
  ) {
    return;
  }
  if (differ(before.defaultResources, after.defaultResources)) {
    void reactions.describe();
  } else if (differ(before.hiddenPlatforms, after.hiddenPlatforms)) {
    void reactions.plan();
  }
}

/** Follow the settings, and what was chosen in the panel before; the result saves when to plan. */
export function followSettings(
  registry: ISettingRegistry | null,
  model: PlanModel,
  memory: IMemory,
  reactions: Reactions
): (livePlanning: LivePlanning) => void {
  let settings: ISettingRegistry.ISettings | null = null;
  let orderBefore: unknown;
  const read = (current: ISettingRegistry.ISettings): void => {
    const { state: before } = model;
    const sortBy = current.get('sortBy').composite;
    const preferences = readPreferences(current);
    // Saving another setting leaves the order that was chosen in the panel.
    model.setPreferences({
      ...preferences,
      ...(sortBy === orderBefore ? {} : readView({ sortBy }))
    });
    orderBefore = sortBy;
    react(before, preferences, reactions);
  };
  const load = async (): Promise<void> => {
    settings = (await registry?.load(PluginIDs.panel)) ?? null;
    if (settings !== null) {
      read(settings);
      settings.changed.connect(read);
    }
  };
  load()
    .catch((reason: unknown) => {
      console.warn(`${PluginIDs.panel}: the settings cannot be read`, reason);
    })
    .then(() => memory.recallView())
    .then(view => model.setPreferences(view))
    .catch((reason: unknown) => {
      console.debug(`${PluginIDs.panel}: the view is not restored`, reason);
    });
  return livePlanning => {
    settings?.set('livePlanning', livePlanning).catch((reason: unknown) => {
      console.warn(`${PluginIDs.panel}: the settings cannot be saved`, reason);
    });
  };
}
