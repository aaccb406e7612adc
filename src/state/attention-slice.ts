import type { StateCreator } from 'zustand';
import type { TraceSetup } from '@/protocol/reasoning.ts';
import type { ReasoningView } from './reasoning-view.ts';

/** A step of one run: what was chosen in another run does not count. */
interface ChosenStep {
  readonly setup: TraceSetup | null;
  readonly step: number;
}

/** Which token's attention the pictures look at. */
export interface AttentionSlice {
  /** Null: the newest. */
  readonly attentionStep: ChosenStep | null;
  /** Null: the mean over the layers. */
  readonly attentionLayer: number | null;
  readonly attentionStepChosen: (chosen: ChosenStep | null) => void;
  readonly attentionLayerChosen: (layer: number | null) => void;
}

export const createAttentionSlice: StateCreator<AttentionSlice> = (set) => ({
  attentionStep: null,
  attentionLayer: null,
  attentionStepChosen: (attentionStep) => set({ attentionStep }),
  attentionLayerChosen: (attentionLayer) => set({ attentionLayer }),
});

/** The chosen step of the run that is shown; null when it is the newest. */
export function chosenStepOf({
  attentionStep,
  reasoning,
}: Pick<AttentionSlice, 'attentionStep'> & { readonly reasoning: Pick<ReasoningView, 'setup'> }): number | null {
  return attentionStep !== null && attentionStep.setup === reasoning.setup ? attentionStep.step : null;
}
