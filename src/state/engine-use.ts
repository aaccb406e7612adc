/** What uses the loaded model. */
import type { AppState } from './app-store.ts';
import { isGenerating } from './material-generation.ts';
import { SEAT_TAKEN, seatOf } from './negotiation-seat.ts';
import { isRunActive } from './reasoning-view.ts';

/** What runs on the engine beside the chat, behind "Wait until it is over, or stop it:"; null: nothing. */
export function engineUseOf(state: AppState): string | null {
  if (state.live.phase === 'starting' || state.live.phase === 'running') return 'the Thinking panel thinks';
  if (state.comparison.phase === 'running') return 'a comparison runs in Thinking';
  if (state.evaluation.phase === 'running') return 'an evaluation runs in Thinking';
  if (state.calibration.phase === 'running') return 'a calibration runs in Thinking';
  if (state.fineTune.phase === 'running') return 'an adapter is fine-tuned';
  if (isGenerating(state.generation)) return 'dilemmas are generated';
  const seat = seatOf(state);
  return seat === null ? null : `${SEAT_TAKEN[seat]} in Negotiation`;
}

/** Why no model is loaded or unloaded now: it would end what uses it. A sentence; null if one can be. */
export function reasonNotToLoad(state: AppState): string | null {
  const { chatRun, chats, model } = state;
  if (model.device?.available === false)
    return 'No model can run in this browser. In Chat, a model on a server can answer all the same.';
  const answer = chatRun === null ? undefined : chats[chatRun.chatId]?.nodes[chatRun.answerId];
  const isAnswering = answer?.role === 'assistant' && answer.made.kind === 'engine';
  const use = runOf(state);
  if (use === null && !isAnswering) return null;
  return `The loaded model is in use: ${use ?? 'Chat writes an answer'}. Stop it, or wait until it is over.`;
}

/** Why the page is not loaded again now: it would end what runs. A sentence; null if nothing runs. */
export function reasonNotToReload(state: AppState): string | null {
  const use = runOf(state) ?? (state.chatRun === null ? null : 'Chat writes an answer');
  return use === null ? null : `It can be loaded when nothing runs; now ${use}.`;
}

/** A run in Thinking that waits for more words has the model too. */
function runOf(state: AppState): string | null {
  return engineUseOf(state) ?? (isRunActive(state.live) ? 'a run in Thinking waits for you' : null);
}
