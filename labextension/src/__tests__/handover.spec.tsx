import { fireEvent, screen, within } from '@testing-library/react';
import { act } from 'react';
import { HandoverDesk } from '../desk';
import { PlanModel } from '../model';
import { FakeService } from './fakes';
import { MADE, plan, TASK, TWELVE, yes } from './fixtures';
import { card, planned, show } from './screen';
import { settle } from './setup';

function ableModel(): PlanModel {
  const model = planned();
  const able = plan('p1', 'Gaia').platforms?.map(info => ({
    ...info,
    hands_over: true
  }));
  model.openPlan({ ...plan('p1'), ...(able && { platforms: able }) });
  model.addAnswer('p1', yes('Gaia'));
  return model;
}

async function open(): Promise<ReturnType<typeof show>> {
  const done = show(ableModel());
  fireEvent.click(screen.getByRole('button', { name: /^Hand over/ }));
  await act(settle);
  return done;
}

describe('handing over', () => {
  it('is offered by platforms that can, with a YES to what is on screen', () => {
    const model = ableModel();
    show(model);
    screen.getByRole('button', { name: 'Hand over… (Gaia)' });
    document.body.innerHTML = '';
    show(planned());
    expect(screen.queryByRole('button', { name: /^Hand over/ })).toBeNull();
  });

  it('shows the script, and copies it and its command', async () => {
    const done = await open();
    const script = within(card('Gaia')).getByRole('region', {
      name: 'Script for Gaia'
    });
    expect(script.textContent).toBe(MADE.content);
    fireEvent.click(screen.getByRole('button', { name: 'Copy script' }));
    fireEvent.click(screen.getByRole('button', { name: 'Copy command' }));
    await act(settle);
    expect(done.copyText.mock.calls.map(([text]) => text)).toEqual([
      MADE.content,
      MADE.command
    ]);
  });

  it('says where it was saved', async () => {
    await open();
    fireEvent.click(
      screen.getByRole('button', { name: 'Save beside the notebook' })
    );
    await act(settle);
    expect(screen.getByRole('status').textContent).toBe(
      'Saved as work/m31.sbatch'
    );
  });

  it('says why there is nothing to hand over', async () => {
    const done = show(ableModel());
    done.handOver.mockRejectedValueOnce(new Error('it says NO now'));
    fireEvent.click(screen.getByRole('button', { name: /^Hand over/ }));
    await act(settle);
    expect(screen.getByRole('alert').textContent).toBe('it says NO now');
  });
});

describe('the exact limit', () => {
  it('is asked for on a refusal, with what was found and one click to use it', async () => {
    const done = show(planned());
    const button = screen.getByRole('button', {
      name: 'Ask for the exact limit (Rubin)'
    });
    fireEvent.click(button);
    await act(settle);
    const found = screen.getByRole('status');
    expect(found.textContent).toContain('Asked 7 times in 93 ms.');
    within(found).getByText('Memory up to 12 GiB');
    fireEvent.click(within(found).getByRole('button', { name: /^Use 12 GiB/ }));
    expect(done.apply).toHaveBeenCalledWith(TWELVE, 'Rubin');
  });

  it('says when nothing was found, and why when it could not be asked', async () => {
    const done = show(planned());
    done.nearest.mockResolvedValueOnce({ platform: 'Rubin', verdict: 'NO' });
    const button = screen.getByRole('button', { name: /exact limit/ });
    fireEvent.click(button);
    await act(settle);
    screen.getByText('No change of the resources made it say YES.');
    done.nearest.mockRejectedValueOnce(new Error('offline'));
    fireEvent.click(button);
    await act(settle);
    expect(screen.getByRole('alert').textContent).toBe('offline');
  });

  it('is not asked of a platform that reserves', () => {
    const model = planned();
    const [info] = plan('p1', 'Rubin').platforms ?? [];
    const platforms = info === undefined ? [] : [{ ...info, reserves: true }];
    model.openPlan({ ...plan('p1'), platforms });
    show(model);
    expect(screen.queryByRole('button', { name: /exact limit/ })).toBeNull();
  });
});

describe('HandoverDesk', () => {
  function desk(...taken: string[]): {
    desk: HandoverDesk;
    saved: string[];
  } {
    const saved: string[] = [];
    const contents = {
      get: async () => ({ content: taken.map(name => ({ name })) }),
      save: async (path: string) => void saved.push(path)
    };
    const model = planned();
    return {
      saved,
      desk: new HandoverDesk(model, new FakeService(), contents as never)
    };
  }

  it('saves beside the notebook, over nothing that is there', async () => {
    const free = desk();
    expect(await free.desk.save(MADE)).toBe('work/m31.sbatch');
    const full = desk('m31.sbatch', 'm31-2.sbatch');
    await full.desk.save({ ...MADE, name: '../m31.sbatch' });
    expect(full.saved).toEqual(['work/m31-3.sbatch']);
  });

  it('puts the cliffs of a search on the sliders', async () => {
    const model = planned();
    const searching = new HandoverDesk(model, new FakeService(), {} as never);
    await searching.nearest('Rubin');
    const answers = model.state.received.map(({ answer }) => answer);
    expect(answers.map(({ cliffs }) => cliffs?.length ?? 0)).toEqual([1, 0]);
  });

  it('asks about the task on screen', async () => {
    expect(await desk().desk.handOver('Gaia')).toEqual(MADE);
    const empty = new HandoverDesk(
      new PlanModel(),
      new FakeService(),
      {} as never
    );
    await expect(empty.handOver('Gaia')).rejects.toThrow();
    expect(TASK).toBeDefined();
  });
});
