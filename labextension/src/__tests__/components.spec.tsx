import { act, fireEvent, screen, within } from '@testing-library/react';
import { OLD } from '../components/old';
import { PlanModel } from '../model';
import { GIB, no, plan, TASK, TWELVE, yes } from './fixtures';
import type { Answer } from '../types';
import { card, LEAST_MEMORY, planned, show } from './screen';

describe('answers', () => {
  it('say their verdict as a word in the heading', () => {
    show(planned());
    expect(card('Gaia').textContent).toContain('YES');
    expect(card('Rubin').textContent).toContain('NO');
    expect(card('Alps').textContent).toContain('asking…');
    expect(card('Alps').getAttribute('aria-busy')).toBe('true');
  });

  it('count who accepts and who still answers', () => {
    show(planned());
    screen.getByText('1 of 3 accept, 1 still answering');
    const bar = screen.getByRole('progressbar');
    expect(bar.getAttribute('value')).toBe('2');
    expect(bar.getAttribute('max')).toBe('3');
  });

  it('say CANNOT TELL, which is not NO', () => {
    const model = planned();
    model.addAnswer('p1', { platform: 'Alps', verdict: 'CANNOT_TELL' });
    show(model);
    const heading = within(card('Alps')).getByRole('heading');
    expect(heading.textContent).toBe('CANNOT TELL Alps');
  });

  it('show the words of a platform as text, never as markup', () => {
    const model = planned();
    const text = '<img src=x onerror="alert(1)"><b>no</b>';
    model.addAnswer(
      'p1',
      no('Alps', { reasons: [{ code: 'refused', message: 'Refused.', text }] })
    );
    show(model);
    within(card('Alps')).getByText(text);
    expect(card('Alps').querySelector('img, b')).toBeNull();
  });

  it('say so when a refusal comes without a reason', () => {
    const model = planned();
    model.addAnswer('p1', no('Alps', { reasons: [], changes: [] }));
    show(model);
    within(card('Alps')).getByText('It gave no reason.');
  });

  it('put asked beside offered', () => {
    const model = planned();
    const resources = { memory: { min: 16 * GIB, max: 400 * GIB } };
    model.addAnswer(
      'p1',
      yes('Gaia', { offers: [{ service_type: 'uri://slurm', resources }] })
    );
    show(model);
    const row = within(card('Gaia')).getByRole('row', { name: /Memory/ });
    expect(row.textContent.replace(/\u00a0/g, ' ')).toBe(
      'Memory≥ 16 GiB16 – 400 GiB'
    );
  });

  it.each([
    ['https://rsp.example.org/nb', 'Open rsp.example.org'],
    ['javascript:alert(1)', null],
    ['ssh://alps.example.org', null]
  ])('make a link of %s only when it leads to the web', (endpoint, name) => {
    const model = planned();
    const offer = { service_type: 'uri://x', service_info: { endpoint } };
    model.addAnswer('p1', yes('Gaia', { offers: [offer] }));
    show(model);
    const link = within(card('Gaia')).queryByRole('link');
    expect(link?.textContent ?? null).toBe(name);
  });

  it('keep evidence at hand, with how, source and the raw text', () => {
    const model = planned();
    const source = 'sinfo --json';
    model.addAnswer(
      'p1',
      yes('Alps', {
        evidence: [{ how: 'live-read', source, text: 'idle', at: 1 }]
      })
    );
    show(model);
    within(card('Alps')).getByText('Evidence (1)', { exact: false });
    within(card('Alps')).getByText(source);
    within(card('Alps')).getByText('read live');
  });
});

describe('changes', () => {
  it('are one button with value, field and standing', () => {
    const done = show(planned());
    const button = within(card('Rubin')).getByRole('button', {
      name: /Use 12 GiB \(Memory, at least: Memory 16 GiB → 12 GiB\)/
    });
    within(card('Rubin')).getByText('then accepts (checked)');
    fireEvent.click(button);
    expect(done.apply).toHaveBeenCalledWith(TWELVE, 'Rubin');
  });

  it('stand on top when they help most', () => {
    const done = show(planned());
    const best = screen.getByRole('region', { name: 'Nearest change' });
    expect(best.textContent).toContain('then Rubin accepts.');
    fireEvent.click(within(best).getByRole('button'));
    expect(done.apply).toHaveBeenCalledWith(TWELVE, 'Rubin');
  });

  it('do nothing once their answer is stale', () => {
    const model = planned();
    model.setRange('cores', { min: 2000 });
    const done = show(model);
    const button = within(card('Rubin')).getByRole('button', { name: /Use/ });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    fireEvent.click(button);
    expect(done.apply).not.toHaveBeenCalled();
  });

  it('move the focus to the control they changed, and can be undone', () => {
    const model = planned();
    model.apply(TWELVE, 'Rubin');
    const done = show(model);
    const box = screen.getByRole('spinbutton', {
      name: LEAST_MEMORY
    });
    expect(document.activeElement).toBe(box);
    expect((box as HTMLInputElement).value).toBe('12');
    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(done.undo).toHaveBeenCalled();
  });

  it('leave the focus at Undo when they changed no control', () => {
    const model = planned();
    const edits = [{ field: '/executable/kernel', after: 'julia' }];
    model.apply({ edits, message: 'Kernel python3 → julia' }, 'Rubin');
    show(model);
    expect(document.activeElement?.textContent).toBe('Undo');
  });
});

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
