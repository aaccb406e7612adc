import { useRef, useState, type ReactElement, type ReactNode } from 'react';
import { DraftInput } from './draft-input.tsx';
import { RunBlocks } from './run-blocks.tsx';
import { RunTimeline } from './run-timeline.tsx';
import { SettingsDrawer } from './settings-drawer.tsx';
import { StatusBar } from './status-bar.tsx';
import { Answer, Thoughts } from './streams.tsx';
import { useReasoningRun } from './use-reasoning-run.ts';
// Last: it arranges what the styles of the imported blocks have set.
import './async-reasoning.css';

/** Asynchronous thinking: the model reads while the user types, thinks, and answers beside its thoughts. */
export function AsyncReasoningPanel({ modelStatus }: { readonly modelStatus: ReactNode }): ReactElement {
  const run = useReasoningRun();
  const input = useRef<HTMLTextAreaElement>(null);
  const [isSettingsOpen, setIsSettingsOpen] = useState(false);

  const reset = (): void => {
    run.reset();
    input.current?.focus();
  };
  const choose = (question: string): void => {
    run.submitted(question);
    input.current?.focus();
  };

  return (
    <div className="async-panel">
      <StatusBar
        modelStatus={modelStatus}
        onStop={run.stop}
        onReset={reset}
        onSettings={() => setIsSettingsOpen(true)}
      />
      <DraftInput run={run} inputRef={input} />
      <Answer onChoose={choose} />
      <Thoughts />
      <RunTimeline run={run} />
      <RunBlocks />
      <SettingsDrawer run={run} isOpen={isSettingsOpen} onClose={() => setIsSettingsOpen(false)} />
    </div>
  );
}
