/** Where the answers of platforms change along each slider. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { formatAmount } from './format';
import {
  fractionOf,
  stepOf,
  toScreen,
  type End,
  type Quantity
} from './quantities';
import type { IReceived } from './state';
import type { Answer, Cliff } from './types';

/** The part of an answer that marks are made of. */
export type Telling = Pick<Answer, 'platform' | 'cliffs'>;

/** One place on a slider, with what lies there. */
export interface IMark {
  /** From 0 at the left to 1 at the right. */
  readonly place: number;
  readonly texts: readonly string[];
  /** Whether beyond it some platform refuses, rather than starting later. */
  readonly isLimit: boolean;
}

export type Marks = ReadonlyMap<string, readonly IMark[]>;

/** Marks nearer than this part of a slider are drawn as one. */
const NEAR = 0.03;

/** Most texts of one mark. */
const MOST_TEXTS = 5;

const FIELD = /^\/resources\/(cores|memory|duration|gpus|disk)\/(min|max)$/;

interface IPlaced extends IMark {
  readonly field: string;
}

function placed(
  platform: string,
  { field, at, message, beyond }: Cliff,
  trans: TranslationBundle
): IPlaced | null {
  const [, name, side] = FIELD.exec(field) ?? [];
  if (name === undefined || side === undefined) {
    return null;
  }
  const quantity = name as Quantity;
  const amount = formatAmount(quantity, at, trans);
  const isLimit = beyond !== 'later';
  const text = isLimit
    ? trans.__('limit of %1 at %2 (%3)', platform, amount, message)
    : trans.__('%1 starts later beyond %2 (%3)', platform, amount, message);
  const place = fractionOf(quantity, side as End, toScreen(quantity, at) ?? 0);
  return { field, place, texts: [text], isLimit };
}

function merged(marks: readonly IPlaced[]): IMark[] {
  const sorted = [...marks].sort((one, other) => one.place - other.place);
  const result: IMark[] = [];
  for (const { place, texts, isLimit } of sorted) {
    const last = result.at(-1);
    if (last !== undefined && place - last.place < NEAR) {
      result[result.length - 1] = {
        place: last.place,
        texts: [...last.texts, ...texts],
        isLimit: last.isLimit || isLimit
      };
    } else {
      result.push({ place, texts, isLimit });
    }
  }
  return result;
}

/** What the answers tell of where they change. */
export function tellingOf(received: readonly IReceived[]): readonly Telling[] {
  return received
    .map(({ answer: { platform, cliffs = [] } }) => ({ platform, cliffs }))
    .filter(({ cliffs }) => cliffs.length > 0);
}

/** The marks of each slider, by the field that it sets. */
export function marksOf(
  told: readonly Telling[],
  trans: TranslationBundle
): Marks {
  const byField = new Map<string, IPlaced[]>();
  for (const { platform, cliffs = [] } of told) {
    for (const cliff of cliffs) {
      const mark = placed(platform, cliff, trans);
      if (mark !== null) {
        byField.set(mark.field, [...(byField.get(mark.field) ?? []), mark]);
      }
    }
  }
  return new Map([...byField].map(([field, marks]) => [field, merged(marks)]));
}

/** What lies at a mark, in one text. */
export function wordsOf(mark: IMark, trans: TranslationBundle): string {
  const shown = mark.texts.slice(0, MOST_TEXTS).join('; ');
  const more = mark.texts.length - MOST_TEXTS;
  return more > 0 ? trans.__('%1; and %2 more', shown, more) : shown;
}

/** The marks within one step of a place on the slider. */
export function marksNear(
  marks: readonly IMark[],
  quantity: Quantity,
  end: End,
  place: number
): readonly IMark[] {
  const step = stepOf(quantity, end);
  return marks.filter(mark => Math.abs(mark.place - place) < step);
}
