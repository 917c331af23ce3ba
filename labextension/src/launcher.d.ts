/** The launcher's token, which the front end shares at run time: this is all that is used of it. */
declare module '@jupyterlab/launcher' {
  import type { Token } from '@lumino/coreutils';
  import type { IDisposable } from '@lumino/disposable';

  export interface ILauncher {
    /** Add a card that runs a command. */
    add(options: {
      command: string;
      category?: string;
      rank?: number;
    }): IDisposable;
  }

  export const ILauncher: Token<ILauncher>;
}
