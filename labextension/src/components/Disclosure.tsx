/** Something that is drawn only once somebody opens it. */
import * as React from 'react';

export function Disclosure(props: {
  summary: React.ReactNode;
  children: () => React.ReactNode;
}): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{props.summary}</summary>
      {isOpen ? props.children() : null}
    </details>
  );
}
