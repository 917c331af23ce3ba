import { fireEvent, render, screen, within } from '@testing-library/react';
import { act } from 'react';
import * as React from 'react';
import { PlatformsView } from '../components/platforms/PlatformsView';
import { Directory, type Entry, type IDirectoryService } from '../directory';
import { RequestFailure } from '../request';
import type { PlatformInfo, PlatformList } from '../types';
import { settle } from './setup';

const SLURM: PlatformInfo = {
  name: 'Cuillin',
  kind: 'slurm',
  source: 'configured',
  knows: ['ever', 'when']
};
const OWN: PlatformInfo = {
  name: 'mine',
  kind: 'declared',
  source: 'added',
  knows: ['ever'],
  needs_login: true
};

function list(...platforms: PlatformInfo[]): PlatformList {
  const kinds = ['declared', 'local', 'planner', 'slurm'];
  return { platforms, version: '0.1.0', wire: 2, kinds, may_add: true };
}

function service(): jest.Mocked<IDirectoryService> {
  return {
    platforms: jest.fn(async () => list(SLURM, OWN)),
    look: jest.fn(async (platform: string) => ({ platform, at: 1, took: 7 })),
    add: jest.fn<Promise<PlatformList>, [Entry]>(async () => list(SLURM, OWN)),
    remove: jest.fn<Promise<PlatformList>, [string]>(async () => list(SLURM))
  };
}

/** The tab on a screen of its own, drawn again on every change. */
async function show(
  asked = service()
): Promise<jest.Mocked<IDirectoryService>> {
  const directory = new Directory(asked);
  const view = (): JSX.Element => (
    <PlatformsView
      state={directory.state}
      actions={{
        load: () => void directory.load(),
        look: platform => void directory.look(platform),
        add: entry => directory.add(entry),
        remove: platform => void directory.remove(platform)
      }}
    />
  );
  const { rerender } = render(view());
  directory.changed.connect(() => act(() => rerender(view())));
  void directory.load();
  await act(settle);
  return asked;
}

function row(name: string): HTMLElement {
  return screen.getByRole('article', { name });
}

function type(label: string, text: string): void {
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
}

describe('the list of platforms', () => {
  it('says what each platform can ever tell, and where it comes from', async () => {
    await show();
    expect(row('Cuillin').textContent).toContain(
      'slurm, configured by who runs this server'
    );
    expect(row('Cuillin').textContent).toContain(
      'It can tell whether it would ever run, when it could start.'
    );
    within(row('mine')).getByText('It has to know who you are.');
  });

  it('looks at a platform and says how it is', async () => {
    const asked = await show();
    fireEvent.click(screen.getByRole('button', { name: 'Look (Cuillin)' }));
    await act(settle);
    expect(asked.look).toHaveBeenCalledWith('Cuillin');
    within(row('Cuillin')).getByText('Well');
    screen.getByRole('button', { name: 'Look again (Cuillin)' });
  });

  it('says why a platform could not be read', async () => {
    const asked = service();
    asked.look.mockResolvedValueOnce({
      platform: 'Cuillin',
      problem: { code: 'unreachable', message: 'the controller is down' }
    });
    await show(asked);
    fireEvent.click(screen.getByRole('button', { name: 'Look (Cuillin)' }));
    await act(settle);
    within(row('Cuillin')).getByText('It could not be read');
    within(row('Cuillin')).getByText('the controller is down');
  });

  it('says why an entry cannot be used', async () => {
    const asked = service();
    const error = 'platforms[1]: kind: there is no "nosuch"';
    asked.platforms.mockResolvedValueOnce(
      list({ name: 'wrong', kind: 'nosuch', source: 'configured', error })
    );
    await show(asked);
    expect(row('wrong').textContent).toContain(error);
  });

  it('offers to remove only what was added', async () => {
    const asked = await show();
    expect(
      screen.queryByRole('button', { name: 'Remove (Cuillin)' })
    ).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Remove (mine)' }));
    await act(settle);
    expect(asked.remove).toHaveBeenCalledWith('mine');
    expect(screen.queryByRole('article', { name: 'mine' })).toBeNull();
  });

  it('says whose turn it is without any platform', async () => {
    const asked = service();
    asked.platforms.mockResolvedValueOnce({ ...list(), may_add: false });
    await show(asked);
    screen.getByRole('heading', { name: 'No platform is configured' });
    screen.getByText('Who runs this server lets nobody add platforms here.');
    expect(screen.queryByRole('form')).toBeNull();
  });

  it('says that the server part is older, and retries', async () => {
    const asked = service();
    asked.platforms.mockRejectedValueOnce(
      new RequestFailure({ code: 'server-part-older', message: '404' })
    );
    await show(asked);
    screen.getByRole('heading', {
      name: 'The server part is older than this panel'
    });
    fireEvent.click(screen.getByRole('button', { name: 'Retry' }));
    await act(settle);
    expect(row('Cuillin')).toBeDefined();
  });
});

describe('the form', () => {
  it('adds a Slurm that is reached over ssh', async () => {
    const asked = await show();
    type('Name', ' Cirrus ');
    type('Host', 'cirrus');
    type('Partitions', 'short, long');
    fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await act(settle);
    expect(asked.add).toHaveBeenCalledWith({
      kind: 'slurm',
      name: 'Cirrus',
      ssh: 'cirrus',
      partitions: ['short', 'long']
    });
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('');
  });

  it('adds limits that a person writes down', async () => {
    const asked = await show();
    fireEvent.click(screen.getByLabelText('Limits that I write down'));
    type('Name', 'Lab');
    type('Task types', 'uri://jupyter-notebook');
    type('Service type', 'uri://jupyter-hub');
    type('Most memory', '16G');
    fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await act(settle);
    expect(asked.add).toHaveBeenCalledWith({
      kind: 'declared',
      name: 'Lab',
      tasktypes: ['uri://jupyter-notebook'],
      servicetype: 'uri://jupyter-hub',
      resources: { maxmemory: '16G' }
    });
  });

  it('keeps what was typed when the server refuses it, and says why', async () => {
    const asked = service();
    asked.add.mockRejectedValueOnce(
      new RequestFailure({ code: 'configuration', message: 'url: no address' })
    );
    await show(asked);
    fireEvent.click(screen.getByLabelText('Another Execution Planner'));
    type('Name', 'ESCAPE');
    type('Address', 'nonsense');
    fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await act(settle);
    expect(screen.getByRole('alert').textContent).toBe(
      'Not added: url: no address'
    );
    expect(screen.getByLabelText<HTMLInputElement>('Address').value).toBe(
      'nonsense'
    );
  });
});
