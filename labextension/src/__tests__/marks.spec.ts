import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, screen } from '@testing-library/react';
import { marksNear, marksOf, wordsOf, type Telling } from '../marks';
import { fractionOf, positionOf, stopsOf } from '../quantities';
import type { Cliff } from '../types';
import { GIB, no, yes } from './fixtures';
import { planned, show } from './screen';

const trans = nullTranslator.load('');
const FIELD = '/resources/memory/min';
const cliff = (gib: number, beyond: Cliff['beyond'] = 'no'): Cliff => ({
  field: FIELD,
  at: gib * GIB,
  message: 'node size',
  beyond
});
const told = (name: string, ...cliffs: Cliff[]): Telling =>
  yes(name, { cliffs });

describe('fractionOf', () => {
  it('agrees with the slider at each of its stops', () => {
    const stops = stopsOf('memory', 'min');
    for (const stop of stops.slice(1)) {
      const place = positionOf('memory', 'min', stop) / (stops.length - 1);
      expect(fractionOf('memory', 'min', stop ?? 0)).toBeCloseTo(place);
    }
  });

  it('lies between stops in proportion, and never outside', () => {
    const [low, mid, high] = [24, 28, 32].map(gib =>
      fractionOf('memory', 'min', gib)
    ) as [number, number, number];
    expect(mid).toBeCloseTo((low + high) / 2);
    expect(fractionOf('memory', 'min', 1e9)).toBe(1);
    expect(fractionOf('memory', 'max', 0)).toBe(0);
  });
});

describe('marksOf', () => {
  it('puts what is near into one mark', () => {
    const marks = marksOf(
      [
        told('Rubin', cliff(12)),
        told('Slurm', cliff(31), cliff(31.5, 'later'))
      ],
      trans
    ).get(FIELD);
    expect(marks?.map(mark => mark.texts)).toEqual([
      ['limit of Rubin at 12 GiB (node size)'],
      [
        'limit of Slurm at 31 GiB (node size)',
        'Slurm starts later beyond 31.5 GiB (node size)'
      ]
    ]);
  });

  it('leaves out what has no slider', () => {
    const other = { field: '/executable/image', at: 1, message: '' };
    expect(marksOf([told('Rubin', other)], trans).size).toBe(0);
  });

  it('names those within one step', () => {
    const marks =
      marksOf([told('a', cliff(31)), told('b', cliff(2))], trans).get(FIELD) ??
      [];
    const near = marksNear(
      marks,
      'memory',
      'min',
      fractionOf('memory', 'min', 32)
    );
    expect(near.map(mark => wordsOf(mark, trans))).toEqual([
      'limit of a at 31 GiB (node size)'
    ]);
  });
});

describe('a slider with marks', () => {
  it('says in its value which limit is next to it, and describes all', () => {
    const model = planned();
    model.addAnswer(
      'p1',
      no('Rubin', { cliffs: [cliff(16), cliff(256, 'later')] })
    );
    show(model);
    const slider = screen.getByRole('slider', { name: /Memory.*at least/ });
    expect(slider.getAttribute('aria-valuetext')).toBe(
      '16 GiB; limit of Rubin at 16 GiB (node size)'
    );
    expect(slider.getAttribute('aria-description')).toContain(
      'Rubin starts later beyond 256 GiB'
    );
    fireEvent.change(slider, { target: { value: '1' } });
  });
});
