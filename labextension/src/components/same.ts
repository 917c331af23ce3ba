/** Keeps what did not change the same object, so that what is drawn from it stands. */
import * as React from 'react';

/** The value before where the new one says the same; plain JSON only. */
export function useSame<T>(value: T): T {
  const text = JSON.stringify(value);
  const kept = React.useRef({ value, text });
  if (kept.current.text !== text) {
    kept.current = { value, text };
  }
  return kept.current.value;
}
