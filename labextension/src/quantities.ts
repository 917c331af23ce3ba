/** The resources a person can set: their units on screen, and the stops of their sliders. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Range } from './types';

export type Quantity = 'cores' | 'memory' | 'duration' | 'gpus' | 'disk';
export type End = 'min' | 'max';

export const GIB = 2 ** 30;

interface IScale {
  /** Wire units in one unit of the screen. */
  readonly factor: number;
  /** Step of the number box, in units of the screen. */
  readonly step: number;
  /** Values the slider stops at, in units of the screen. */
  readonly stops: readonly number[];
}

const SIZES = [
  0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384,
  512, 768, 1024, 2048, 4096
];

const SCALES: Readonly<Record<Quantity, IScale>> = {
  cores: {
    factor: 1000,
    step: 0.5,
    stops: [
      0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512,
      1024
    ]
  },
  memory: { factor: GIB, step: 0.25, stops: SIZES },
  duration: {
    factor: 60,
    step: 1,
    stops: [
      1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 540, 720,
      1080, 1440, 2880, 4320, 10080, 20160
    ]
  },
  gpus: { factor: 1, step: 1, stops: [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 32] },
  disk: { factor: GIB, step: 1, stops: SIZES }
};

/** Always shown, in this order. */
export const MAIN_QUANTITIES: readonly Quantity[] = [
  'cores',
  'memory',
  'duration',
  'gpus'
];

/** What the numbers of a quantity count on screen; words are in `unitName`. */
export function scaleOf(quantity: Quantity): IScale {
  return SCALES[quantity];
}

export function quantityName(
  quantity: Quantity,
  trans: TranslationBundle
): string {
  switch (quantity) {
    case 'cores':
      return trans.__('Cores');
    case 'memory':
      return trans.__('Memory');
    case 'duration':
      return trans.__('Duration');
    case 'gpus':
      return trans.__('GPUs');
    case 'disk':
      return trans.__('Disk');
  }
}

export function unitName(quantity: Quantity, trans: TranslationBundle): string {
  switch (quantity) {
    case 'cores':
      return trans.__('cores');
    case 'memory':
    case 'disk':
      return trans.__('GiB');
    case 'duration':
      return trans.__('min');
    case 'gpus':
      return trans.__('GPUs');
  }
}

/** Wire amount to the number shown, or null for an open end. */
export function toScreen(
  quantity: Quantity,
  amount: number | null | undefined
): number | null {
  return amount === null || amount === undefined
    ? null
    : Number((amount / SCALES[quantity].factor).toFixed(3));
}

/** Number shown to wire amount, rounded up like the planner does. */
export function toWire(
  quantity: Quantity,
  shown: number | null
): number | null {
  return shown === null
    ? null
    : Math.ceil(shown * SCALES[quantity].factor - 1e-6);
}

/** The slider's stops for one end; null is the open position. */
export function stopsOf(quantity: Quantity, end: End): (number | null)[] {
  const { stops } = SCALES[quantity];
  return end === 'min'
    ? [null, ...stops.filter(stop => stop > 0)]
    : [...stops, null];
}

/** The slider position nearest to a shown value. */
export function positionOf(
  quantity: Quantity,
  end: End,
  shown: number | null
): number {
  const stops = stopsOf(quantity, end);
  if (shown === null || (end === 'min' && shown === 0)) {
    return stops.indexOf(null);
  }
  let nearest = -1;
  stops.forEach((stop, index) => {
    const best = nearest < 0 ? null : (stops[nearest] ?? null);
    if (
      stop !== null &&
      (best === null || Math.abs(stop - shown) < Math.abs(best - shown))
    ) {
      nearest = index;
    }
  });
  return nearest;
}

/** One step of the slider, as a part of its length. */
export function stepOf(quantity: Quantity, end: End): number {
  return 1 / (stopsOf(quantity, end).length - 1);
}

/** Where a shown value lies on the slider, from 0 to 1; between stops in proportion. */
export function fractionOf(
  quantity: Quantity,
  end: End,
  shown: number
): number {
  const stops = stopsOf(quantity, end);
  const step = stepOf(quantity, end);
  for (const [index, stop] of stops.entries()) {
    if (stop !== null && shown <= stop) {
      const before = stops[index - 1] ?? 0;
      const part = stop === before ? 1 : (shown - before) / (stop - before);
      return Math.max(0, index - 1 + part) * step;
    }
  }
  return 1;
}

/** One end set; the other end follows where the range would turn over. */
export function withEnd(
  range: Range | undefined,
  end: End,
  amount: number | null
): Range {
  let { min = null, max = null } = range ?? {};
  if (end === 'min') {
    min = amount;
    max = min !== null && max !== null && max < min ? min : max;
  } else {
    max = amount;
    min = min !== null && max !== null && min > max ? max : min;
  }
  return {
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max })
  };
}
