import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useShallow } from 'zustand/shallow';
import { isRunActive, type ReasoningView } from '@/state/reasoning-view.ts';
import { runStatus } from '@/state/run-status.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatSeconds } from '@/ui/format.ts';
import { CompareButton } from './comparison/compare-button.tsx';
import { Live } from './live.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

interface StatusBarProps {
  readonly run: ReasoningRun;
  /** What there is to say about the model while none is ready. */
  readonly modelStatus: ReactNode;
  readonly onReset: () => void;
  readonly onSettings: () => void;
}

/** The run's state, always the same place; beside it what can be done about it. */
export function StatusBar({ run, modelStatus, onReset, onSettings }: StatusBarProps): ReactElement {
  const status = useAppState(useShallow((state) => runStatus(state.reasoning, state.model.status)));
  const isActive = useAppState((state) => isRunActive(state.reasoning));
  const isEmpty = useAppState((state) => state.reasoning.phase === 'idle' && state.draft === '');
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  return (
    <div className="status">
      <div className="status__state" data-kind={status.kind} role="status" data-testid="run-state">
        <span className="status__dots" aria-hidden="true">
          <i />
          <i />
        </span>
        <strong>{status.label}</strong>
        <span className="status__detail">{status.detail}</span>
      </div>
      {isModelReady ? <RunNumbers /> : modelStatus}
      <div className="status__actions">
        <PauseButton run={run} isActive={isActive} />
        <Button variant={isActive ? 'filled' : 'default'} disabled={!isActive} onClick={() => void run.stop()}>
          Stop
        </Button>
        <Button variant="default" disabled={isEmpty} onClick={onReset}>
          New<span className="status__long">{' question'}</span>
        </Button>
        <CompareButton run={run} />
        <Button variant="default" onClick={onSettings} aria-haspopup="dialog">
          Settings
        </Button>
      </div>
    </div>
  );
}

function PauseButton({ run, isActive }: { readonly run: ReasoningRun; readonly isActive: boolean }): ReactElement {
  const isPaused = useAppState((state) => state.reasoning.isPaused);
  return (
    <Button
      className="status__pause"
      variant="default"
      disabled={!isActive}
      onClick={isPaused ? run.resume : run.pause}
    >
      {isPaused ? 'Resume' : 'Pause'}
    </Button>
  );
}

const stepsText = ({ steps }: ReasoningView): string => steps.length.toLocaleString('en');
const elapsedText = ({ elapsedMs }: ReasoningView): string => formatSeconds(elapsedMs);

function RunNumbers(): ReactElement {
  const budget = useAppState((state) => state.reasoningSettings.budget);
  return (
    <div className="status__numbers">
      <Fact
        value={<Live text={stepsText} />}
        unit="steps"
        meaning={`Steps since the run began. Thinking before Enter and the time after it may each take ${budget.toLocaleString('en')}.`}
      />
      <Fact value={<Live text={elapsedText} />} unit="s" meaning="Time since the run began." />
    </div>
  );
}
