/** Whether a card answers an older question; known to its buttons without drawing the card again. */
import * as React from 'react';

export const StaleContext: React.Context<boolean> =
  React.createContext<boolean>(false);

export function useIsStale(): boolean {
  return React.useContext(StaleContext);
}
