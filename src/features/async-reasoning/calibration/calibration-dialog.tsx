import './calibration.css';
import { Button, Progress } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import type { CalibrationEvent } from '@/protocol/calibration.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { formatDuration } from '@/ui/format.ts';
import { MarginStrip } from '@/ui/margin-strip.tsx';
import { Notice } from '@/ui/notice.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { CalibrationForm } from './calibration-form.tsx';
import { CalibrationResult } from './calibration-result.tsx';
import { shareDone, sums } from './calibration-sums.ts';
import { useCalibration } from './use-calibration.ts';

interface CalibrationDialogProps {
  readonly run: ReasoningRun;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Chooses the probe's threshold from a few warm-up questions. While it runs it has to be cancelled to be left. */
export function CalibrationDialog({ run, isOpen, onClose }: CalibrationDialogProps): ReactElement {
  const isRunning = useAppState((state) => state.calibration.phase === 'running');
  return (
    <Dialog title="Calibrate the probe" isOpen={isOpen} onClose={onClose} isLocked={isRunning} isFullScreen={false}>
      <CalibrationBody run={run} onClose={onClose} />
    </Dialog>
  );
}

function CalibrationBody({ run, onClose }: Omit<CalibrationDialogProps, 'isOpen'>): ReactElement {
  const store = useAppStore();
  const driver = useCalibration(run);
  const phase = useAppState((state) => state.calibration.phase);
  const report = useAppState((state) => state.calibration.report);
  const [isAgain, setIsAgain] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const leave = (): void => {
    store.getState().calibrationCleared();
    onClose();
  };
  const again = (): void => {
    setIsAgain(true);
    body.current?.focus();
  };
  // The button that began it, or cancelled it, is gone: the keyboard goes on from the top of what took its place.
  useEffect(() => {
    const top = body.current;
    if (phase !== 'running') return undefined;
    top?.focus();
    return () => top?.focus();
  }, [phase]);
  return (
    <div className="calibration" ref={body} tabIndex={-1}>
      {phase === 'failed' && !isAgain && <Failed />}
      {phase === 'running' && <Running onCancel={driver.cancel} />}
      {phase === 'done' && report !== null && !isAgain && (
        <CalibrationResult run={run} report={report} onLeave={leave} onAgain={again} />
      )}
      {(phase === 'idle' || phase === 'failed' || (phase === 'done' && isAgain)) && (
        <>
          <p className="calibration__lead">
            Small models lean towards yes or towards no, so that the answer starts at once or never. Calibration asks
            the probe while the model thinks about a few warm-up questions, and finds the threshold at which the share
            of yes is the one you want.
          </p>
          <CalibrationForm
            onStart={(config) => {
              setIsAgain(false);
              driver.start(config);
            }}
          />
        </>
      )}
    </div>
  );
}

function Failed(): ReactElement | null {
  const failure = useAppState((state) => state.calibration.failure);
  if (failure === null) return null;
  return <Notice what="The calibration failed" why={failure.message} remedy={FAILURES[failure.code]} />;
}

function Running({ onCancel }: { readonly onCancel: () => void }): ReactElement {
  const progress = useAppState((state) => state.calibration.progress);
  const { yesBias, marginThreshold } = useAppState((state) => state.reasoningSettings);
  const newest = progress[2] ?? progress[1];
  const first = sums(progress[1]?.margins ?? [], yesBias);
  const second = sums(progress[2]?.margins ?? [], yesBias);
  const included = [...first, ...second, marginThreshold];
  return (
    <>
      <div className="calibration__progress">
        <Progress value={shareDone(newest) * 100} aria-label="Calibration" transitionDuration={0} color="ink" />
        <p>{newest === null ? 'Getting ready.' : progressText(newest)}</p>
      </div>
      <MarginStrip
        title="First pass, with the threshold as it is: margin and bias at each probe, nats. Filled: above the threshold"
        values={first}
        threshold={progress[1]?.marginThreshold ?? marginThreshold}
        included={included}
        empty="The first probe is on its way."
      />
      <MarginStrip
        title="Second pass: the same questions with the threshold that was found"
        values={second}
        threshold={progress[2]?.marginThreshold ?? null}
        included={included}
        empty="Comes when the first pass is over."
      />
      <div className="calibration__actions">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </>
  );
}

function progressText({
  pass,
  questionIndex,
  questionCount,
  question,
  step,
  steps,
  secondsLeft,
}: CalibrationEvent): string {
  const left = secondsLeft === null ? '' : ` · ${formatDuration(secondsLeft)} left`;
  return `Pass ${pass} of 2, question ${questionIndex + 1} of ${questionCount} (“${question}”), step ${step} of ${steps}${left}`;
}
