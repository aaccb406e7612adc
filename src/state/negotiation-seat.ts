import type { AppState } from './app-store.ts';
import { reasonNotToStart } from './negotiation-status.ts';
import { isTraining } from './negotiation-training-view.ts';
import { isRunning } from './negotiation-view.ts';

/** What negotiates on the engine: a group, a training or an evaluation, one at a time. */
export type Seat = 'dialogues' | 'training' | 'evaluation';

/** Who has it now; null: nobody. A recording that plays needs no engine. */
export function seatOf({
  rollout,
  negotiationTraining,
  negotiationEvaluation,
}: Pick<AppState, 'rollout' | 'negotiationTraining' | 'negotiationEvaluation'>): Seat | null {
  if (isTraining(negotiationTraining)) return 'training';
  if (negotiationEvaluation.phase === 'running') return 'evaluation';
  return isRunning(rollout) && !rollout.isRecorded ? 'dialogues' : null;
}

/** Behind "Start:" and its like. */
export const SEAT_TAKEN: Readonly<Record<Seat, string>> = {
  dialogues: 'a group negotiates',
  training: 'a training runs',
  evaluation: 'an evaluation runs',
};

/** Behind "Start:" of a group; null where it can begin. */
export function reasonNotToNegotiate(state: AppState): string | null {
  const seat = seatOf(state);
  return seat === null || seat === 'dialogues' ? reasonNotToStart(state.model) : SEAT_TAKEN[seat];
}
