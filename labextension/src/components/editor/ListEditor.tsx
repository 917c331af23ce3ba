/** A list of needs by name: drop one, add another. */
import * as React from 'react';
import { useTrans } from '../trans';

export interface IListEditorProps<T> {
  legend: string;
  items: readonly T[];
  nameOf: (item: T) => string;
  /** What else a row lets a person change. */
  more?: (item: T) => React.ReactNode;
  /** What is typed to add one, and what adds it. */
  words: { field: string; button: string };
  make: (name: string) => T;
  onChange: (items: T[]) => void;
}

export function ListEditor<T>(props: IListEditorProps<T>): JSX.Element {
  const { legend, items, nameOf, more, words, make, onChange } = props;
  const trans = useTrans();
  const [typed, setTyped] = React.useState('');
  const add = (): void => {
    const wanted = typed.trim();
    if (wanted !== '' && !items.some(item => nameOf(item) === wanted)) {
      onChange([...items, make(wanted)]);
    }
    setTyped('');
  };
  return (
    <fieldset className="jp-CanIDoThis-rows">
      <legend>{legend}</legend>
      {items.map(item => (
        <div className="jp-CanIDoThis-row" key={nameOf(item)}>
          <span className="jp-CanIDoThis-needName">{nameOf(item)}</span>
          {more?.(item)}
          <button
            type="button"
            className="jp-CanIDoThis-button"
            onClick={() => onChange(items.filter(other => other !== item))}
          >
            {trans.__('Drop')}
            <span className="jp-CanIDoThis-spoken"> ({nameOf(item)})</span>
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
          aria-label={words.field}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={event => setTyped(event.target.value)}
        />
        <button type="submit" className="jp-CanIDoThis-button">
          {words.button}
        </button>
      </form>
    </fieldset>
  );
}
