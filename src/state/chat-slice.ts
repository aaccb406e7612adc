import type { StateCreator } from 'zustand';
import type { ChatAnswer, ChatDelta } from '@/protocol/chat.ts';
import { summaryOf, type ChatSummary, type FoundChats } from './chat-storage.ts';
import {
  applyChatAnswer,
  applyChatDeltas,
  applyChatEnd,
  newConversation,
  withAnswer,
  withChosen,
  withContextTokens,
  withContinued,
  withQuestion,
  joinedAnswer,
  nodeOf,
  type AnswerNode,
  type ChatMade,
  type Conversation,
} from './chat-tree.ts';
import { toStoredFailure } from './failure-message.ts';

/** The answer that is being written. */
export interface ChatRun {
  readonly chatId: string;
  readonly answerId: string;
  readonly startedMs: number;
  /** Null until its first word. */
  readonly firstTokenMs: number | null;
  /** What it goes on with; null: it begins. */
  readonly begun: AnswerNode | null;
}

/** A question, and the answer that it waits for. */
export interface ChatAsk {
  /** Null: a new conversation, with `newChatId`. */
  readonly chatId: string | null;
  readonly newChatId: string;
  /** An existing question, or a new one below an answer (null: at the top). */
  readonly question:
    | { readonly kind: 'existing'; readonly id: string }
    | { readonly kind: 'new'; readonly id: string; readonly parentId: string | null; readonly text: string };
  readonly answerId: string;
  readonly made: ChatMade;
  /** ISO 8601. */
  readonly at: string;
  readonly nowMs: number;
}

export interface ChatSlice {
  /** Newest first. */
  readonly chatList: readonly ChatSummary[];
  /** Those that were read or changed in this visit, by id. */
  readonly chats: Readonly<Record<string, Conversation>>;
  /** Null: a new one, which begins with its first question. */
  readonly openChatId: string | null;
  readonly chatRun: ChatRun | null;
  readonly chatDraft: string;
  /** 'refused': the browser keeps nothing. */
  readonly chatStorage: 'reading' | 'ready' | 'refused';
  /** Kept entries that cannot be read. */
  readonly damagedChats: readonly string[];
  readonly chatsFound: (found: FoundChats | null) => void;
  readonly chatsWritten: (areKept: boolean) => void;
  readonly chatFoundDamaged: (id: string) => void;
  readonly chatDamageOver: (id: string) => void;
  readonly chatRead: (chat: Conversation) => void;
  /** Another tab has changed it. */
  readonly chatKeptElsewhere: (chat: Conversation) => void;
  readonly chatOpened: (id: string | null) => void;
  readonly chatAsked: (ask: ChatAsk) => void;
  /** An answer is written on. @param begun  what there is of it */
  readonly chatContinued: (chatId: string, answerId: string, begun: string, at: string, nowMs: number) => void;
  readonly chatDeltasArrived: (deltas: readonly ChatDelta[], nowMs: number) => void;
  readonly chatAnswered: (answer: ChatAnswer) => void;
  /** Stopped (code 'cancelled') or failed. */
  readonly chatEnded: (failure: { readonly code: string; readonly message: string }) => void;
  readonly chatContextMeasured: (chatId: string, answerId: string, tokens: number) => void;
  readonly chatVersionChosen: (chatId: string, id: string) => void;
  readonly chatRenamed: (chat: Conversation, name: string) => void;
  readonly chatDeleted: (id: string) => void;
  /** Back from deletion, or out of a file. */
  readonly chatAdded: (chat: Conversation) => void;
  readonly chatDraftChanged: (draft: string) => void;
}

type Chats = Pick<ChatSlice, 'chats' | 'chatList'>;

