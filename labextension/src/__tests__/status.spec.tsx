import type { IStatusBar } from '@jupyterlab/statusbar';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { act, screen } from '@testing-library/react';
import { PlanModel } from '../model';
import { addStatusItem } from '../status';
import { no, plan, TASK, yes } from './fixtures';

const trans = nullTranslator.load('');

describe('the item in the status bar', () => {
  it('is off until it is wanted, counts, and opens the panel', async () => {
    const model = new PlanModel();
    const items: IStatusBar.IItem[] = [];
    const onOpen = jest.fn();
    const switched = jest.fn();
    addStatusItem(
      {
        registerStatusItem: (_: string, item: IStatusBar.IItem) => {
          items.push(item);
          return { isDisposed: false, dispose: () => undefined };
        }
      },
      { model, trans, onOpen }
    );
    const [item] = items as [IStatusBar.IItem];
    item.activeStateChanged?.connect(switched);
    expect(item.isActive?.()).toBe(false);
    model.setPreferences({ statusBar: true });
    expect(item.isActive?.()).toBe(true);
    expect(switched).toHaveBeenCalledTimes(1);

    await act(async () => Widget.attach(item.item, document.body));
    expect(await screen.findByRole('button')).toHaveProperty(
      'textContent',
      'Can I run this?'
    );
    act(() => {
      model.setTask(TASK);
      model.startPlanning();
      model.openPlan(plan('p1', 'Rubin', 'Gaia'));
      model.addAnswer('p1', no('Rubin'));
      model.addAnswer('p1', yes('Gaia'));
    });
    screen
      .getByRole('button', { name: '1/2 platforms accept: can I run this?' })
      .click();
    expect(onOpen).toHaveBeenCalledTimes(1);
    act(() => item.item.dispose());
  });
});
