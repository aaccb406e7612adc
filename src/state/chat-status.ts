import type { ChatModelConfig } from '@/protocol/chat.ts';
import type { AppState } from './app-store.ts';
import { chatModelOf, problemsOfChatForm } from './chat-form.ts';
import { openChatOf } from './chat-slice.ts';
import { pathOf, type AnswerNode } from './chat-tree.ts';
import { isGenerating } from './material-generation.ts';
import { SEAT_TAKEN, seatOf } from './negotiation-seat.ts';
import { reasonNotToStart } from './negotiation-status.ts';

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

/** Why nothing can be asked; null if it can. A sentence. */
export function reasonNotToAsk(state: AppState): string | null {
  if (state.chatRun !== null) return 'An answer is being written.';
  if (state.openChatId !== null && openChatOf(state) === undefined) return 'The conversation is being read.';
  const { url, model } = problemsOfChatForm(state.chatForm);
  if (url !== undefined || model !== undefined)
    return 'Say first where the server is, and which of its models answers.';
  if (state.chatForm.kind !== 'engine') return null;
  const reason = reasonNotToStart(state.model);
  if (reason !== null) return ENGINE_REASONS[reason] ?? `Nothing can be asked: ${reason}.`;
  const use = engineUseOf(state);
  return use === null ? null : `The engine does one thing at a time, and ${use}. Stop it, or wait until it is over.`;
}

const ENGINE_REASONS: Readonly<Record<string, string>> = {
  'no WebGPU here': 'No model can run in this browser. A server can answer instead: choose one above.',
  'the model is loading': 'The model is on its way.',
  'load a model first': 'Load a model first, or choose a server or web-llm above.',
};

/** With its key; null while the form has a problem. */
export function chatModelIn({ chatForm, chatKey }: Pick<AppState, 'chatForm' | 'chatKey'>): ChatModelConfig | null {
  return chatModelOf(chatForm, chatKey);
}

export interface ChatStatus {
  readonly kind: 'idle' | 'loading' | 'waiting' | 'thinking' | 'writing' | 'stopped' | 'failed' | 'done';
  readonly label: string;
  readonly detail: string;
}

/** The one state that the panel shows at any moment. */
export function chatStatus(state: AppState): ChatStatus {
  if (state.chatRun !== null) return runningStatus(state);
  const reason = reasonNotToAsk(state);
  if (state.chatForm.kind === 'engine' && state.model.status === 'loading')
    return { kind: 'loading', label: 'Loading', detail: 'The model is on its way.' };
  const last = lastAnswerOf(state);
  if (last?.state === 'failed') return { kind: 'failed', label: 'Failed', detail: 'The question is kept.' };
  if (last?.state === 'stopped') return { kind: 'stopped', label: 'Stopped', detail: 'What was written is kept.' };
  if (last?.state === 'done')
    return { kind: 'done', label: 'Answered', detail: reason ?? 'Ask on, edit a question, or regenerate an answer.' };
  return { kind: 'idle', label: 'Idle', detail: reason ?? 'Nothing has been asked.' };
}

function runningStatus({ chats, chatRun, openChatId }: AppState): ChatStatus {
  const answer = chatRun === null ? undefined : chats[chatRun.chatId]?.nodes[chatRun.answerId];
  const detail = chatRun?.chatId === openChatId ? 'Esc stops it.' : 'In another conversation.';
  if (answer?.role !== 'assistant') return { kind: 'waiting', label: 'Asking', detail };
  if (answer.text !== '') return { kind: 'writing', label: 'Writing', detail };
  return answer.thinking === null
    ? { kind: 'waiting', label: 'Asking', detail: 'The model reads the conversation.' }
    : { kind: 'thinking', label: 'Thinking', detail };
}

/** Of what is shown; undefined before the first. */
export function lastAnswerOf(state: Pick<AppState, 'chats' | 'openChatId'>): AnswerNode | undefined {
  const chat = openChatOf(state);
  return chat === undefined ? undefined : pathOf(chat).findLast((node) => node.role === 'assistant');
}
