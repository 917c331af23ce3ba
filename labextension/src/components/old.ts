/** Answers age: room and start times are of the moment they were given. */
import * as React from 'react';

/** Age from which answers are said to be old, in milliseconds. */
export const OLD = 10 * 60 * 1000;

/** Whether a moment, in milliseconds, is long ago; turns true by itself. */
export function useIsOld(since: number | null): boolean {
  const [now, setNow] = React.useState(Date.now);
  React.useEffect(() => {
    if (since === null) {
      return undefined;
    }
    const wait = Math.max(since + OLD - Date.now(), 0);
    const timer = setTimeout(() => setNow(Date.now()), wait);
    return () => clearTimeout(timer);
  }, [since]);
  return since !== null && now - since >= OLD;
}
