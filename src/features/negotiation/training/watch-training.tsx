import { useEffect, useRef, useState, type ReactElement } from 'react';
import { beganWithShare } from '@/client/began-with-share.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { isTraining } from '@/state/negotiation-training-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { RecordingMenu } from '@/ui/recording-menu.tsx';
import { loadTraining, useShippedTrainings } from './shipped-trainings.ts';

/**
 * Opens recorded trainings of the embedded model, for visitors without WebGPU too; there the first opens by itself where
 * nothing else is shown. A presenter opens it.
 */
export function WatchTraining(): ReactElement | null {
  const store = useAppStore();
  const shipped = useShippedTrainings();
  const recording = useAppState((state) => state.trainingRecording);
  const isBusy = useAppState((state) => isTraining(state.negotiationTraining));
  const isUnavailable = useAppState((state) => state.model.device?.available === false);
  const [problem, setProblem] = useState<string | null>(null);
  const isPresenting = usePageAddress().params['view'] === 'presenter';
  const hasBegun = useRef(false);
  const first = shipped[0]?.file;
  useEffect(() => {
    if (isPresenting || !isUnavailable || first === undefined || hasBegun.current || beganWithShare()) return;
    hasBegun.current = true;
    // The page stays empty if it cannot be had; the menu says why when it is asked.
    loadTraining(first).then(
      (loaded) => {
        if (shownRun(store.getState()) === null) store.getState().trainingRecordingOpened(loaded);
      },
      () => undefined,
    );
  }, [isPresenting, isUnavailable, first, store]);
  if (shipped.length === 0) return null;
  const watch = async (file: string): Promise<void> => {
    try {
      const loaded = await loadTraining(file);
      setProblem(null);
      store.getState().trainingRecordingOpened(loaded);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="watch-training">
      <RecordingMenu
        label="Look at a recorded training"
        obstacle={isBusy ? 'Stop the training first.' : null}
        entries={shipped}
        onChoose={(file) => void watch(file)}
      />
      {recording !== null && (
        <p className="watch-training__about">
          <strong>Recorded.</strong> {recording.note} Made by {recording.madeBy} on {recording.device},{' '}
          {recording.createdAt.slice(0, 10)}.{' '}
          <button
            type="button"
            className="training-form__link"
            onClick={() => store.getState().trainingRunOpened(null)}
          >
            Close it
          </button>
        </p>
      )}
      {problem !== null && <p role="alert">{problem}</p>}
    </div>
  );
}
