/** A state without answers: what it means, whose turn it is, and the next step. */
import * as React from 'react';

export interface IEmptyStateProps {
  title: string;
  text: string;
  commands?: readonly string[];
  action?: { label: string; onClick: () => void };
}

export function EmptyState(props: IEmptyStateProps): JSX.Element {
  const { title, text, commands = [], action } = props;
  return (
    <section className="jp-CanIDoThis-empty">
      <h3>{title}</h3>
      <p>{text}</p>
      {commands.map(command => (
        <pre key={command} tabIndex={0}>
          {command}
        </pre>
      ))}
      {action === undefined ? null : (
        <button
          type="button"
          className="jp-CanIDoThis-button"
          onClick={action.onClick}
        >
          {action.label}
        </button>
      )}
    </section>
  );
}
