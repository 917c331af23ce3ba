/** A line of text with its label; what is typed counts when the person leaves it or presses Enter. */
import * as React from 'react';

export interface ITextFieldProps {
  label: string;
  value: string;
  /** Not shown, only spoken: where the rows of a list share a heading. */
  isLabelHidden?: boolean;
  hint?: string;
  onCommit: (value: string) => void;
}

export function TextField(props: ITextFieldProps): JSX.Element {
  const { label, value, isLabelHidden, hint, onCommit } = props;
  const id = React.useId();
  const [draft, setDraft] = React.useState(value);
  React.useEffect(() => setDraft(value), [value]);
  const commit = (): void => {
    if (draft !== value) {
      onCommit(draft);
    }
  };
  return (
    <div className="jp-CanIDoThis-field">
      <label
        htmlFor={id}
        className={isLabelHidden ? 'jp-CanIDoThis-spoken' : undefined}
      >
        {label}
      </label>
      <input
        id={id}
        value={draft}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={event => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            commit();
          }
        }}
      />
      {hint === undefined ? null : (
        <small id={`${id}-hint`} className="jp-CanIDoThis-muted">
          {hint}
        </small>
      )}
    </div>
  );
}
