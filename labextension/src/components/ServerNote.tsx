/** That the server part is older or newer than the panel, which goes on with what both know. */
import * as React from 'react';
import type { IOtherServer } from '../state';
import { useTrans } from './trans';

export function ServerNote(props: {
  server: IOtherServer | null;
}): JSX.Element | null {
  const { server } = props;
  const trans = useTrans();
  if (server === null) {
    return null;
  }
  const { age, version } = server;
  return (
    <div className="jp-CanIDoThis-applied" role="note">
      <span>
        {age === 'newer'
          ? trans.__(
              'The server part is newer than this panel, which may leave out what it says in a new way. Reload this page, or update the panel.'
            )
          : trans.__(
              'The server part is older than this panel, and may not know all of its questions. Update it where the server runs.'
            )}{' '}
        {version === '' ? null : trans.__('Server part %1', version)}
      </span>
    </div>
  );
}
