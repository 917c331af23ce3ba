/** The user's settings: read into the model, and written when a person changes them in the panel. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IMemory } from './memory';
import type { PlanModel } from './model';
import { LIVE_PLANNINGS, readView, type LivePlanning } from './state';
import { PluginIDs } from './tokens';

/** Follow the settings, and what was chosen in the panel before; the result saves when to plan. */
export function followSettings(
  registry: ISettingRegistry | null,
  model: PlanModel,
  memory: IMemory
): (livePlanning: LivePlanning) => void {
  let settings: ISettingRegistry.ISettings | null = null;
  let before: unknown;
  const read = (current: ISettingRegistry.ISettings): void => {
    const chosen = current.get('livePlanning').composite;
    const livePlanning =
      LIVE_PLANNINGS.find(known => known === chosen) ?? 'estimate';
    const sortBy = current.get('sortBy').composite;
    // Saving another setting leaves the order that was chosen in the panel.
    model.setPreferences({
      livePlanning,
      ...(sortBy === before ? {} : readView({ sortBy }))
    });
    before = sortBy;
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
