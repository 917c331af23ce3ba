/** The panel on a screen of its own, with every action watched. */
import { render, screen } from '@testing-library/react';
import * as React from 'react';
import { PlanView, type IPlanActions } from '../components/PlanView';
import { PlanModel } from '../model';
import type { Form } from '../document';
import type { HandedOver, Nearest, TaskDocument } from '../types';
import { FOUND, MADE, no, plan, TASK, yes } from './fixtures';

function actions(): jest.Mocked<IPlanActions> {
  return {
    describe: jest.fn(),
    save: jest.fn(),
    plan: jest.fn(),
    stop: jest.fn(),
    retry: jest.fn(),
    setView: jest.fn(),
    move: jest.fn(),
    rest: jest.fn(),
    apply: jest.fn(),
    undo: jest.fn(),
    reset: jest.fn(),
    edit: jest.fn(),
    choose: jest.fn(() => null),
    settings: jest.fn(() => null),
    writeText: jest.fn<Promise<string>, [Form]>(
      async () => 'compute:\n  memory: {min: 2}\n'
    ),
    readText: jest.fn<Promise<TaskDocument>, [string, Form]>(async () => ({
      task: { executable: { type: 'uri://jupyter-notebook' } },
      notes: ['left open']
    })),
    openFile: jest.fn<Promise<string | null>, []>(async () => null),
    saveFile: jest.fn<Promise<boolean>, [string, boolean]>(
      async (_, over) => over
    ),
    setLive: jest.fn(),
    copyRequest: jest.fn(async () => undefined),
    copyLink: jest.fn(async () => undefined),
    closeLink: jest.fn(),
    compare: jest.fn(),
    copyText: jest.fn<Promise<void>, [string, string]>(async () => undefined),
    handOver: jest.fn<Promise<HandedOver>, [string]>(async () => MADE),
    nearest: jest.fn<Promise<Nearest>, [string]>(async () => FOUND),
    saveScript: jest.fn<Promise<string>, [HandedOver]>(
      async () => 'work/m31.sbatch'
    )
  };
}

/** A model of a notebook that is planned on three platforms, one still silent. */
export function planned(): PlanModel {
  const model = new PlanModel();
  model.setNotebook({
    path: 'work/m31.ipynb',
    name: 'm31.ipynb',
    isDirty: true,
    isEdited: false
  });
  model.setTask(TASK);
  model.startPlanning();
  model.openPlan(plan('p1', 'Rubin', 'Gaia', 'Alps'));
  model.addAnswer('p1', no('Rubin'));
  model.addAnswer('p1', yes('Gaia', { now: 'YES' }));
  return model;
}

export function show(
  model: PlanModel,
  others: Partial<IPlanActions> = {}
): jest.Mocked<IPlanActions> {
  const done = actions();
  render(<PlanView state={model.state} actions={{ ...done, ...others }} />);
  return done;
}

/** Browsers put no space before the comma, jsdom does. */
export const LEAST_MEMORY = /^Memory ?, GiB at least$/;

export const card = (name: string): HTMLElement =>
  screen.getByRole('article', { name: new RegExp(name) });
