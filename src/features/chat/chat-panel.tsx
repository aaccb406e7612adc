import { Drawer } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement, type ReactNode, type RefObject } from 'react';
import { isComposingKey } from '@/ui/is-send-key.ts';
import { Section } from '@/ui/section.tsx';
import { ChatBar } from './chat-bar.tsx';
import { ChatProvider, useChatDriver } from './chat-context.tsx';
import { ChatSettingsDrawer } from './chat-settings-drawer.tsx';
import { Composer } from './composer.tsx';
import { ChatList } from './list/chat-list.tsx';
import { Messages } from './messages.tsx';
import { ModelDialog } from './model-dialog.tsx';
import { SystemPrompt } from './system-prompt.tsx';
import { TokenLegend } from './tokens/token-legend.tsx';
// Last: it arranges what the styles of the imported blocks have set.
import './chat.css';

interface ChatPanelProps {
  /** What there is to say about the loaded model while none is ready. */
  readonly modelStatus: ReactNode;
  /** The way to hand the set-up on. */
  readonly share: ReactNode;
}

/** A plain chat with any model, in versions: what was said is never lost. */
export function ChatPanel({ modelStatus, share }: ChatPanelProps): ReactElement {
  const chat = useChatDriver();
  const input = useRef<HTMLTextAreaElement>(null);
  const [open, setOpen] = useState<'model' | 'settings' | 'list' | null>(null);
  const close = (): void => setOpen(null);
  const focus = (): void => input.current?.focus();
  const panel = useRef<HTMLDivElement>(null);
  useEscape(panel, chat.stop);
  return (
    <ChatProvider value={chat}>
      <div className="chat" ref={panel}>
        <ChatBar
          modelStatus={modelStatus}
          share={share}
          onModel={() => setOpen('model')}
          onSettings={() => setOpen('settings')}
          onList={() => setOpen('list')}
        />
        <Section title="Conversations" className="chat__list">
          <ChatList onOpened={focus} />
        </Section>
        <Section title="Chat" className="chat__main" gloss="stored in this browser only">
          <SystemPrompt />
          <TokenLegend />
          <Messages onChosen={focus} />
          <Composer inputRef={input} />
        </Section>
      </div>
      <ListDrawer isOpen={open === 'list'} onClose={close} />
      <ModelDialog isOpen={open === 'model'} onClose={close} />
      <ChatSettingsDrawer isOpen={open === 'settings'} onClose={close} />
    </ChatProvider>
  );
}

/** Escape, wherever in the panel the keyboard is; also where it is nowhere, as after a click beside everything. */
function useEscape(panel: RefObject<HTMLElement | null>, onEscape: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const { key, target } = event;
      const element = panel.current;
      if (isComposingKey(event)) return;
      if (key !== 'Escape' || element === null || !(target instanceof Element)) return;
      const isNowhere = target === document.body && element.offsetParent !== null;
      // In a menu or a form, Escape leaves that.
      if (isNowhere || (element.contains(target) && target.closest('form') === null)) onEscape();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [panel, onEscape]);
}

/** On narrow screens. Its head is no banner: the page has one already. */
function ListDrawer({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement {
  return (
    <Drawer.Root opened={isOpen} onClose={onClose}>
      <Drawer.Overlay backgroundOpacity={0.2} />
      <Drawer.Content>
        <Drawer.Header role="presentation">
          <Drawer.Title>Conversations</Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
        </Drawer.Header>
        <Drawer.Body>
          <ChatList onOpened={onClose} />
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
