/** What a screen reader hears: one polite region, one urgent one, always present. */
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { Announcer } from '../announce';

export function LiveRegions(props: { announcer: Announcer }): JSX.Element {
  const { announcer } = props;
  return (
    <UseSignal signal={announcer.changed} initialArgs={announcer.said}>
      {() => (
        <div className="jp-CanIDoThis-spoken">
          <div role="status" aria-live="polite">
            {announcer.said.polite}
          </div>
          <div role="alert" aria-live="assertive">
            {announcer.said.urgent}
          </div>
        </div>
      )}
    </UseSignal>
  );
}
