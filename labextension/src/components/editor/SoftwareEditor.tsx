/** Software needs: drop one, pin its version, add another. */
import * as React from 'react';
import type { Software } from '../../types';
import { useTrans } from '../trans';
import { ListEditor } from './ListEditor';
import { TextField } from './TextField';

export function SoftwareEditor(props: {
  software: readonly Software[];
  onChange: (software: Software[]) => void;
}): JSX.Element {
  const { software, onChange } = props;
  const trans = useTrans();
  const pin = (pinned: Software, version: string): void =>
    onChange(
      software.map(one =>
        one === pinned ? { ...one, version: version.trim() } : one
      )
    );
  return (
    <ListEditor
      legend={trans.__('Software')}
      items={software}
      nameOf={({ name }) => name}
      more={one => (
        <TextField
          label={trans.__('Version of %1', one.name)}
          isLabelHidden
          value={one.version ?? ''}
          onCommit={version => pin(one, version)}
        />
      )}
      words={{
        field: trans.__('Package to add'),
        button: trans.__('Add package')
      }}
      make={name => ({ name, status: 'declared' })}
      onChange={onChange}
    />
  );
}
