import { fireEvent, screen, within } from '@testing-library/react';
import { FEWER, GIB, no, plan, TASK, TWELVE, yes } from './fixtures';
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

  it.each([
    ['estimate', '≈ estimate'],
    ['asked', 'asked'],
    ['checked', '✓ checked'],
    [undefined, 'asked']
  ] as const)('say in a word how they were found: %s', (sure, word) => {
    const model = planned();
    model.addAnswer('p1', no('Alps', sure === undefined ? {} : { sure }));
    show(model);
    within(card('Alps')).getByText(word);
  });

  it('that are estimates stand while the platforms are asked', () => {
    const model = planned();
    const estimate = no('Rubin', { sure: 'estimate' });
    model.takeEstimate(model.state.task ?? TASK, {
      id: '1',
      answers: [estimate]
    });
    model.startPlanning();
    show(model);
    expect(card('Rubin').className).not.toContain('jp-mod-stale');
    expect(card('Gaia').className).toContain('jp-mod-stale');
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
    const summary = within(card('Alps')).getByText('Evidence (1)', {
      exact: false
    });
    const details = summary.closest('details') as HTMLDetailsElement;
    expect(within(details).queryByText(source)).toBeNull();
    details.open = true;
    fireEvent(details, new Event('toggle'));
    within(card('Alps')).getByText(source);
    within(card('Alps')).getByText('read live');
  });
});

describe('which answers are listed', () => {
  it('is chosen by verdict, with counts', () => {
    const done = show(planned());
    screen.getByRole('radio', { name: 'All 3', checked: true });
    fireEvent.click(screen.getByRole('radio', { name: 'No 1' }));
    expect(done.setView).toHaveBeenCalledWith({ filter: 'NO' });
  });

  it('is told when it is none', () => {
    const model = planned();
    model.setPreferences({ filter: 'CANNOT_TELL' });
    const done = show(model);
    expect(screen.queryAllByRole('article')).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Show all' }));
    expect(done.setView).toHaveBeenCalledWith({ filter: 'all' });
  });

  it('has an order', () => {
    const done = show(planned());
    const order = screen.getByRole('combobox', { name: 'Order' });
    fireEvent.change(order, { target: { value: 'soonest' } });
    expect(done.setView).toHaveBeenCalledWith({ sortBy: 'soonest' });
  });
});

describe('a platform', () => {
  it('says that it needs a login, or that asking it reserves', () => {
    const model = planned();
    model.openPlan({
      ...plan('p2'),
      platforms: [
        {
          name: 'Alps',
          kind: 'planner',
          source: 'configured',
          needs_login: true,
          reserves: true
        }
      ]
    });
    show(model);
    within(card('Alps')).getByText('planner, needs a login, asking reserves');
  });

  it('can be asked again when it could not tell, and only then', () => {
    const model = planned();
    model.addAnswer('p1', { platform: 'Alps', verdict: 'CANNOT_TELL' });
    model.closePlan('p1', {});
    const done = show(model);
    const [button, ...others] = screen.getAllByRole('button', {
      name: /^Retry/
    }) as [HTMLElement];
    expect(others).toEqual([]);
    fireEvent.click(button);
    expect(done.retry).toHaveBeenCalledWith('Alps');
    expect(document.activeElement?.textContent).toBe('CANNOT TELL Alps');
  });

  it('is not asked alone while its answers are to another question', () => {
    const model = planned();
    model.addAnswer('p1', { platform: 'Alps', verdict: 'CANNOT_TELL' });
    model.closePlan('p1', {});
    model.setRange('cores', { min: 2000 });
    show(model);
    expect(screen.queryByRole('button', { name: /^Retry/ })).toBeNull();
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

  it.each([
    [{ platforms: ['Rubin'] }, 'you would gain Rubin (checked).'],
    [{ expected: ['Rubin'] }, 'you may gain Rubin (expected).'],
    [
      { platforms: ['Rubin'], expected: ['Alps'] },
      'you would gain Rubin (checked), perhaps also Alps (expected).'
    ]
  ])('stand on top when they help most: %j', (won, words) => {
    const model = planned();
    const gain = { change: TWELVE, ...won };
    model.closePlan('p1', { gains: [gain, { ...gain, change: FEWER }] });
    const done = show(model);
    const best = screen.getByRole('region', { name: 'Nearest change' });
    expect(best.textContent).toContain(`With Memory, at least 12 GiB ${words}`);
    within(best).getByText('Other changes that help');
    fireEvent.click(within(best).getByRole('button', { name: /^Use 12 GiB/ }));
    const names = Object.values(won).flat().join(', ');
    expect(done.apply).toHaveBeenCalledWith(TWELVE, names);
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
