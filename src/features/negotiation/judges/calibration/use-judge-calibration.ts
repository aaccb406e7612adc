import { useMemo } from 'react';
import type { StoreApi } from 'zustand';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { JudgeComparisonEvent, JudgeConfig } from '@/protocol/negotiation-api.ts';
import type { AppState } from '@/state/app-store.ts';
import type { ComparedAnswer } from '@/state/judge-calibration-slice.ts';
import { findJudgeCalibration, keepJudgeCalibration } from '@/state/judge-calibration-storage.ts';
import { negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { nameOfJudge } from '../judge-texts.ts';

export interface JudgeCalibrationDriver {
  readonly start: (judges: readonly [JudgeConfig, JudgeConfig], answers: readonly ComparedAnswer[]) => void;
  readonly cancel: () => void;
  /** Brings back the one that an earlier visit kept, where there is none yet. */
  readonly find: () => void;
}

/** It goes on while its dialog is closed. */
export function useJudgeCalibration(): JudgeCalibrationDriver {
  const duet = useDuet();
  const store = useAppStore();
  return useMemo(() => createDriver(duet, store), [duet, store]);
}

function createDriver(duet: DuetApi, store: StoreApi<AppState>): JudgeCalibrationDriver {
  let current: AbortController | undefined;

  async function compare(
    judges: readonly [JudgeConfig, JudgeConfig],
    answers: readonly ComparedAnswer[],
    { signal }: AbortController,
  ): Promise<void> {
    const batcher = createFrameBatcher<JudgeComparisonEvent>((events) =>
      store.getState().judgeCalibrationEventsArrived(events, performance.now()),
    );
    const { templateTexts: templates } = store.getState();
    const { judgeSeesDialogue } = negotiationSettingsOf(store.getState());
    const [first, second] = judges;
    store.getState().judgeCalibrationStarted([nameOfJudge(first), nameOfJudge(second)], answers, performance.now());
    try {
      const request = { answers: answers.map(({ answer }) => answer), judges, templates, judgeSeesDialogue };
      const comparison = await duet.negotiation.compareJudges(request, (event) => batcher.push(event), { signal });
      batcher.flush();
      store.getState().judgeCalibrationEnded(comparison);
      await keepJudgeCalibration(store.getState().judgeCalibration);
    } catch (error) {
      batcher.flush();
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      store.getState().judgeCalibrationFailed(failure);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
  }

  return {
    start(judges, answers) {
      if (current !== undefined) return;
      const controller = new AbortController();
      current = controller;
      void compare(judges, answers, controller).finally(() => {
        current = undefined;
      });
    },
    cancel: () => current?.abort(),
    find() {
      void findJudgeCalibration().then((found) => {
        if (found !== null) store.getState().judgeCalibrationFound(found);
      });
    },
  };
}
