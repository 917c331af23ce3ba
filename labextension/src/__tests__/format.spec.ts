import { nullTranslator } from '@jupyterlab/translation';
import {
  formatAmount,
  formatBytes,
  formatEdit,
  formatField,
  formatRange,
  formatRangeShort,
  formatSeconds,
  formatStart
} from '../format';
import { positionOf, stopsOf, toScreen, toWire, withEnd } from '../quantities';
import { GIB, TWELVE } from './fixtures';

const trans = nullTranslator.load('');

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [512 * 2 ** 20, '512 MiB'],
    [1.5 * GIB, '1.5 GiB'],
    [400 * GIB, '400 GiB'],
    [2048 * GIB, '2 TiB']
  ])('prints %i bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
    expect(formatAmount('memory', bytes, trans)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [90, '1 min 30 s'],
    [34200, '9 h 30 min'],
    [172800, '2 d'],
    [90061, '1 d 1 h']
  ])('prints %i seconds as %s', (seconds, text) => {
    expect(formatSeconds(seconds, trans)).toBe(text);
  });

  it('counts cores and GPUs in the right number', () => {
    expect(formatAmount('cores', 1000, trans)).toBe('1 core');
    expect(formatAmount('cores', 500, trans)).toBe('0.5 cores');
    expect(formatAmount('gpus', 1, trans)).toBe('1 GPU');
    expect(formatAmount('gpus', 2, trans)).toBe('2 GPUs');
  });
});

describe('ranges', () => {
  it.each([
    [undefined, 'any', 'any'],
    [{}, 'any', 'any'],
    [{ min: 16 * GIB }, '16 GiB or more', '≥ 16 GiB'],
    [{ max: 2 * GIB }, 'up to 2 GiB', '≤ 2 GiB'],
    [{ min: GIB, max: 2 * GIB }, '1 GiB to 2 GiB', '1 – 2 GiB'],
    [{ min: GIB, max: GIB }, '1 GiB', '1 GiB']
  ])('%j is "%s" and "%s"', (range, long, narrow) => {
    expect(formatRange('memory', range, trans)).toBe(long);
    const short = formatRangeShort('memory', range, trans);
    expect(short.replace(/\u00a0/g, ' ')).toBe(narrow);
  });

  it('keeps both units of a range that mixes them', () => {
    const range = { min: 60, max: 7200 };
    expect(formatRangeShort('duration', range, trans)).toBe(
      '1\u00a0min – 2\u00a0h'
    );
  });
});

describe('starts', () => {
  it.each([
    [{}, 'Start unknown'],
    [{ earliest: 0, latest: 0 }, 'Starts now'],
    [{ earliest: 0, latest: 90 }, 'Starts within 1 min 30 s'],
    [{ earliest: 60, latest: 60 }, 'Starts in 1 min'],
    [{ earliest: 60, latest: 7200 }, 'Starts in 1 min to 2 h'],
    [{ earliest: 60 }, 'Not before 1 min from now'],
    [{ earliest: 0 }, 'Could start now; how late, nobody can say']
  ])('%j is "%s"', (start, text) => {
    expect(formatStart(start, trans)).toBe(text);
  });
});

describe('edits', () => {
  it('names value and field of a resource', () => {
    expect(TWELVE.edits.map(edit => formatEdit(edit, trans))).toEqual([
      '12 GiB'
    ]);
    expect(formatField('/resources/memory/min', trans)).toBe(
      'Memory, at least'
    );
  });

  it('falls back to the path for anything else', () => {
    const edit = { field: '/executable/kernel', after: 'python3' };
    expect(formatEdit(edit, trans)).toBe('python3');
    expect(formatField(edit.field, trans)).toBe('executable, kernel');
  });

  it('says that a limit goes away', () => {
    const edit = { field: '/resources/duration/max', before: 60 };
    expect(formatEdit(edit, trans)).toBe('no limit (Duration, up to)');
  });
});

describe('controls', () => {
  it('converts between screen and wire without losing anything', () => {
    expect(toWire('memory', toScreen('memory', 12 * GIB))).toBe(12 * GIB);
    expect(toWire('cores', 0.5)).toBe(500);
    expect(toWire('duration', 90)).toBe(5400);
    expect(toScreen('gpus', undefined)).toBeNull();
    expect(toWire('memory', null)).toBeNull();
  });

  it('puts the open end where it belongs', () => {
    expect(stopsOf('cores', 'min')[0]).toBeNull();
    expect(stopsOf('cores', 'max').at(-1)).toBeNull();
    expect(positionOf('memory', 'min', null)).toBe(0);
    expect(positionOf('memory', 'max', null)).toBe(
      stopsOf('memory', 'max').length - 1
    );
  });

  it('puts a value between two stops at the nearer one', () => {
    const stops = stopsOf('memory', 'min');
    expect(stops[positionOf('memory', 'min', 13)]).toBe(12);
    expect(stops[positionOf('memory', 'min', 9999)]).toBe(4096);
    expect(positionOf('gpus', 'min', 0)).toBe(0);
  });

  it('never lets a range turn over', () => {
    expect(withEnd({ min: 1, max: 4 }, 'min', 8)).toEqual({ min: 8, max: 8 });
    expect(withEnd({ min: 4, max: 8 }, 'max', 2)).toEqual({ min: 2, max: 2 });
    expect(withEnd({ min: 4 }, 'min', null)).toEqual({});
    expect(withEnd(undefined, 'max', 3)).toEqual({ max: 3 });
  });
});
