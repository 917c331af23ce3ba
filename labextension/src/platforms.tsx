/** The list of platforms: what its tab holds, around `PlatformsView`. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import type { Announcer } from './announce';
import { PlatformsView } from './components/platforms/PlatformsView';
import { TransContext } from './components/trans';
import type { Directory } from './directory';

/** Asks our own server what is configured, whenever it comes on screen. */
export class PlatformsTab extends ReactWidget {
  constructor(
    private readonly directory: Directory,
    private readonly announcer: Announcer,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-CanIDoThis');
    this.addClass('jp-CanIDoThis-platforms');
  }

  protected override render(): JSX.Element {
    const { directory, announcer, trans } = this;
    return (
      <TransContext.Provider value={trans}>
        <UseSignal signal={directory.changed} initialSender={directory}>
          {() => (
            <PlatformsView
              state={directory.state}
              actions={{
                load: () => void directory.load(),
                look: platform => void directory.look(platform),
                add: async entry => {
                  await directory.add(entry);
                  announcer.say(trans.__('Platform added.'));
                },
                remove: platform => void directory.remove(platform)
              }}
            />
          )}
        </UseSignal>
      </TransContext.Provider>
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.directory.load();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    void this.directory.load();
  }

  override dispose(): void {
    this.directory.dispose();
    super.dispose();
  }
}
