import { useEffect, useMemo } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { keepLastRun } from '@/state/run-storage.ts';
import { toRecording } from '@/state/to-recording.ts';
import { createRunDriver, type ReasoningRun } from './run-driver.ts';

export type { ReasoningRun } from './run-driver.ts';

/** The panel's run, and what can be done with it. */
export function useReasoningRun(): ReasoningRun {
  const duet = useDuet();
  const store = useAppStore();
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const run = useMemo(
    () =>
      createRunDriver(duet, store, (film, trace) => {
        void keepLastRun(toRecording(film, trace));
      }),
    [duet, store],
  );

  useEffect(
    () => () => {
      void run.stop();
    },
    [run],
  );

  useEffect(() => {
    if (isModelReady) run.modelBecameReady();
  }, [isModelReady, run]);

  return run;
}
