/** Software needs: drop one, pin its version, add another. */
import * as React from 'react';
import type { Software } from '../../types';
import { useTrans } from '../trans';
import { TextField } from './TextField';

export function SoftwareEditor(props: {
  software: readonly Software[];
  onChange: (software: Software[]) => void;
}): JSX.Element {
  const { software, onChange } = props;
  const trans = useTrans();
  const [name, setName] = React.useState('');
  const add = (): void => {
    const wanted = name.trim();
    if (wanted !== '' && !software.some(one => one.name === wanted)) {
      onChange([...software, { name: wanted, status: 'declared' }]);
    }
    setName('');
  };
  const pin = (index: number, version: string): void =>
    onChange(
      software.map((one, place) =>
        place === index ? { ...one, version: version.trim() } : one
      )
    );
  return (
    <fieldset className="jp-CanIDoThis-rows">
      <legend>{trans.__('Software')}</legend>
      {software.map((one, index) => (
        <div className="jp-CanIDoThis-row" key={one.name}>
          <span className="jp-CanIDoThis-needName">{one.name}</span>
          <TextField
            label={trans.__('Version of %1', one.name)}
            isLabelHidden
            value={one.version ?? ''}
            onCommit={version => pin(index, version)}
          />
          <button
            type="button"
            className="jp-CanIDoThis-button"
            onClick={() => onChange(software.filter(other => other !== one))}
          >
            {trans.__('Drop')}
            <span className="jp-CanIDoThis-spoken"> ({one.name})</span>
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
          aria-label={trans.__('Package to add')}
          value={name}
          autoComplete="off"
          spellCheck={false}
          onChange={event => setName(event.target.value)}
        />
        <button type="submit" className="jp-CanIDoThis-button">
          {trans.__('Add package')}
        </button>
      </form>
    </fieldset>
  );
}
