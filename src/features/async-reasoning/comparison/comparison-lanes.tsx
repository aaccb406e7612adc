import { useMemo, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { TimeLanes } from '@/ui/time-lanes.tsx';
import { laneOfMode, lanesLabel, momentText } from './lane-of-mode.ts';

/** The ways of answering on one clock, while they run and afterwards. */
export function ComparisonLanes(): ReactElement {
  const lanes = useAppState((state) => state.comparison.lanes);
  const isRunning = useAppState((state) => state.comparison.phase === 'running');
  const typingMs = useAppState(({ comparison: { question, typingRate } }) =>
    typingRate === 0 ? 0 : (question.length / typingRate) * 1000,
  );
  const drawn = useMemo(() => lanes.map(laneOfMode), [lanes]);
  return (
    <TimeLanes
      lanes={drawn}
      typingMs={typingMs}
      isGrowing={isRunning}
      label={lanesLabel(lanes, typingMs)}
      describe={(ms) => momentText(lanes, ms)}
    />
  );
}
