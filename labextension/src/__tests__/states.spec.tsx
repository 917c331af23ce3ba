import { act, fireEvent, screen } from '@testing-library/react';
import { OLD } from '../components/old';
import { PlanModel } from '../model';
import type { Answer } from '../types';
import { GIB, no, plan, TASK, yes } from './fixtures';
import { card, planned, show } from './screen';

describe('states without answers', () => {
  it('no notebook', () => {
    show(new PlanModel());
    screen.getByRole('heading', { name: 'No notebook is open' });
  });

  it('no platforms', () => {
    const model = planned();
    model.openPlan(plan('p2'));
    show(model);
    screen.getByRole('heading', { name: 'No platforms are configured' });
  });

  it.each([
    ['server-part-missing', 'The server part is missing'],
    ['signed-out', 'The server does not know you any more'],
    ['offline', 'The Jupyter server cannot be reached'],
    ['bad-stream', 'The answers broke off'],
    ['refused', 'The server answered 500'],
    ['server-part-older', 'The server part is older than this panel'],
    ['notebook-unreadable', 'This notebook cannot be planned'],
    ['something-new', '500']
  ])('%s, with a way on', (code, title) => {
    const model = new PlanModel();
    model.setNotebook({
      path: 'a',
      name: 'a',
      isDirty: false,
      isEdited: false
    });
    model.fail({ code, message: '500' });
    const done = show(model);
    screen.getByRole('heading', { name: title });
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(done.describe).toHaveBeenCalled();
  });

  it('planning, before anybody answered', () => {
    const model = planned();
    model.openPlan(plan('p2', 'Rubin', 'Gaia', 'Alps'));
    show(model);
    screen.getByText('0 of 3 accept, 3 still answering');
    expect(screen.queryByText('Plan asks again.')).toBeNull();
  });

  it('stopped, with what came so far', () => {
    const model = planned();
    model.stop();
    show(model);
    screen.getByText('Stopped: 2 of 3 answered');
    screen.getByText('Plan asks again.');
    expect(card('Alps').textContent).toContain('no answer yet');
  });

  it('stale, until planned again', () => {
    const model = planned();
    model.closePlan('p1', {});
    model.setRange('cores', { min: 2000 });
    const done = show(model);
    screen.getByText(/^The resources changed since these answers/);
    fireEvent.click(screen.getByRole('button', { name: 'Plan' }));
    expect(done.plan).toHaveBeenCalled();
  });
});

describe('plans whose answers all say the same', () => {
  const rubin = { platform: 'Rubin' };

  it.each<[string, Answer, RegExp]>([
    ['YES', yes('Rubin'), /^Every platform accepts/],
    ['NO with a change', no('Rubin'), /change that helps most is:$/],
    ['NO without', no('Rubin', { changes: [] }), /^None accepts it, and none/],
    ['unknown', { ...rubin, verdict: 'CANNOT_TELL' }, /^None could tell/]
  ])('all %s', (_, answer, words) => {
    const model = planned();
    model.openPlan(plan('p2', 'Rubin'));
    model.addAnswer('p2', answer);
    model.closePlan('p2', {});
    show(model);
    screen.getByText(words);
  });

  it('say nothing more when they differ', () => {
    const model = planned();
    model.closePlan('p1', {});
    show(model);
    expect(screen.queryByText(/^(Every|None)/)).toBeNull();
  });
});

describe('a link that was followed', () => {
  it('is named as the source, with the way back', () => {
    const model = planned();
    model.takeLink({ memory: { min: GIB } });
    const done = show(model);
    screen.getByText('These resources came with the link.');
    fireEvent.click(
      screen.getByRole('button', { name: 'Use what the notebook needs' })
    );
    expect(done.reset).toHaveBeenCalled();
  });

  it('is named when it could not be read', () => {
    const model = planned();
    model.takeLink(null);
    const done = show(model);
    screen.getByText(/^The resources in the link could not be read/);
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(done.closeLink).toHaveBeenCalled();
  });
});

describe('answers that grow old', () => {
  afterEach(() => jest.useRealTimers());

  it('say so by themselves, with the next step', () => {
    jest.useFakeTimers();
    const model = planned();
    model.closePlan('p1', {});
    show(model);
    act(() => void jest.advanceTimersByTime(OLD - 1));
    expect(screen.queryByText(/^These answers are from/)).toBeNull();
    act(() => void jest.advanceTimersByTime(1));
    screen.getByText(/^These answers are from .* Plan asks again\.$/);
  });
});

describe('the notebook', () => {
  it('is named, with unsaved changes and its needs', () => {
    const model = planned();
    model.setTask({
      ...TASK,
      software: [
        {
          name: 'astropy',
          version: '==7.1.0',
          evidence: [{ how: 'static', source: 'cell 1' }]
        }
      ],
      data: [{ location: 'm31.fits', size: 3 * GIB }],
      notes: ['The kernel was busy.']
    });
    const done = show(model);
    screen.getByText('with unsaved changes');
    screen.getByText('python3, 1 package, 1 data source');
    screen.getByText('astropy');
    screen.getByText('cell 1');
    screen.getByText('3 GiB');
    screen.getByText('The kernel was busy.');
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(done.save).toHaveBeenCalled();
    fireEvent.click(screen.getByRole('button', { name: 'Read again' }));
    expect(done.describe).toHaveBeenCalled();
  });
});
