import type { StateCreator } from 'zustand';
import { CHAT_KEYS } from '@/protocol/chat-fields.ts';
import { chatSettingsSchema, DEFAULT_CHAT_SETTINGS, type ChatSettings } from '@/protocol/chat-settings.ts';
import { FIRST_CHAT_FORM, type ChatForm } from './chat-form.ts';
import { keyAtUrl } from './server-url.ts';
import { readChanges, withoutDefaults } from './setting-changes.ts';

export type ChatChanges = Partial<ChatSettings>;

/** How and with which model the chat answers. */
export interface ChatSettingsSlice {
  /** What the visitor has changed; everything else is the default. */
  readonly chatChanges: ChatChanges;
  readonly chatForm: ChatForm;
  /** Of the form's server. In memory only: no storage, conversation, file or message has it. */
  readonly chatKey: string;
  readonly areChatTokensShown: boolean;
  readonly chatSettingsChanged: (change: ChatChanges) => void;
  readonly chatSettingReset: (key: keyof ChatSettings) => void;
  readonly chatFormChanged: (change: Partial<ChatForm>) => void;
  readonly chatKeyChanged: (key: string) => void;
  readonly chatTokensShown: (areShown: boolean) => void;
}

export const createChatSettingsSlice: StateCreator<ChatSettingsSlice> = (set) => ({
  chatChanges: {},
  chatForm: FIRST_CHAT_FORM,
  chatKey: '',
  areChatTokensShown: false,
  chatSettingsChanged: (change) => set(({ chatChanges }) => ({ chatChanges: withChange(chatChanges, change) })),
  chatSettingReset: (key) =>
    set(({ chatChanges }) => ({ chatChanges: withChange(chatChanges, { [key]: DEFAULT_CHAT_SETTINGS[key] }) })),
  chatFormChanged: (change) =>
    set(({ chatForm, chatKey }) => {
      const next = { ...chatForm, ...change };
      return { chatForm: next, chatKey: keyAtUrl(chatKey, chatForm.url, next.url) };
    }),
  chatKeyChanged: (chatKey) => set({ chatKey }),
  chatTokensShown: (areChatTokensShown) => set({ areChatTokensShown }),
});

/** What is refused leaves the setting as it was. */
function withChange(changes: ChatChanges, change: ChatChanges): ChatChanges {
  return withoutDefaults(CHAT_KEYS, { ...changes, ...readChatChanges(change) }, DEFAULT_CHAT_SETTINGS);
}

/** Changes out of storage, a form or a file: what is unknown or out of range is left out. */
export function readChatChanges(candidate: unknown): ChatChanges {
  return readChanges<ChatSettings>(CHAT_KEYS, chatSettingsSchema, candidate);
}

export function chatSettingsOf({ chatChanges }: Pick<ChatSettingsSlice, 'chatChanges'>): ChatSettings {
  return { ...DEFAULT_CHAT_SETTINGS, ...chatChanges };
}
