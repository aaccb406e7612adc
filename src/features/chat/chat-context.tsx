import { createContext, useContext, useEffect, useMemo } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { keepChatsOf } from '@/state/chat-keeper.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { createChatDriver, type ChatDriver } from './chat-driver.ts';

const ChatContext = createContext<ChatDriver | null>(null);

export const ChatProvider = ChatContext.Provider;

export function useChat(): ChatDriver {
  const chat = useContext(ChatContext);
  if (chat === null) throw new Error('useChat needs a ChatProvider above it.');
  return chat;
}

/** Holds the answer under way; the component that calls this stays mounted while another panel is shown. */
export function useChatDriver(): ChatDriver {
  const duet = useDuet();
  const store = useAppStore();
  useEffect(() => keepChatsOf(store), [store]);
  return useMemo(() => createChatDriver(duet, store), [duet, store]);
}
