/** Amounts, ranges and times in words. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { GIB, quantityName, type Quantity } from './quantities';
import type { Edit, Range, Start } from './types';

const NO_BREAK_SPACE = '\u00a0';

const POINTER = /^\/resources\/(cores|memory|duration|gpus|disk)\/(min|max)$/;

function short(value: number): string {
  return String(Number(value.toFixed(2)));
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let power = 0;
  while (bytes >= 1024 && power < units.length - 1) {
    bytes /= 1024;
    power += 1;
  }
  return `${short(bytes)} ${units[power]}`;
}

/** Seconds in words, at most two units: "9 h 30 min". */
export function formatSeconds(
  seconds: number,
  trans: TranslationBundle
): string {
  const counts = [86400, 3600, 60, 1].map(size => {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    return count;
  }) as [number, number, number, number];
  const [days, hours, minutes, rest] = counts;
  const parts = [
    days > 0 ? trans.__('%1 d', days) : '',
    hours > 0 ? trans.__('%1 h', hours) : '',
    minutes > 0 ? trans.__('%1 min', minutes) : '',
    rest > 0 ? trans.__('%1 s', rest) : ''
  ].filter(Boolean);
  return parts.slice(0, 2).join(' ') || trans.__('%1 s', 0);
}

/** A wire amount with its unit: "16 GiB", "2 h", "4 cores". */
export function formatAmount(
  quantity: Quantity,
  amount: number,
  trans: TranslationBundle
): string {
  switch (quantity) {
    case 'cores':
      return amount === 1000
        ? trans.__('1 core')
        : trans.__('%1 cores', short(amount / 1000));
    case 'memory':
    case 'disk':
      return amount >= GIB && amount < 1024 * GIB
        ? `${short(amount / GIB)} GiB`
        : formatBytes(amount);
    case 'duration':
      return formatSeconds(amount, trans);
    case 'gpus':
      return trans._n('%1 GPU', '%1 GPUs', amount);
  }
}

/** A range in words: "16 GiB or more", "up to 2 h", "4 to 8 cores", "any". */
export function formatRange(
  quantity: Quantity,
  range: Range | undefined,
  trans: TranslationBundle
): string {
  const { min = null, max = null } = range ?? {};
  if (min === null) {
    return max === null
      ? trans.__('any')
      : trans.__('up to %1', formatAmount(quantity, max, trans));
  }
  const low = formatAmount(quantity, min, trans);
  if (max === null) {
    return trans.__('%1 or more', low);
  }
  return min === max
    ? low
    : trans.__('%1 to %2', low, formatAmount(quantity, max, trans));
}

/** An amount beside the name of its quantity: "4" cores, but "16 GiB". */
function formatBare(
  quantity: Quantity,
  amount: number,
  trans: TranslationBundle
): string {
  switch (quantity) {
    case 'cores':
      return short(amount / 1000);
    case 'gpus':
      return String(amount);
    case 'memory':
    case 'disk':
    case 'duration':
      return formatAmount(quantity, amount, trans);
  }
}

/** A range for a narrow column: "≥ 16 GiB", "≤ 2 h", "4 – 8", "any". */
export function formatRangeShort(
  quantity: Quantity,
  range: Range | undefined,
  trans: TranslationBundle
): string {
  const { min = null, max = null } = range ?? {};
  const [low, high] = [min, max].map(end =>
    end === null
      ? ''
      : formatBare(quantity, end, trans).replace(/ /g, NO_BREAK_SPACE)
  ) as [string, string];
  if (low === '') {
    return high === '' ? trans.__('any') : trans.__('≤ %1', high);
  }
  if (high === '') {
    return trans.__('≥ %1', low);
  }
  const [number = '', unit = ''] = low.split(/\u00a0(.*)/);
  const shared = unit !== '' && high.endsWith(NO_BREAK_SPACE + unit);
  return low === high ? low : trans.__('%1 – %2', shared ? number : low, high);
}

/** When it could start, in words. */
export function formatStart(start: Start, trans: TranslationBundle): string {
  const { earliest = null, latest = null } = start;
  if (earliest === null && latest === null) {
    return trans.__('Start unknown');
  }
  if (latest === null) {
    return (earliest ?? 0) <= 0
      ? trans.__('Could start now; how late, nobody can say')
      : trans.__('Not before %1 from now', formatSeconds(earliest ?? 0, trans));
  }
  if (latest <= 0) {
    return trans.__('Starts now');
  }
  if (earliest === null || earliest <= 0) {
    return trans.__('Starts within %1', formatSeconds(latest, trans));
  }
  return earliest === latest
    ? trans.__('Starts in %1', formatSeconds(latest, trans))
    : trans.__(
        'Starts in %1 to %2',
        formatSeconds(earliest, trans),
        formatSeconds(latest, trans)
      );
}

/** What a JSON pointer into the task names, for a person. */
export function formatField(field: string, trans: TranslationBundle): string {
  const match = POINTER.exec(field);
  if (match === null) {
    return field.split('/').filter(Boolean).join(', ');
  }
  const name = quantityName(match[1] as Quantity, trans);
  return match[2] === 'min'
    ? trans.__('%1, at least', name)
    : trans.__('%1, up to', name);
}

/** What one edit sets, for a button: "12 GiB". */
export function formatEdit(edit: Edit, trans: TranslationBundle): string {
  const { after = null, field } = edit;
  const match = POINTER.exec(field);
  if (after === null) {
    return trans.__('no limit (%1)', formatField(field, trans));
  }
  return match !== null && typeof after === 'number'
    ? formatAmount(match[1] as Quantity, after, trans)
    : String(after);
}

/** A moment on this machine's clock, from seconds since the epoch. */
export function formatTime(at: number): string {
  return new Date(at * 1000).toLocaleString();
}
