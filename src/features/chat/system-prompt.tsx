import { Button, Textarea } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { DEFAULT_CHAT_SETTINGS, MAX_SYSTEM_PROMPT } from '@/protocol/chat-settings.ts';
import { chatSettingsOf } from '@/state/chat-settings-slice.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';

/** What the model is told before the conversation, in one line until somebody opens it. */
export function SystemPrompt(): ReactElement {
  const store = useAppStore();
  const text = useAppState((state) => chatSettingsOf(state).systemPrompt);
  const [isOpen, setIsOpen] = useState(false);
  const isEmpty = text.trim() === '';
  return (
    <div className="system-prompt" data-open={isOpen}>
      <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <strong>System prompt</strong>
        <span dir="auto">{isEmpty ? 'none: as the model’s template has it' : text}</span>
      </button>
      {isOpen && (
        <div className="system-prompt__edit">
          <Textarea
            aria-label="System prompt"
            description="What the model is told before the conversation. It counts from the next answer on."
            placeholder="You answer briefly and in plain words."
            autosize
            minRows={2}
            maxRows={8}
            maxLength={MAX_SYSTEM_PROMPT}
            value={text}
            onChange={(event) => store.getState().chatSettingsChanged({ systemPrompt: event.currentTarget.value })}
          />
          <Button
            variant="default"
            size="compact-xs"
            disabled={isEmpty}
            onClick={() => store.getState().chatSettingsChanged({ systemPrompt: DEFAULT_CHAT_SETTINGS.systemPrompt })}
          >
            Empty it
          </Button>
        </div>
      )}
    </div>
  );
}
