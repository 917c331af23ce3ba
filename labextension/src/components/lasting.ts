/** What is shown only when it lasts, so that nothing flickers. */
import * as React from 'react';

/** Whether something has been so for a while, in milliseconds. */
export function useLasting(isSo: boolean, wait: number): boolean {
  const [lasts, setLasts] = React.useState(false);
  React.useEffect(() => {
    if (!isSo) {
      return undefined;
    }
    const timer = setTimeout(() => setLasts(true), wait);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [isSo, wait]);
  return lasts;
}
