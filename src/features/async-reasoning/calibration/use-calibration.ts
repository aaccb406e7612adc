import { useMemo } from 'react';
import type { StoreApi } from 'zustand';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { CalibrationConfig, CalibrationEvent } from '@/protocol/calibration.ts';
import type { AppState } from '@/state/app-store.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import type { ReasoningRun } from '../use-reasoning-run.ts';

export interface CalibrationDriver {
  readonly start: (config: CalibrationConfig) => void;
  readonly cancel: () => void;
}

export function useCalibration(run: ReasoningRun): CalibrationDriver {
  const duet = useDuet();
  const store = useAppStore();
  return useMemo(() => createCalibrationDriver(duet, store, run), [duet, store, run]);
}

function createCalibrationDriver(duet: DuetApi, store: StoreApi<AppState>, run: ReasoningRun): CalibrationDriver {
  let current: AbortController | undefined;

  async function calibrate(config: CalibrationConfig, { signal }: AbortController): Promise<void> {
    const batcher = createFrameBatcher<CalibrationEvent>((events) => {
      if (!signal.aborted) store.getState().calibrationEventsArrived(events);
    });
    store.getState().calibrationStarted();
    try {
      // Two runs on one device would slow each other.
      await run.stop();
      const report = await duet.calibrate(config, (event) => batcher.push(event), { signal });
      batcher.flush();
      store.getState().calibrationEnded(report);
    } catch (error) {
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      if (failure.code === 'cancelled') store.getState().calibrationCleared();
      else store.getState().calibrationFailed(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
  }

  return {
    start(config) {
      if (current !== undefined) return;
      const controller = new AbortController();
      current = controller;
      void calibrate(config, controller).finally(() => {
        current = undefined;
      });
    },
    cancel: () => current?.abort(),
  };
}
