import './runs.css';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { beganWithShare } from '@/client/began-with-share.ts';
import { asksForPresenter } from '@/lib/page-address.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { loadShipped, useShippedRuns } from './shipped-runs.ts';

/** So many fit below the first questions; the Runs dialog has all. */
const FIRST_RUNS = 3;

/** In the empty panel: runs that can be watched without a model. */
export function WatchRecorded(): ReactElement | null {
  const store = useAppStore();
  const runs = useShippedRuns();
  const [problem, setProblem] = useState<string | null>(null);
  if (runs.length === 0) return null;
  const watch = async (file: string): Promise<void> => {
    try {
      store.getState().recordingOpened(await loadShipped(file), 1);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <p className="watch">
      {'Or watch a recorded run: '}
      {runs.slice(0, FIRST_RUNS).map(({ key, file, name }, index) => (
        <span key={key}>
          {index > 0 && ', '}
          <button type="button" onClick={() => void watch(file)}>
            {name}
          </button>
        </span>
      ))}
      .{problem !== null && <span role="alert"> {problem}</span>}
    </p>
  );
}

/** Without a GPU the panel is shown alive all the same: the first of the recorded runs plays, once. A presenter starts it. */
export function usePlayWithoutGpu(): void {
  const store = useAppStore();
  const isUnavailable = useAppState((state) => state.model.device?.available === false);
  const file = useShippedRuns()[0]?.file;
  const isPresenting = asksForPresenter(usePageAddress());
  const hasBegun = useRef(false);
  useEffect(() => {
    if (isPresenting || !isUnavailable || file === undefined || hasBegun.current || beganWithShare()) return;
    hasBegun.current = true;
    loadShipped(file).then(
      (run) => {
        if (store.getState().playback === null) store.getState().recordingOpened(run, 1);
      },
      // The panel stays empty; its links say what is wrong when they are asked.
      () => undefined,
    );
  }, [isPresenting, isUnavailable, file, store]);
}
