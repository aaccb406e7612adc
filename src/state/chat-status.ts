import type { ChatModelConfig } from '@/protocol/chat.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { AppState } from './app-store.ts';
import { chatModelOf, problemsOfChatForm } from './chat-form.ts';
import { openChatOf } from './chat-slice.ts';
import { pathOf, type AnswerNode } from './chat-tree.ts';
import { engineUseOf } from './engine-use.ts';
import { reasonNotToStart } from './negotiation-status.ts';

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
  if (loadFailureOf(state) !== null) return { kind: 'failed', label: 'Failed', detail: 'The model was not loaded.' };
  const last = lastAnswerOf(state);
  return last === undefined
    ? { kind: 'idle', label: 'Idle', detail: reason ?? 'Nothing has been asked.' }
    : endedStatus(last, reason);
}

function endedStatus(last: AnswerNode, reason: string | null): ChatStatus {
  switch (last.state) {
    case 'failed':
      return { kind: 'failed', label: 'Failed', detail: 'The question is kept.' };
    case 'stopped':
      return { kind: 'stopped', label: 'Stopped', detail: stoppedDetail(last) };
    case 'running':
    case 'done':
    default:
      return {
        kind: 'done',
        label: 'Answered',
        detail: reason ?? 'Ask on, edit a question, or regenerate an answer.',
      };
  }
}

function stoppedDetail({ text }: AnswerNode): string {
  return text === '' ? 'Nothing was written yet.' : 'What was written is kept.';
}

/** Why the model that would answer is not there; null where another one answers, or where its answer says so already. */
export function loadFailureOf(
  state: Pick<AppState, 'chatForm' | 'model' | 'chats' | 'openChatId'>,
): FailureMessage | null {
  const { failure, status } = state.model;
  if (state.chatForm.kind !== 'engine' || status !== 'failed' || failure === null) return null;
  return lastAnswerOf(state)?.failure?.message === failure.message ? null : failure;
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
