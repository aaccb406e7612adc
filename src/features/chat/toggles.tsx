import { Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import { CHAT_CAPABILITIES, type ChatModelKind } from '@/protocol/chat.ts';
import type { ChatSettings } from '@/protocol/chat-settings.ts';
import { chatSettingsOf } from '@/state/chat-settings-slice.ts';
import { attachedAdapter } from '@/state/training-slice.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { noAdapter, noThinkingSwitch } from './chat-request.ts';

/** What is switched from one question to the next. What the model cannot do is off, with the reason. */
export function Toggles(): ReactElement {
  const store = useAppStore();
  const kind = useAppState((state) => state.chatForm.kind);
  const areTokensShown = useAppState((state) => state.areChatTokensShown);
  const thinking = useAppState((state) => chatSettingsOf(state).thinking);
  const adapter = useAppState((state) => chatSettingsOf(state).adapter);
  const attached = useAppState((state) => attachedAdapter(state.adapters)?.adapter.name ?? null);
  const thinkingObstacle = useAppState((state) => noThinkingSwitch(state.chatForm, state.model.info));
  const { logProbs } = CHAT_CAPABILITIES[kind];
  const adapterObstacle = noAdapter(kind) ?? (attached === null ? 'No adapter is attached.' : null);
  return (
    <div className="toggles" role="group" aria-label="For the next answer">
      <Toggle
        label="Token probabilities"
        isOn={areTokensShown}
        note={logProbs.note}
        isPossible={logProbs.has}
        onChange={store.getState().chatTokensShown}
      />
      <Toggle
        label="Thinking"
        // As the template has it: on, where it has the switch.
        isOn={thinkingObstacle === null && thinking !== 'off'}
        note={thinkingObstacle ?? thinkingNote(kind, thinking)}
        isPossible={thinkingObstacle === null}
        onChange={(isOn) => store.getState().chatSettingsChanged({ thinking: isOn ? 'on' : 'off' })}
      />
      <Toggle
        label={attached === null ? 'Adapter' : `Adapter ${attached}`}
        isOn={adapterObstacle === null && adapter === 'on'}
        note={adapterObstacle ?? 'Whether the loaded model answers with its adapter.'}
        isPossible={adapterObstacle === null}
        onChange={(isOn) => store.getState().chatSettingsChanged({ adapter: isOn ? 'on' : 'off' })}
      />
    </div>
  );
}

function thinkingNote(kind: ChatModelKind, thinking: ChatSettings['thinking']): string {
  return kind === 'endpoint' && thinking === 'template'
    ? 'As the server’s template has it. Switch it, and the server is told.'
    : 'Whether the model thinks in private before it answers.';
}

interface ToggleProps {
  readonly label: string;
  readonly isOn: boolean;
  /** Why not, or what it means. */
  readonly note: string;
  readonly isPossible: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Toggle({ label, isOn, note, isPossible, onChange }: ToggleProps): ReactElement {
  return (
    <span title={note === '' ? undefined : note}>
      <Switch
        size="xs"
        label={
          <>
            {label}
            {!isPossible && <span className="visually-hidden"> ({note})</span>}
          </>
        }
        checked={isOn}
        disabled={!isPossible}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </span>
  );
}
