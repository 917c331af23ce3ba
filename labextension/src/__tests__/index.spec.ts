import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ServerConnection } from '@jupyterlab/services';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { act } from '@testing-library/react';
import plugins from '../index';
import { COMPARISON_ID, CommandIDs, ICanIDoThis, PANEL_ID } from '../tokens';
import { FakeRequest } from './fakes';

interface IShellCall {
  id: string;
  area: string;
  rank?: number;
}

/** A front end with a command registry, a shell, and a network that must stay silent. */
function frontEnd(hasRight = true): {
  app: JupyterFrontEnd;
  added: IShellCall[];
  activated: string[];
  widgets: Widget[];
  fetch: jest.Mock;
} {
  const added: IShellCall[] = [];
  const activated: string[] = [];
  const widgets: Widget[] = [];
  const fetch = jest.fn();
  const app = {
    commands: new CommandRegistry(),
    restored: Promise.resolve(),
    serviceManager: {
      contents: { localPath: (path: string) => path },
      serverSettings: ServerConnection.makeSettings({
        fetch,
        Request: FakeRequest as unknown as typeof Request
      })
    },
    shell: {
      add: (widget: Widget, area: string, options?: { rank: number }) => {
        if (!hasRight) {
          throw new Error(`no area ${area}`);
        }
        added.push({ id: widget.id, area, ...options });
        widgets.push(widget);
      },
      activateById: (id: string) => activated.push(id)
    }
  } as unknown as JupyterFrontEnd;
  return { app, added, activated, widgets, fetch };
}

const LAUNCHER = { add: jest.fn() };
const ROUTER = { register: jest.fn(), navigate: jest.fn() };
const FILES = {
  tracker: {
    currentWidget: {
      selectedItems: () => [
        { type: 'directory', path: 'work' },
        { type: 'notebook', path: 'work/b.ipynb' }
      ]
    }
  }
};

const heading = (): string =>
  document.querySelector('.jp-CanIDoThis-notebookName')?.textContent ?? '';

function activate(app: JupyterFrontEnd, ...services: unknown[]): ICanIDoThis {
  const [panel, commands, link] = plugins;
  const given = [...services, null, null].slice(0, 6);
  const provided = panel.activate(app, ...given) as ICanIDoThis;
  void commands.activate(app, provided, null, FILES, null, LAUNCHER);
  void link.activate(app, provided, ROUTER, null);
  return provided;
}

describe('the plugins', () => {
  it('require no service of others', () => {
    const required = plugins.flatMap(plugin => plugin.requires ?? []);
    expect(new Set(required)).toEqual(new Set([ICanIDoThis]));
  });

  it('activate without any service, and ask nobody anything', () => {
    const { app, added, fetch } = frontEnd();
    activate(app, null, null, null, null);
    expect(added).toEqual([{ id: PANEL_ID, area: 'right', rank: 600 }]);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('survive a front end without a right side', () => {
    const debug = jest.spyOn(console, 'debug').mockImplementation();
    const { app } = frontEnd(false);
    expect(() => activate(app, null, null, null, null)).not.toThrow();
    debug.mockRestore();
  });

  it('give the command its words, icon and arguments', async () => {
    const { app, activated } = frontEnd();
    activate(app, null, null, null, null);
    const { commands } = app;
    expect(commands.label(CommandIDs.open)).toBe('Can I run this?');
    expect(commands.caption(CommandIDs.open)).not.toBe('');
    expect(commands.icon(CommandIDs.open)).toBeDefined();
    expect(await commands.describedBy(CommandIDs.open)).toMatchObject({
      args: { type: 'object' }
    });
    await commands.execute(CommandIDs.open);
    expect(activated).toEqual([PANEL_ID]);
  });

  it.each([
    [CommandIDs.open, { path: 'work/a.ipynb' }, 'work/a.ipynb'],
    [CommandIDs.openSelected, {}, 'work/b.ipynb']
  ])('%s asks for a notebook by path', async (command, args, path) => {
    const { app, widgets, fetch } = frontEnd();
    activate(app, null, null, null, null);
    fetch.mockReturnValue(new Promise(() => undefined));
    await act(async () => {
      Widget.attach(widgets[0] as Widget, document.body);
      await app.commands.execute(command, args);
    });
    expect(heading()).toBe(path.split('/').pop());
    const [request] = fetch.mock.calls[0] as [{ init: { body: string } }];
    expect(JSON.parse(request.init.body)).toEqual({ path });
    act(() => widgets[0]?.dispose());
  });

  it('follow a link and take it out of the address', async () => {
    const { app, activated } = frontEnd();
    activate(app, null, null, null, null);
    expect(ROUTER.register.mock.lastCall[0]).toMatchObject({
      command: CommandIDs.followLink,
      pattern: /[?&]canidothis=/
    });
    const location = { path: '/lab/tree/a.ipynb', search: '?canidothis=x&b=1' };
    await app.commands.execute(CommandIDs.followLink, location);
    expect(activated).toEqual([PANEL_ID]);
    expect(ROUTER.navigate).toHaveBeenCalledWith('/lab/tree/a.ipynb?b=1', {
      skipRouting: true
    });
  });

  it('offer a card in the launcher', () => {
    const { app } = frontEnd();
    activate(app, null, null, null, null);
    expect(LAUNCHER.add).toHaveBeenCalledWith(
      expect.objectContaining({ command: CommandIDs.open })
    );
  });

  it('let the layout restore the panel and the comparison', () => {
    const { app } = frontEnd();
    const restorer = { add: jest.fn(), restore: jest.fn(async () => null) };
    activate(app, null, restorer, null, null);
    expect(restorer.add).toHaveBeenCalledWith(expect.anything(), PANEL_ID);
    expect(restorer.restore).toHaveBeenCalledWith(
      expect.anything(),
      expect.objectContaining({ command: CommandIDs.compare })
    );
  });

  it('show the comparison where the front end has a place for it', async () => {
    const { app, widgets, activated } = frontEnd();
    activate(app, null, null, null, null);
    await app.commands.execute(CommandIDs.compare);
    await app.commands.execute(CommandIDs.compare);
    expect(widgets.map(widget => widget.id)).toContain(COMPARISON_ID);
    expect(activated).toEqual([COMPARISON_ID, COMPARISON_ID]);
  });
});
