import { useImperativeHandle, useRef, useState, type ReactElement, type ReactNode, type Ref } from 'react';
import type { ThinkingControls } from '@/state/panel-controls.ts';
import { Answer } from './answer.tsx';
import { DraftInput } from './draft-input.tsx';
import { Pictures } from './pictures/pictures.tsx';
import { ProbeSection } from './probe-section.tsx';
import { SaveRunScenario } from './save-run-scenario.tsx';
import { SaveTrace } from './save-trace-button.tsx';
import { SettingsDrawer } from './settings-drawer.tsx';
import { StatusBar } from './status-bar.tsx';
import { Thoughts } from './thoughts.tsx';
import { usePlaybackClock } from './playback/use-playback-clock.ts';
import { usePlayWithoutGpu } from './runs/watch-recorded.tsx';
import { useReasoningRun } from './use-reasoning-run.ts';
// Last: it arranges what the styles of the imported blocks have set.
import './async-reasoning.css';
import './presenting.css';

interface AsyncReasoningPanelProps {
  readonly modelStatus: ReactNode;
  /** The way to hand the panel's set-up or run on. */
  readonly share: ReactNode;
  /** Loads the same model with room for so many tokens. */
  readonly onReload: (contextLength: number) => void;
  /** For what steers the run from outside. */
  readonly controls: Ref<ThinkingControls>;
}

/** Asynchronous thinking: the model reads while the user types, thinks, and answers beside its thoughts. */
export function AsyncReasoningPanel({
  modelStatus,
  share,
  onReload,
  controls,
}: AsyncReasoningPanelProps): ReactElement {
  const run = useReasoningRun();
  const input = useRef<HTMLTextAreaElement>(null);
  const [isSettingsOpen, setIsSettingsOpen] = useState(false);
  useImperativeHandle(controls, () => run, [run]);
  usePlaybackClock();
  usePlayWithoutGpu();

  const reset = (): void => {
    run.reset();
    input.current?.focus();
  };
  const ask = (question: string): void => {
    run.reset();
    run.typed(question);
    input.current?.focus();
  };
  const choose = (question: string): void => {
    run.submitted(question);
    input.current?.focus();
  };

  return (
    <div className="async-panel">
      <StatusBar
        run={run}
        modelStatus={modelStatus}
        onReset={reset}
        onAsk={ask}
        onSettings={() => setIsSettingsOpen(true)}
      />
      <DraftInput run={run} inputRef={input} />
      <Answer run={run} onChoose={choose} onReload={onReload} />
      <Thoughts />
      <Pictures
        actions={
          <div className="pictures__action">
            {share}
            <SaveRunScenario run={run} />
            <SaveTrace run={run} />
          </div>
        }
      />
      <ProbeSection run={run} />
      <SettingsDrawer run={run} isOpen={isSettingsOpen} onClose={() => setIsSettingsOpen(false)} />
    </div>
  );
}
