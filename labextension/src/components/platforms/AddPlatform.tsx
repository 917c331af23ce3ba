/** A form for a platform of one's own; the server says what is wrong with it. */
import * as React from 'react';
import type { Entry } from '../../directory';
import { problemOf } from '../../failures';
import type { Problem } from '../../types';
import { useTrans } from '../trans';
import {
  ADDABLE,
  entryOf,
  fieldsOf,
  kindName,
  type AddableKind,
  type IField,
  type Values
} from './fields';

function Field(props: {
  field: IField;
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  const { name, label, hint, isNeeded } = props.field;
  const id = React.useId();
  return (
    <div className="jp-CanIDoThis-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        value={props.value}
        required={isNeeded}
        aria-describedby={`${id}-hint`}
        autoComplete="off"
        spellCheck={false}
        onChange={event => props.onChange(event.target.value)}
      />
      <small id={`${id}-hint`} className="jp-CanIDoThis-muted">
        {hint}
      </small>
    </div>
  );
}

export function AddPlatform(props: {
  kinds: readonly string[];
  onAdd: (entry: Entry) => Promise<void>;
}): JSX.Element | null {
  const trans = useTrans();
  const kinds = ADDABLE.filter(kind => props.kinds.includes(kind));
  const [kind, setKind] = React.useState<AddableKind | undefined>(kinds[0]);
  const [name, setName] = React.useState('');
  const [values, setValues] = React.useState<Values>({});
  const [refused, setRefused] = React.useState<Problem | null>(null);
  if (kind === undefined) {
    return null;
  }
  const add = async (): Promise<void> => {
    try {
      await props.onAdd(entryOf(kind, name, values));
      setName('');
      setValues({});
      setRefused(null);
    } catch (error) {
      setRefused(problemOf(error));
    }
  };
  return (
    <form
      className="jp-CanIDoThis-addPlatform"
      aria-label={trans.__('Add a platform')}
      onSubmit={event => {
        event.preventDefault();
        void add();
      }}
    >
      <h3>{trans.__('Add a platform')}</h3>
      <fieldset className="jp-CanIDoThis-choices">
        <legend>{trans.__('Kind')}</legend>
        {kinds.map(one => (
          <label key={one}>
            <input
              type="radio"
              name="kind"
              checked={one === kind}
              onChange={() => {
                setKind(one);
                setValues({});
                setRefused(null);
              }}
            />
            {kindName(one, trans)}
          </label>
        ))}
      </fieldset>
      <Field
        field={{
          name: 'name',
          label: trans.__('Name'),
          hint: trans.__('What you want to read in the answers.'),
          isNeeded: true
        }}
        value={name}
        onChange={setName}
      />
      {fieldsOf(kind, trans).map(field => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          onChange={value => setValues({ ...values, [field.name]: value })}
        />
      ))}
      <p className="jp-CanIDoThis-muted">
        {trans.__(
          'It is written to your own Jupyter configuration. No secret goes there: only the name of what holds it.'
        )}
      </p>
      {refused === null ? null : (
        <p role="alert">
          <strong>{trans.__('Not added')}</strong>: {refused.message}
        </p>
      )}
      <button type="submit" className="jp-CanIDoThis-button jp-mod-primary">
        {trans.__('Add')}
      </button>
    </form>
  );
}
