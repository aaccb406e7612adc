import { Button, Progress } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { isTraining } from '@/state/negotiation-training-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { openedStatus, trainingStatus } from './training-texts.ts';
import { useTraining } from './training-driver.ts';

/** The state of the training in words, and what steers it. */
export function TrainingBar({ modelStatus }: { readonly modelStatus: ReactNode }): ReactElement {
  const view = useAppState((state) => state.negotiationTraining);
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const estimated = useAppState(({ trainingEstimate: asked }) =>
    asked.phase === 'known' ? asked.estimate.seconds.run : null,
  );
  const opened = useAppState((state) => state.openedRun);
  const isActive = isTraining(view);
  const { kind, label, detail, percent } =
    opened !== null && !isActive ? openedStatus(opened) : trainingStatus(view, estimated);
  return (
    <div className="run-bar">
      <div className="run-bar__state" data-kind={kind}>
        <i aria-hidden="true" />
        <strong role="status" data-testid="training-state">
          {label}
        </strong>
        <span className="run-bar__detail">{detail}</span>
        {percent !== null && (
          <Progress
            className="training-bar__progress"
            value={percent}
            color="ink"
            aria-label="All steps"
            transitionDuration={0}
          />
        )}
      </div>
      <div className="run-bar__actions">
        {!isModelReady && !isActive && modelStatus}
        {isActive && <Controls isPaused={view.phase === 'paused'} />}
      </div>
    </div>
  );
}

function Controls({ isPaused }: { readonly isPaused: boolean }): ReactElement {
  const training = useTraining();
  return (
    <>
      <Button
        className="run-bar__pause"
        variant="default"
        title="Between two tokens; an update that has begun is finished first"
        onClick={isPaused ? training.resume : training.pause}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button onClick={training.stop}>Stop</Button>
    </>
  );
}
