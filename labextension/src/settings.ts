/** The user's settings: read into the model, and written when a person changes them in the panel. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { PlanModel } from './model';
import { PluginIDs } from './tokens';

/** Follow the settings; the result saves whether planning is live. */
export function followSettings(
  registry: ISettingRegistry | null,
  model: PlanModel
): (live: boolean) => void {
  let settings: ISettingRegistry.ISettings | null = null;
  const read = (current: ISettingRegistry.ISettings): void => {
    const live = current.get('live').composite !== false;
    const isByArrival = current.get('sortBy').composite === 'arrival';
    model.setPreferences({ live, sortBy: isByArrival ? 'arrival' : 'best' });
  };
  registry
    ?.load(PluginIDs.panel)
    .then(loaded => {
      settings = loaded;
      read(loaded);
      loaded.changed.connect(read);
    })
    .catch((reason: unknown) => {
      console.warn(`${PluginIDs.panel}: the settings cannot be read`, reason);
    });
  return live => {
    settings?.set('live', live).catch((reason: unknown) => {
      console.warn(`${PluginIDs.panel}: the settings cannot be saved`, reason);
    });
  };
}
