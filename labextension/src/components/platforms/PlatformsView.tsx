/** Every platform that can be asked: what it can know, how it is, and adding one. */
import * as React from 'react';
import type { Entry, IDirectoryState } from '../../directory';
import { wordsFor } from '../../failures';
import { EmptyState } from '../EmptyState';
import { useTrans } from '../trans';
import { AddPlatform } from './AddPlatform';
import { PlatformRow } from './PlatformRow';

export interface IPlatformsActions {
  load: () => void;
  look: (platform: string) => void;
  /** Rejects with what is wrong with the entry. */
  add: (entry: Entry) => Promise<void>;
  remove: (platform: string) => void;
}

export function PlatformsView(props: {
  state: IDirectoryState;
  actions: IPlatformsActions;
}): JSX.Element {
  const trans = useTrans();
  const { state, actions } = props;
  const { list, failure, looks } = state;
  if (failure !== null) {
    const { title, text, commands } = wordsFor(failure, trans);
    return (
      <EmptyState
        title={title}
        text={text}
        commands={commands}
        action={{ label: trans.__('Retry'), onClick: actions.load }}
      />
    );
  }
  if (list === null) {
    return <p>{trans.__('Reading what is configured…')}</p>;
  }
  return (
    <div className="jp-CanIDoThis-content">
      <h2>{trans.__('Platforms')}</h2>
      {list.platforms.length === 0 ? (
        <EmptyState
          title={trans.__('No platform is configured')}
          text={trans.__(
            'Add one below, or ask who runs this server to configure some.'
          )}
        />
      ) : (
        <ul className="jp-CanIDoThis-platformList">
          {list.platforms.map(info => (
            <PlatformRow
              key={info.name}
              info={info}
              look={looks.get(info.name)}
              onLook={() => actions.look(info.name)}
              onRemove={() => actions.remove(info.name)}
            />
          ))}
        </ul>
      )}
      {list.may_add === true ? (
        <AddPlatform kinds={list.kinds ?? []} onAdd={actions.add} />
      ) : (
        <p className="jp-CanIDoThis-muted">
          {trans.__('Who runs this server lets nobody add platforms here.')}
        </p>
      )}
      <p className="jp-CanIDoThis-muted">
        {trans.__('Server part %1', list.version)}
      </p>
    </div>
  );
}
