import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useShallow } from 'zustand/shallow';
import { chatStatus, lastAnswerOf } from '@/state/chat-status.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatSeconds } from '@/ui/format.ts';
import { useNow } from '@/ui/use-now.ts';
import { nameOfModel } from './chat-request.ts';

interface ChatBarProps {
  /** What there is to say about the loaded model while none is ready. */
  readonly modelStatus: ReactNode;
  readonly share: ReactNode;
  readonly onModel: () => void;
  readonly onSettings: () => void;
  readonly onList: () => void;
}

/** The chat's state, always in the same place; beside it with whom, and how. */
export function ChatBar({ modelStatus, share, onModel, onSettings, onList }: ChatBarProps): ReactElement {
  const kind = useAppState((state) => state.chatForm.kind);
  const isReady = useAppState((state) => state.model.status === 'ready');
  return (
    <div className="chat-bar">
      <State />
      <Numbers />
      {kind === 'engine' && !isReady && modelStatus}
      <div className="chat-bar__actions">
        <Button className="chat-bar__list" variant="default" aria-haspopup="dialog" onClick={onList}>
          Conversations
        </Button>
        <ModelButton onClick={onModel} />
        <Button variant="default" aria-haspopup="dialog" onClick={onSettings}>
          Settings
        </Button>
        {share}
      </div>
    </div>
  );
}

function State(): ReactElement {
  const status = useAppState(useShallow(chatStatus));
  return (
    <div className="chat-bar__state" data-kind={status.kind} role="status" data-testid="chat-state">
      <i aria-hidden="true" />
      <strong>{status.label}</strong>
      <span className="chat-bar__detail">{status.detail}</span>
    </div>
  );
}

/** While an answer is written, how long and how fast; and how full the context is. */
function Numbers(): ReactElement {
  const contextLength = useAppState((state) =>
    state.chatForm.kind === 'engine' ? (state.model.info?.contextLength ?? null) : null,
  );
  const contextTokens = useAppState((state) => lastAnswerOf(state)?.contextTokens ?? null);
  const isRunning = useAppState((state) => state.chatRun !== null);
  return (
    <div className="chat-bar__numbers">
      {isRunning && <RunNumbers />}
      {contextLength !== null && contextTokens !== null && (
        <Fact
          value={contextTokens.toLocaleString('en')}
          unit={`of ${contextLength.toLocaleString('en')} tokens`}
          meaning="What this conversation takes of the context that was allocated at load, with the template’s own tokens."
        />
      )}
    </div>
  );
}

function RunNumbers(): ReactElement | null {
  const run = useAppState((state) => state.chatRun);
  const now = useNow(run !== null && run.firstTokenMs === null);
  if (run === null) return null;
  const waited = (run.firstTokenMs ?? Math.max(now, run.startedMs)) - run.startedMs;
  return (
    <Fact
      value={formatSeconds(waited)}
      unit={run.firstTokenMs === null ? 's waiting' : 's to the first'}
      meaning="Seconds from asking to the first token."
    />
  );
}

function ModelButton({ onClick }: { readonly onClick: () => void }): ReactElement {
  const name = useAppState((state) => nameOfModel(state.chatForm, state.model.name));
  return (
    <button type="button" className="chat-model" aria-haspopup="dialog" onClick={onClick}>
      <span>With:</span>
      <strong>{name}</strong>
      <svg viewBox="0 0 10 6" width="10" height="6" aria-hidden="true">
        <path d="M1 1l4 4 4-4" fill="none" stroke="currentColor" strokeWidth="1.5" />
      </svg>
    </button>
  );
}
