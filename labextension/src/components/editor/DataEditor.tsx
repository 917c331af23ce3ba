/** Data needs: drop one, add another. */
import * as React from 'react';
import type { Data } from '../../types';
import { useTrans } from '../trans';

export function DataEditor(props: {
  data: readonly Data[];
  onChange: (data: Data[]) => void;
}): JSX.Element {
  const { data, onChange } = props;
  const trans = useTrans();
  const [location, setLocation] = React.useState('');
  const add = (): void => {
    const wanted = location.trim();
    if (wanted !== '' && !data.some(one => one.location === wanted)) {
      onChange([...data, { location: wanted }]);
    }
    setLocation('');
  };
  return (
    <fieldset className="jp-CanIDoThis-rows">
      <legend>{trans.__('Data')}</legend>
      {data.map(one => (
        <div className="jp-CanIDoThis-row" key={one.location}>
          <span className="jp-CanIDoThis-needName">{one.location}</span>
          <button
            type="button"
            className="jp-CanIDoThis-button"
            onClick={() => onChange(data.filter(other => other !== one))}
          >
            {trans.__('Drop')}
            <span className="jp-CanIDoThis-spoken"> ({one.location})</span>
          </button>
        </div>
      ))}
      <form
        className="jp-CanIDoThis-row"
        onSubmit={event => {
          event.preventDefault();
          add();
        }}
      >
        <input
          aria-label={trans.__('Path or address to add')}
          value={location}
          autoComplete="off"
          spellCheck={false}
          onChange={event => setLocation(event.target.value)}
        />
        <button type="submit" className="jp-CanIDoThis-button">
          {trans.__('Add data')}
        </button>
      </form>
    </fieldset>
  );
}
