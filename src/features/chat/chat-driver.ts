/** Asks, stops, asks again: what the person in front of the page does to the shown conversation. */
import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import { randomId } from '@/lib/random-id.ts';
import { CHAT_CAPABILITIES, type ChatDelta, type ChatModelConfig } from '@/protocol/chat.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import { madeByModel } from '@/protocol/made-by-model.ts';
import type { AppState } from '@/state/app-store.ts';
import { chatSettingsOf } from '@/state/chat-settings-slice.ts';
import { openChatOf, type ChatAsk } from '@/state/chat-slice.ts';
import { chatModelIn, reasonNotToAsk } from '@/state/chat-status.ts';
import { messagesFor, nodeOf, pathOf, type AnswerNode, type ChatMade, type ChatNode } from '@/state/chat-tree.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { nameOfModel, requestFor } from './chat-request.ts';

export interface ChatDriver {
  /** Below what is shown. True if it was asked. */
  readonly ask: (text: string) => boolean;
  /** Another question in the place of this one; what followed it stays with it. */
  readonly edit: (questionId: string, text: string) => void;
  /** Another answer to the question. */
  readonly regenerate: (questionId: string) => void;
  /** Writes on at an answer that was cut off; who cannot is asked to go on in the next one. */
  readonly continueAnswer: (answerId: string) => void;
  readonly stop: () => void;
  /** Settles when nothing is written any more. */
  readonly stopped: () => Promise<void>;
}

/** What is said for an answer that was cut off: models take it up in their next answer. */
export const CONTINUE_TEXT = 'Go on from where you stopped.';

/** One answer under way. */
interface Writing {
  readonly made: ChatMade;
  readonly questionId: string;
  readonly answerId: string;
  /** Of the answer, where it is gone on with; null: it begins. */
  readonly begun: string | null;
}

/** Whether the model that wrote an answer is the one that would go on with it, and can. */
export function canContinueInPlace(state: AppState, { made, text }: AnswerNode): boolean {
  const now = madeWith(state, 0);
  const isSame = now.kind === made.kind && now.model === made.model && now.adapter === made.adapter;
  return isSame && text !== '' && CHAT_CAPABILITIES[made.kind].continueAnswer.has;
}

// What cannot be measured is not shown.
const ignore = (): void => undefined;

