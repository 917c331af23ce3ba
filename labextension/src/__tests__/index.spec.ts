import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ServerConnection } from '@jupyterlab/services';
import { CommandRegistry } from '@lumino/commands';
import type { Widget } from '@lumino/widgets';
import plugins from '../index';
import { CommandIDs, ICanIDoThis, PANEL_ID } from '../tokens';

interface IShellCall {
  id: string;
  area: string;
  rank: number;
}

/** A front end with a command registry, a shell, and a network that must stay silent. */
function frontEnd(hasRight = true): {
  app: JupyterFrontEnd;
  added: IShellCall[];
  activated: string[];
  fetch: jest.Mock;
} {
  const added: IShellCall[] = [];
  const activated: string[] = [];
  const fetch = jest.fn();
  const app = {
    commands: new CommandRegistry(),
    serviceManager: {
      serverSettings: ServerConnection.makeSettings({ fetch })
    },
    shell: {
      add: (widget: Widget, area: string, { rank }: { rank: number }) => {
        if (!hasRight) {
          throw new Error(`no area ${area}`);
        }
        added.push({ id: widget.id, area, rank });
      },
      activateById: (id: string) => activated.push(id)
    }
  } as unknown as JupyterFrontEnd;
  return { app, added, activated, fetch };
}

function activate(app: JupyterFrontEnd, ...services: unknown[]): ICanIDoThis {
  const [panel, commands] = plugins;
  const provided = panel.activate(app, ...services) as ICanIDoThis;
  void commands.activate(app, provided, null, null);
  return provided;
}

describe('the plugins', () => {
  it('require no service of others', () => {
    const required = plugins.flatMap(plugin => plugin.requires ?? []);
    expect(required).toEqual([ICanIDoThis]);
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

  it('let the layout restore the panel', () => {
    const { app } = frontEnd();
    const restorer = { add: jest.fn() };
    activate(app, null, restorer, null, null);
    expect(restorer.add).toHaveBeenCalledWith(expect.anything(), PANEL_ID);
  });
});
