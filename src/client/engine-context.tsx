import { createContext, useContext } from 'react';
import type { DuetApi } from './duet-api.ts';

const EngineContext = createContext<DuetApi | null>(null);

export const EngineProvider = EngineContext.Provider;

/** The page's way to the engine. */
export function useDuet(): DuetApi {
  const duet = useContext(EngineContext);
  if (duet === null) throw new Error('useDuet needs an EngineProvider above it.');
  return duet;
}
