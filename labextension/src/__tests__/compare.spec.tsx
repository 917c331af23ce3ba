import { fireEvent, render, screen, within } from '@testing-library/react';
import * as React from 'react';
import { act } from 'react';
import { axisOf, mapRequest, placeOf } from '../axes';
import { ComparisonView } from '../components/compare/ComparisonView';
import { csvText } from '../export';
import { limitsOf } from '../limits';
import { PlanModel } from '../model';
import { rowsOf } from '../rows';
import type { Map as TaskMap, MapRequest } from '../types';
import { GIB, no, plan, TASK, yes } from './fixtures';
import { settle } from './setup';

const LIMIT = no('Rubin', {
  reasons: [
    {
      code: 'limit-exceeded',
      message: 'm',
      field: '/resources/memory/min',
      limit: 12 * GIB
    }
  ]
});

function modelOf(): PlanModel {
  const model = new PlanModel();
  model.setTask(TASK);
  model.startPlanning();
  model.openPlan(plan('p1', 'Rubin', 'Gaia', 'Alps'));
  model.addAnswer('p1', LIMIT);
  const resources = { memory: { min: 16 * GIB, max: 400 * GIB } };
  const filled = { 'memory.max': 'offered' };
  const offers = [{ service_type: 'uri://x', resources, filled }];
  model.addAnswer('p1', yes('Gaia', { offers }));
  return model;
}

function drawn({ across, up }: MapRequest): TaskMap {
  return {
    yes: up.values.map(() => across.values.map(() => 2)),
    judged: ['Rubin', 'Gaia'],
    unknown: ['Alps']
  };
}

function compare(
  model: PlanModel,
  draw = jest.fn<Promise<TaskMap>, [MapRequest]>(async r => drawn(r))
): { draw: typeof draw; onOpenPanel: jest.Mock } {
  const onOpenPanel = jest.fn();
  render(
    <ComparisonView
      state={model.state}
      draw={draw}
      onApply={jest.fn()}
      onOpenPanel={onOpenPanel}
    />
  );
  return { draw, onOpenPanel };
}

function openTable(region: HTMLElement): HTMLElement {
  const details = within(region)
    .getByText('As a table')
    .closest('details') as HTMLDetailsElement;
  details.open = true;
  fireEvent(details, new Event('toggle'));
  return within(region).getByRole('table');
}

describe('limitsOf', () => {
  it('reads reasons, cliffs and offers, and judges nothing', () => {
    const model = modelOf();
    const cliffs = [
      { field: '/resources/memory/min', at: 31 * GIB, message: '' },
      {
        field: '/resources/memory/min',
        at: 90 * GIB,
        message: '',
        beyond: 'later' as const
      }
    ];
    model.addAnswer('p1', yes('Alps', { cliffs }));
    const found = limitsOf(rowsOf(model.state), 'memory');
    expect(
      found.map(({ platform, limit, isRefused }) => [
        platform,
        limit,
        isRefused
      ])
    ).toEqual([
      ['Gaia', 400 * GIB, false],
      ['Alps', 31 * GIB, false],
      ['Rubin', 12 * GIB, true]
    ]);
  });
});

describe('the comparison', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('says what to do first when there is nothing to compare', () => {
    const { onOpenPanel } = compare(new PlanModel());
    fireEvent.click(screen.getByRole('button', { name: 'Can I run this?' }));
    expect(onOpenPanel).toHaveBeenCalled();
  });

  it('has a chart of each resource, and a table that says the same', () => {
    compare(modelOf());
    const region = screen.getByRole('region', {
      name: 'Memory: limits of the platforms'
    });
    within(region).getByRole('img', { name: /asked 16 GiB/ });
    within(region).getByText('12 GiB, in the way');
    within(region).getByText('400 GiB, not in the way');
    const row = within(openTable(region)).getByRole('row', { name: /Rubin/ });
    expect(row.textContent).toBe('Rubin16 GiB12 GiBin the way');
  });

  it('draws a map once the task rests, and other axes when asked', async () => {
    const { draw } = compare(modelOf());
    screen.getByText('Drawing…');
    await act(async () => {
      jest.advanceTimersByTime(1000);
      await settle();
    });
    expect(draw).toHaveBeenCalledTimes(1);
    const title = 'Cores × Memory: how many platforms would accept';
    const region = screen.getByRole('region', { name: title });
    expect(region.textContent).toContain('Estimates of 2 platforms');
    expect(region.textContent).toContain('Alps');
    const rows = within(openTable(region)).getAllByRole('row');
    expect(rows).toHaveLength(axisOf('cores').values.length + 1);
    fireEvent.change(screen.getByRole('combobox', { name: 'Map of' }), {
      target: { value: '1' }
    });
    screen.getByText('Drawing…');
    await act(async () => {
      jest.advanceTimersByTime(1000);
      await settle();
    });
    const request = draw.mock.calls[1]?.[0];
    expect(request?.across.field).toBe('/resources/duration/min');
  });

  it('says why a map could not be drawn', async () => {
    compare(
      modelOf(),
      jest.fn<Promise<TaskMap>, [MapRequest]>(() =>
        Promise.reject(new Error('no such route'))
      )
    );
    await act(async () => {
      jest.advanceTimersByTime(1000);
      await settle();
    });
    screen.getByText('no such route');
  });
});

describe('axes', () => {
  it('have at most as many values as a map takes', () => {
    for (const quantity of ['cores', 'memory', 'duration', 'gpus'] as const) {
      const { values } = axisOf(quantity);
      expect(values.length).toBeLessThanOrEqual(24);
      expect([...values].sort((one, other) => one - other)).toEqual(values);
    }
  });

  it('place the task between their values', () => {
    const { across } = mapRequest(TASK, { across: 'memory', up: 'cores' });
    expect(across.values[placeOf(across, 17 * GIB)]).toBe(16 * GIB);
    expect(placeOf(across, 1)).toBe(-1);
  });
});

describe('csvText', () => {
  it('quotes what has to be, and defuses formulas', () => {
    expect(
      csvText([
        ['a,b', 'say "x"', null, 3],
        ['=cmd()', '-', 'ok', -1]
      ])
    ).toBe('"a,b","say ""x""",,3\r\n\'=cmd(),\'-,ok,-1\r\n');
  });
});
