/** The translation bundle, for every component below the panel. */
import {
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';
import * as React from 'react';
import { DOMAIN } from '../tokens';

export const TransContext: React.Context<TranslationBundle> =
  React.createContext<TranslationBundle>(nullTranslator.load(DOMAIN));

export function useTrans(): TranslationBundle {
  return React.useContext(TransContext);
}
