import './recordings.css';
import { useInViewport } from '@mantine/hooks';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { beganWithShare } from '@/client/began-with-share.ts';
import { shownPlayback } from '@/state/negotiation-playback.ts';
import { isRunning } from '@/state/negotiation-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { RecordingMenu } from '@/ui/recording-menu.tsx';
import { RecordingControls, RecordingLabel, RecordingPosition } from './recording-bar.tsx';
import { loadNegotiation, useShippedNegotiations } from './shipped-negotiations.ts';
import { useNegotiationClock } from './use-negotiation-clock.ts';

/** Plays recorded negotiations of the embedded model, for visitors without WebGPU too. */
export function WatchNegotiation(): ReactElement | null {
  const store = useAppStore();
  const shipped = useShippedNegotiations();
  const recording = useAppState((state) => shownPlayback(state)?.recording ?? null);
  const isLive = useAppState((state) => isRunning(state.rollout) && !state.rollout.isRecorded);
  const [problem, setProblem] = useState<string | null>(null);
  const place = usePlayWithoutGpu(shipped[0]?.file);
  useNegotiationClock();
  if (shipped.length === 0) return null;
  const watch = async (file: string): Promise<void> => {
    try {
      const loaded = await loadNegotiation(file);
      setProblem(null);
      store.getState().negotiationRecordingOpened(loaded);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div ref={place} className="recording" data-shown={recording !== null}>
      {recording !== null && <RecordingLabel recording={recording} />}
      {recording !== null && <RecordingControls />}
      {recording !== null && <RecordingPosition />}
      <RecordingMenu
        label={recording === null ? 'Watch a recorded one' : 'Another recording'}
        size={recording === null ? 'compact-sm' : 'compact-xs'}
        obstacle={isLive ? 'Stop the group that is running first.' : null}
        entries={shipped}
        onChoose={(file) => void watch(file)}
      />
      {problem !== null && (
        <p className="recording__problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/**
 * Without a GPU the panel is shown alive all the same: the first recording plays, once, when the panel is first seen.
 *
 * @returns for the element that is looked for
 */
function usePlayWithoutGpu(file: string | undefined): (element: HTMLDivElement | null) => void {
  const store = useAppStore();
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const isUnavailable = useAppState((state) => state.model.device?.available === false);
  const hasBegun = useRef(false);
  useEffect(() => {
    if (!isUnavailable || !inViewport || file === undefined || hasBegun.current || beganWithShare()) return;
    hasBegun.current = true;
    loadNegotiation(file).then(
      (recording) => {
        if (store.getState().rollout.phase === 'idle') store.getState().negotiationRecordingOpened(recording);
      },
      // The panel stays empty; its menu says what is wrong when it is asked.
      () => undefined,
    );
  }, [isUnavailable, inViewport, file, store]);
  return ref;
}
