/** The thing to run: in which image, with which command. */
import * as React from 'react';
import type { Executable } from '../../types';
import { useTrans } from '../trans';
import { TextField } from './TextField';

export function ExecutableEditor(props: {
  executable: Executable;
  onChange: (step: Partial<Executable>) => void;
}): JSX.Element {
  const { executable, onChange } = props;
  const trans = useTrans();
  return (
    <fieldset className="jp-CanIDoThis-rows">
      <legend>{trans.__('What runs')}</legend>
      <p className="jp-CanIDoThis-muted">{executable.type}</p>
      <TextField
        label={trans.__('Container image')}
        hint={trans.__('Empty leaves it to the platform.')}
        value={executable.image ?? ''}
        onCommit={image => onChange({ image: image.trim() })}
      />
      <TextField
        label={trans.__('Command')}
        hint={trans.__('Words apart by spaces; empty takes its own.')}
        value={(executable.command ?? []).join(' ')}
        onCommit={text =>
          onChange({ command: text.split(/\s+/).filter(Boolean) })
        }
      />
    </fieldset>
  );
}