export const createChatSlice: StateCreator<ChatSlice> = (set) => {
  const update = (id: string, change: (chat: Conversation) => Conversation): void =>
    set((state) => withChat(state, id, change));
  return {
    chatList: [],
    chats: {},
    openChatId: null,
    chatRun: null,
    chatDraft: '',
    chatStorage: 'reading',
    damagedChats: [],
    chatsFound: (found) => set((state) => applyFound(state, found)),
    chatsWritten: (areKept) => set({ chatStorage: areKept ? 'ready' : 'refused' }),
    chatFoundDamaged: (id) =>
      set(({ damagedChats, chatList, openChatId }) => ({
        damagedChats: [...damagedChats.filter((one) => one !== id), id],
        chatList: chatList.filter((one) => one.id !== id),
        openChatId: openChatId === id ? null : openChatId,
      })),
    chatDamageOver: (id) => set(({ damagedChats }) => ({ damagedChats: damagedChats.filter((one) => one !== id) })),
    chatRead: (chat) => set(({ chats }) => ({ chats: { [chat.id]: chat, ...chats } })),
    chatKeptElsewhere: (chat) =>
      set(({ chats, chatList }) => {
        const next = withChat({ chats: { ...chats, [chat.id]: chat }, chatList }, chat.id, (one) => one);
        // What was not opened in this visit stays where it is kept.
        return chats[chat.id] === undefined ? { ...next, chats } : next;
      }),
    chatOpened: (openChatId) => set({ openChatId }),
    chatAsked: (ask) => set((state) => applyAsk(state, ask)),
    chatContinued: (chatId, answerId, begun, at, nowMs) =>
      set((state) => applyContinuation(state, { chatId, answerId, begun, at, nowMs })),
    chatDeltasArrived: (deltas, nowMs) =>
      set((state) => {
        const { chatRun: run } = state;
        if (run === null) return {};
        return {
          ...withChat(state, run.chatId, (chat) => applyChatDeltas(chat, run.answerId, deltas)),
          chatRun: { ...run, firstTokenMs: run.firstTokenMs ?? nowMs },
        };
      }),
    chatAnswered: (answer) =>
      set((state) => {
        const begun = state.chatRun?.begun ?? null;
        const whole = begun === null ? answer : joinedAnswer(begun, answer);
        return endedRun(state, (chat, answerId) => applyChatAnswer(chat, answerId, whole));
      }),
    chatEnded: (failure) =>
      set((state) => endedRun(state, (chat, answerId) => applyChatEnd(chat, answerId, toStoredFailure(failure)))),
    chatContextMeasured: (chatId, answerId, tokens) =>
      update(chatId, (chat) => withContextTokens(chat, answerId, tokens)),
    chatVersionChosen: (chatId, id) => update(chatId, (chat) => withChosen(chat, id)),
    chatRenamed: (chat, name) =>
      set((state) =>
        withChat({ ...state, chats: { [chat.id]: chat, ...state.chats } }, chat.id, (one) => ({ ...one, name })),
      ),
    chatDeleted: (id) =>
      set(({ chats, chatList, openChatId }) => ({
        chats: Object.fromEntries(Object.entries(chats).filter(([one]) => one !== id)),
        chatList: chatList.filter((one) => one.id !== id),
        openChatId: openChatId === id ? null : openChatId,
      })),
    chatAdded: (chat) =>
      set((state) => ({
        ...withChat({ ...state, chats: { ...state.chats, [chat.id]: chat } }, chat.id, (one) => one),
        openChatId: chat.id,
      })),
    chatDraftChanged: (chatDraft) => set({ chatDraft }),
  };
};

/** The changed conversation, and its line in the list. */
function withChat(
  { chats, chatList }: Chats,
  id: string,
  change: (chat: Conversation) => Conversation,
): Partial<Chats> {
  const chat = chats[id];
  if (chat === undefined) return {};
  const next = change(chat);
  const line = summaryOf(next);
  const before = chatList.find((one) => one.id === id);
  const isSameLine = JSON.stringify(before) === JSON.stringify(line);
  return {
    chats: { ...chats, [id]: next },
    ...(!isSameLine && {
      chatList: [...chatList.filter((one) => one.id !== id), line].toSorted((a, b) =>
        b.changedAt.localeCompare(a.changedAt),
      ),
    }),
  };
}

function applyAsk(state: ChatSlice, ask: ChatAsk): Partial<ChatSlice> {
  const { question, made, at, answerId } = ask;
  const begun = question.kind === 'new' ? newConversation(ask.newChatId, question.text, at) : undefined;
  const chat = ask.chatId === null ? begun : state.chats[ask.chatId];
  if (chat === undefined || state.chatRun !== null) return {};
  const asked = question.kind === 'new' ? withQuestion(chat, question) : chat;
  const next = { ...withAnswer(asked, { id: answerId, parentId: question.id, made }), changedAt: at };
  if (next.nodes[answerId] === undefined) return {};
  return {
    ...withChat({ ...state, chats: { ...state.chats, [chat.id]: next } }, chat.id, (one) => one),
    openChatId: chat.id,
    chatRun: { chatId: chat.id, answerId, startedMs: ask.nowMs, firstTokenMs: null, begun: null },
  };
}

interface Continuation {
  readonly chatId: string;
  readonly answerId: string;
  readonly begun: string;
  readonly at: string;
  readonly nowMs: number;
}

function applyContinuation(state: ChatSlice, { chatId, answerId, begun, at, nowMs }: Continuation): Partial<ChatSlice> {
  const chat = state.chats[chatId];
  if (chat === undefined || state.chatRun !== null) return {};
  const next = { ...withContinued(chat, answerId, begun), changedAt: at };
  const node = nodeOf(next, answerId);
  if (node?.role !== 'assistant' || node.state !== 'running') return {};
  return {
    ...withChat({ ...state, chats: { ...state.chats, [chatId]: next } }, chatId, (one) => one),
    chatRun: { chatId, answerId, startedMs: nowMs, firstTokenMs: null, begun: node },
  };
}

function endedRun(state: ChatSlice, end: (chat: Conversation, answerId: string) => Conversation): Partial<ChatSlice> {
  const { chatRun: run } = state;
  if (run === null) return {};
  return { ...withChat(state, run.chatId, (chat) => end(chat, run.answerId)), chatRun: null };
}

/** What was begun before it was read stays. */
function applyFound({ chatList, openChatId }: ChatSlice, found: FoundChats | null): Partial<ChatSlice> {
  if (found === null) return { chatStorage: 'refused' };
  const known = new Set(chatList.map(({ id }) => id));
  const list = [...chatList, ...found.list.filter(({ id }) => !known.has(id))];
  const isThere = list.some(({ id }) => id === openChatId);
  return {
    chatStorage: 'ready',
    chatList: list,
    damagedChats: found.damaged,
    openChatId: isThere ? openChatId : null,
  };
}

export function openChatOf({ chats, openChatId }: Pick<ChatSlice, 'chats' | 'openChatId'>): Conversation | undefined {
  return openChatId === null ? undefined : chats[openChatId];
}
