/** Stands in for the launcher that the front end shares. */
import { Token } from '@lumino/coreutils';

export const ILauncher = new Token<unknown>('@jupyterlab/launcher:ILauncher');
