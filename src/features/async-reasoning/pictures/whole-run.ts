import { wholeRunOf } from '@/state/playback-slice.ts';
import type { ReasoningView } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';

/** Selects from the run up to its newest step, also while all other parts of the panel show an earlier one. */
export function useWholeRun<Selected>(selector: (view: ReasoningView) => Selected): Selected {
  return useAppState((state) => selector(wholeRunOf(state)));
}

/** The step that all pictures show; null: the newest. */
export function useChosenStep(): number | null {
  return useAppState(({ playback }) => {
    if (playback === null || (playback.source === 'recording' && playback.isAtEnd)) return null;
    return Math.max(0, playback.step);
  });
}
