/** Data needs: drop one, add another. */
import * as React from 'react';
import type { Data } from '../../types';
import { useTrans } from '../trans';
import { ListEditor } from './ListEditor';

export function DataEditor(props: {
  data: readonly Data[];
  onChange: (data: Data[]) => void;
}): JSX.Element {
  const trans = useTrans();
  return (
    <ListEditor
      legend={trans.__('Data')}
      items={props.data}
      nameOf={({ location }) => location}
      words={{
        field: trans.__('Path or address to add'),
        button: trans.__('Add data')
      }}
      make={location => ({ location })}
      onChange={props.onChange}
    />
  );
}
