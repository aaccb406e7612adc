import { createContext, useContext } from 'react';
import type { TrainingDriver } from './use-negotiation-training.ts';

const TrainingContext = createContext<TrainingDriver | null>(null);

export const TrainingProvider = TrainingContext.Provider;

export function useTraining(): TrainingDriver {
  const driver = useContext(TrainingContext);
  if (driver === null) throw new Error('useTraining is used outside the negotiation panel.');
  return driver;
}
