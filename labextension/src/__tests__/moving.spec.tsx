import { act, render, screen } from '@testing-library/react';
import * as React from 'react';
import { AnswerList } from '../components/AnswerList';
import * as offers from '../components/OfferView';
import * as reasons from '../components/ReasonList';
import type { PlanModel } from '../model';
import type { Answer } from '../types';
import { GIB, no, TASK, yes } from './fixtures';
import { card, planned } from './screen';

const handover = {
  handOver: jest.fn(),
  copyText: jest.fn(),
  saveScript: jest.fn(),
  nearest: jest.fn()
};
const others = {
  onApply: jest.fn(),
  onRetry: jest.fn(),
  onView: jest.fn(),
  onCompare: jest.fn(),
  onSettings: null,
  handover
};

const list = (model: PlanModel): JSX.Element => (
  <AnswerList state={model.state} task={model.state.task ?? TASK} {...others} />
);

/** A plan with an offer, a refusal and a third answer, on screen; the result draws it again. */
function shown(model: PlanModel): () => void {
  const resources = { memory: { max: 400 * GIB } };
  model.addAnswer(
    'p1',
    yes('Gaia', {
      now: 'YES',
      offers: [{ service_type: 'uri://x', resources }]
    })
  );
  model.addAnswer('p1', yes('Alps', { now: 'NO' }));
  model.closePlan('p1', {});
  const { rerender } = render(list(model));
  return () => rerender(list(model));
}

const estimated = (answer: Answer): Answer => ({ ...answer, sure: 'estimate' });

const estimate = (model: PlanModel, ...answers: Answer[]): void =>
  model.takeEstimate(model.state.task ?? TASK, {
    id: '1',
    answers: answers.map(estimated)
  });

const order = (): string[] =>
  Array.from(
    document.querySelectorAll('.jp-CanIDoThis-platform'),
    element => element.textContent
  );

describe('while a slider moves', () => {
  it('what is asked follows on every card, and what an answer says is not drawn again', () => {
    const offered = jest.spyOn(offers, 'OfferView');
    const refused = jest.spyOn(reasons, 'ReasonList');
    const model = planned();
    const again = shown(model);
    const drawn = [offered.mock.calls.length, refused.mock.calls.length];
    expect(Math.min(...drawn)).toBeGreaterThan(0);

    model.setRange('memory', { min: 8 * GIB });
    again();

    expect(card('Gaia').textContent).toContain('≥ 8');
    expect(card('Rubin').className).toContain('jp-mod-stale');
    expect([offered.mock.calls.length, refused.mock.calls.length]).toEqual(
      drawn
    );
    offered.mockRestore();
    refused.mockRestore();
  });

  it('a change of an older answer cannot be made', () => {
    const model = planned();
    const again = shown(model);
    const use = screen.getByRole('button', { name: /^Use 12 GiB/ });
    expect(use.getAttribute('aria-disabled')).toBe('false');
    model.setRange('memory', { min: 8 * GIB });
    again();
    expect(use.getAttribute('aria-disabled')).toBe('true');
  });

  it('the cards keep their order until somebody is asked', () => {
    const model = planned();
    const again = shown(model);
    expect(order()).toEqual(['Gaia', 'Alps', 'Rubin']);

    model.setRange('memory', { min: 8 * GIB });
    again();
    estimate(model, no('Gaia'), yes('Alps'), yes('Rubin', { now: 'YES' }));
    again();
    expect(order()).toEqual(['Gaia', 'Alps', 'Rubin']);

    model.startPlanning();
    again();
    expect(order()).toEqual(['Rubin', 'Alps', 'Gaia']);
  });

  it('another order that a person chooses is taken at once', () => {
    const model = planned();
    const again = shown(model);
    model.setRange('memory', { min: 8 * GIB });
    again();
    model.setPreferences({ sortBy: 'name' });
    again();
    expect(order()).toEqual(['Alps', 'Gaia', 'Rubin']);
  });

  it('older answers look older only when no estimate follows soon', () => {
    jest.useFakeTimers();
    const model = planned();
    const again = shown(model);
    const region = screen.getByRole('region', { name: /Answers/ });
    model.setRange('memory', { min: 8 * GIB });
    again();
    act(() => void jest.advanceTimersByTime(150));
    expect(region.className).not.toContain('jp-mod-late');
    act(() => void jest.advanceTimersByTime(100));
    expect(region.className).toContain('jp-mod-late');

    estimate(model, no('Gaia'), yes('Alps'), yes('Rubin'));
    again();
    expect(region.className).not.toContain('jp-mod-late');
    jest.useRealTimers();
  });
});
