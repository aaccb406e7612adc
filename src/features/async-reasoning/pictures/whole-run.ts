import type { ReasoningView } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';

/** Selects from the run up to its newest step, also while all other parts of the panel show an earlier one. */
export function useWholeRun<Selected>(selector: (view: ReasoningView) => Selected): Selected {
  return useAppState((state) => selector(state.reasoning));
}

/** The step that all pictures show; null: the newest. */
export function useChosenStep(): number | null {
  const numSteps = useWholeRun((view) => view.steps.length);
  const chosen = useAppState((state) => state.chosenStep);
  return chosen !== null && chosen < numSteps ? chosen : null;
}
