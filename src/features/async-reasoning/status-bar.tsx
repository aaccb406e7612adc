import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { useShallow } from 'zustand/shallow';
import { isRunActive, type ReasoningView } from '@/state/reasoning-view.ts';
import { playbackStatus, runStatus, spokenState } from '@/state/run-status.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatSeconds } from '@/ui/format.ts';
import { StudiesMenu } from './studies-menu.tsx';
import { Live } from './live.tsx';
import { PlaybackControls, RunLabel } from './playback/playback-controls.tsx';
import { RecordingActions } from './playback/recording-actions.tsx';
import { RunsButton } from './runs/runs-button.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

interface StatusBarProps {
  readonly run: ReasoningRun;
  /** What there is to say about the model while none is ready. */
  readonly modelStatus: ReactNode;
  readonly onReset: () => void;
  /** Takes up the question of a recorded run. */
  readonly onAsk: (question: string) => void;
  readonly onSettings: () => void;
}

/** The run's state, always the same place; beside it what can be done about it. */
export function StatusBar({ run, modelStatus, onReset, onAsk, onSettings }: StatusBarProps): ReactElement {
  const source = useAppState((state) => state.playback?.source);
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  return (
    <div className="status" data-playback={source}>
      <State />
      {source === 'recording' && <RunLabel />}
      {source === undefined ? isModelReady ? <RunNumbers /> : modelStatus : <PlaybackControls />}
      <div className="status__actions">
        {source === 'recording' ? <RecordingActions onAsk={onAsk} /> : <RunActions run={run} onReset={onReset} />}
        <RunsButton run={run} />
        {source !== 'recording' && (
          <Button variant="default" onClick={onSettings} aria-haspopup="dialog">
            Settings
          </Button>
        )}
      </div>
    </div>
  );
}

function State(): ReactElement {
  const status = useAppState(
    useShallow(({ playback, live, model }) =>
      playback === null
        ? runStatus(live, model.device?.available === false ? 'impossible' : model.status)
        : playbackStatus(playback),
    ),
  );
  const hasAnswerBegun = useAppState((state) => state.live.writerTokens > 0);
  return (
    <>
      <p className="visually-hidden" role="status">
        {spokenState(status, hasAnswerBegun)}
      </p>
      <div className="status__state" data-kind={status.kind} data-testid="run-state">
        <span className="status__dots" aria-hidden="true">
          <i />
          <i />
        </span>
        <strong>{status.label}</strong>
        <span className="status__detail">{status.detail}</span>
      </div>
    </>
  );
}

/** What steers the page's own run, also while an earlier moment of it is shown. */
function RunActions({ run, onReset }: Pick<StatusBarProps, 'run' | 'onReset'>): ReactElement {
  const store = useAppStore();
  const isActive = useAppState((state) => isRunActive(state.live));
  const isEmpty = useAppState((state) => state.live.phase === 'idle' && state.draft === '');
  return (
    <>
      <PauseButton run={run} isActive={isActive} />
      <Button variant={isActive ? 'filled' : 'default'} disabled={!isActive} onClick={() => void run.stop()}>
        Stop
      </Button>
      <Button variant="default" disabled={isEmpty} onClick={onReset}>
        New<span className="status__long">{' question'}</span>
      </Button>
      <StudiesMenu run={run} onReplay={(trace) => store.getState().recordingOpened(trace, 1)} />
    </>
  );
}

function PauseButton({ run, isActive }: { readonly run: ReasoningRun; readonly isActive: boolean }): ReactElement {
  const isPaused = useAppState((state) => state.live.isPaused);
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

/** Opens the way through the run's earlier steps; its place is kept before there are any. */
function LookBackButton(): ReactElement {
  const store = useAppStore();
  const isPossible = useAppState((state) => state.live.steps.length > 0);
  return (
    <button
      type="button"
      className="status__back"
      disabled={!isPossible}
      onClick={() => store.getState().stepChosen(store.getState().live.steps.length - 1)}
    >
      Look back
    </button>
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
      <LookBackButton />
    </div>
  );
}