export function createChatDriver(duet: DuetApi, store: StoreApi<AppState>): ChatDriver {
  let current: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();

  async function follow(writing: Writing, model: ChatModelConfig, signal: AbortSignal): Promise<void> {
    const state = store.getState();
    const { chatForm: form, areChatTokensShown: areTokensShown } = state;
    const chat = openChatOf(state);
    if (chat === undefined) return;
    const { made, questionId, answerId, begun } = writing;
    const { settings } = made;
    const asked = messagesFor(chat, questionId, settings.systemPrompt);
    const messages: readonly ChatMessage[] = begun === null ? asked : [...asked, { role: 'assistant', content: begun }];
    const batcher = createFrameBatcher<ChatDelta>((deltas) =>
      store.getState().chatDeltasArrived(deltas, performance.now()),
    );
    try {
      const request = requestFor({ messages, model, settings, form, info: state.model.info, areTokensShown });
      const answer = await duet.chat(model, {
        ...request,
        ...(begun !== null && { continueAnswer: true }),
        signal,
        onDelta: (delta) => batcher.push(delta),
      });
      batcher.flush();
      store.getState().chatAnswered(answer);
      if (model.kind === 'engine')
        await measure(chat.id, answerId, [...asked, { role: 'assistant', content: (begun ?? '') + answer.text }]);
    } catch (error) {
      batcher.flush();
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      store.getState().chatEnded(signal.aborted ? new Failure('cancelled', 'Stopped.') : failure);
      // Nothing that was on the device is left: the header offers to load again.
      const isDeviceGone = failure.code === 'deviceLost' || failure.code === 'gpuError';
      if (model.kind === 'engine' && isDeviceGone) store.getState().modelLoadFailed(failure);
    }
  }

  /** What the next question finds in the context. */
  async function measure(chatId: string, answerId: string, messages: readonly ChatMessage[]): Promise<void> {
    duet.memory().catch(ignore);
    const prompt = await duet.applyChatTemplate(messages, { addGenerationPrompt: false }).catch(ignore);
    if (prompt !== undefined) store.getState().chatContextMeasured(chatId, answerId, prompt.tokenIds.length);
  }

  function start(question: ChatAsk['question'], seedOffset: number): boolean {
    const state = store.getState();
    const model = chatModelIn(state);
    if (reasonNotToAsk(state) !== null || model === null) return false;
    const ask: ChatAsk = {
      chatId: openChatOf(state)?.id ?? null,
      newChatId: randomId(),
      question,
      answerId: randomId(),
      made: madeWith(state, seedOffset),
      at: new Date().toISOString(),
      nowMs: performance.now(),
    };
    state.chatAsked(ask);
    if (store.getState().chatRun?.answerId !== ask.answerId) return false;
    write({ made: ask.made, questionId: question.id, answerId: ask.answerId, begun: null }, model);
    return true;
  }

  function write(writing: Writing, model: ChatModelConfig): void {
    const controller = new AbortController();
    current = controller;
    running = follow(writing, model, controller.signal).finally(() => {
      if (current === controller) current = undefined;
    });
  }

  function askBelow(text: string): boolean {
    if (text.trim() === '') return false;
    const chat = openChatOf(store.getState());
    const last = chat === undefined ? undefined : pathOf(chat).at(-1);
    // A question that has no answer yet is no place for another one.
    const parentId = last?.role === 'user' ? last.parentId : (last?.id ?? null);
    return start({ kind: 'new', id: randomId(), parentId, text: text.trim() }, 0);
  }

  return {
    ask: askBelow,
    edit(questionId, text) {
      const chat = openChatOf(store.getState());
      const question = chat === undefined ? undefined : nodeOf(chat, questionId);
      if (question === undefined || text.trim() === '') return;
      start({ kind: 'new', id: randomId(), parentId: question.parentId, text: text.trim() }, 0);
    },
    regenerate(questionId) {
      const chat = openChatOf(store.getState());
      const question = chat === undefined ? undefined : nodeOf(chat, questionId);
      if (chat === undefined || question === undefined) return;
      const written = question.childIds.map((id) => nodeOf(chat, id)).filter(isWritten);
      start({ kind: 'existing', id: questionId }, written.length);
    },
    continueAnswer(answerId) {
      const state = store.getState();
      const chat = openChatOf(state);
      const node = chat === undefined ? undefined : nodeOf(chat, answerId);
      const model = chatModelIn(state);
      if (chat === undefined || node?.role !== 'assistant' || node.parentId === null) return;
      if (reasonNotToAsk(state) !== null || model === null) return;
      if (!canContinueInPlace(state, node)) {
        askBelow(CONTINUE_TEXT);
        return;
      }
      // A character that was cut in its middle is written anew.
      const begun = node.text.replace(/\uFFFD+$/, '');
      state.chatContinued(chat.id, answerId, begun, new Date().toISOString(), performance.now());
      if (store.getState().chatRun?.answerId !== answerId) return;
      write({ made: node.made, questionId: node.parentId, answerId, begun }, model);
    },
    stop: () => current?.abort(),
    async stopped() {
      current?.abort();
      await running;
    },
  };
}

/** Thoughts count: they were drawn with that seed too. */
function isWritten(node: ChatNode | undefined): boolean {
  return node?.role === 'assistant' && (node.text !== '' || node.thinking !== null);
}

const MAX_SEED = 0xffff_ffff;

/** Another answer to a question is drawn with another seed. */
function madeWith(state: AppState, seedOffset: number): ChatMade {
  const settings = chatSettingsOf(state);
  const { kind } = state.chatForm;
  const { info } = state.model;
  const attached = kind === 'engine' && settings.adapter === 'on' ? attachedAdapter(state.adapters) : null;
  return {
    kind,
    model: nameOfModel(state.chatForm, state.model.name),
    ...(kind === 'engine' && info !== null && { madeBy: madeByModel(info) }),
    adapter: attached?.adapter.name ?? null,
    settings: { ...settings, seed: (settings.seed + seedOffset) % (MAX_SEED + 1) },
  };
}
