/** What is asked of each resource, in words: said once for all cards, which are not drawn again for it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatRangeShort } from '../format';
import type { Quantity } from '../quantities';
import type { Range, Resources } from '../types';

export const QUANTITIES = [
  'cores',
  'memory',
  'duration',
  'gpus',
  'disk'
] as const satisfies readonly Quantity[];

export interface IAsked {
  readonly words: Readonly<Record<Quantity, string>>;
  /** The quantities that somebody asked for. */
  readonly bounded: ReadonlySet<Quantity>;
}

/** Whether a range has an end at all. */
export function isBounded(range: Range | undefined): boolean {
  return (range?.min ?? range?.max ?? null) !== null;
}

/** What is asked, for every card at once. */
export function askedOf(
  resources: Resources | undefined,
  trans: TranslationBundle
): IAsked {
  const words = (quantity: Quantity): string =>
    formatRangeShort(quantity, resources?.[quantity], trans);
  return {
    words: {
      cores: words('cores'),
      memory: words('memory'),
      duration: words('duration'),
      gpus: words('gpus'),
      disk: words('disk')
    },
    bounded: new Set(
      QUANTITIES.filter(quantity => isBounded(resources?.[quantity]))
    )
  };
}

export const AskedContext: React.Context<IAsked | null> =
  React.createContext<IAsked | null>(null);

/** What the task on screen asks for; below an `AskedContext` only. */
export function useAsked(): IAsked {
  const asked = React.useContext(AskedContext);
  if (asked === null) {
    throw new Error('No task is on screen.');
  }
  return asked;
}
