import './evaluation.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { FAILURES } from '@/protocol/failures.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { otherModel } from '@/state/evaluation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { Notice } from '@/ui/notice.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { EvaluationContextSection } from './evaluation-context.tsx';
import { EvaluationForm } from './evaluation-form.tsx';
import { EvaluationProgress } from './evaluation-progress.tsx';
import { ItemsList } from './items-list.tsx';
import { PairsTable } from './pairs-table.tsx';
import { ResultsTable } from './results-table.tsx';
import { TradeOffChart } from './trade-off-chart.tsx';
import { useEvaluation, type EvaluationDriver } from './use-evaluation.ts';

interface EvaluationDialogProps {
  readonly run: ReasoningRun;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Shows an answer's run on the panel. */
  readonly onReplay?: (trace: ReasoningTrace) => void;
}

/** A set of questions through several configurations. While it runs it has to be cancelled to be left. */
export function EvaluationDialog({ run, isOpen, onClose, onReplay }: EvaluationDialogProps): ReactElement {
  const driver = useEvaluation(run);
  const isRunning = useAppState((state) => state.evaluation.phase === 'running');
  return (
    <Dialog title="Evaluate configurations" isOpen={isOpen} onClose={onClose} isLocked={isRunning} isFullScreen>
      <EvaluationBody driver={driver} onReplay={onReplay} />
    </Dialog>
  );
}

interface BodyProps {
  readonly driver: EvaluationDriver;
  readonly onReplay: EvaluationDialogProps['onReplay'];
}

function EvaluationBody({ driver, onReplay }: BodyProps): ReactElement {
  const phase = useAppState((state) => state.evaluation.phase);
  const numRecords = useAppState((state) => state.evaluation.records.length);
  const [isPlanning, setIsPlanning] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => driver.find(), [driver]);
  // The button that began it, or cancelled it, is gone: the keyboard goes on from the top of what took its place.
  useEffect(() => {
    const top = body.current;
    if (phase !== 'running') return undefined;
    top?.focus();
    return () => top?.focus();
  }, [phase]);
  const isFormShown = phase === 'empty' || (isPlanning && phase !== 'running');
  return (
    <div className="evaluation" ref={body} tabIndex={-1}>
      {phase === 'running' && <EvaluationProgress onCancel={driver.cancel} />}
      {isFormShown && (
        <EvaluationForm
          onStart={(request) => {
            setIsPlanning(false);
            driver.start(request);
          }}
        />
      )}
      {phase !== 'running' && phase !== 'empty' && !isPlanning && (
        <State
          onResume={driver.resume}
          onBeginAnew={() => {
            setIsPlanning(true);
            body.current?.focus();
          }}
        />
      )}
      {numRecords > 0 ? (
        <>
          <ResultsTable />
          <TradeOffChart />
          <PairsTable />
          <ItemsList onReplay={onReplay} />
          <EvaluationContextSection />
        </>
      ) : (
        <p className="evaluation__empty">
          Every question is answered under each configuration, one after the other. Here will stand how often each one
          is right, what waiting for it costs, and whether the difference is more than chance. Answers are kept as they
          come, so that an evaluation can be left and gone on with.
        </p>
      )}
    </div>
  );
}

interface StateProps {
  readonly onResume: () => void;
  readonly onBeginAnew: () => void;
}

/** What there is, and how to go on. */
function State({ onResume, onBeginAnew }: StateProps): ReactElement {
  const phase = useAppState((state) => state.evaluation.phase);
  const failure = useAppState((state) => state.evaluation.failure);
  const [numDone, total] = useAppState(useShallow(({ evaluation: { records, total: all } }) => [records.length, all]));
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const other = useAppState((state) => otherModel(state.evaluation.context, state.model.info));
  const done =
    total === 0 ? 'No answer yet.' : `${numDone} of ${total} answers ${numDone === 1 ? 'is' : 'are'} done and kept.`;
  const actions = (
    <span className="evaluation__actions">
      {phase === 'incomplete' && (
        <Button disabled={!isModelReady || other !== null} onClick={onResume}>
          Go on
        </Button>
      )}
      <Button variant="default" onClick={onBeginAnew}>
        {phase === 'incomplete' ? 'Begin anew' : 'New evaluation'}
      </Button>
    </span>
  );
  if (failure !== null) {
    return (
      <Notice
        what="The evaluation failed"
        why={`${failure.message} ${done}`}
        remedy={FAILURES[failure.code]}
        action={actions}
      />
    );
  }
  return (
    <div className="evaluation__state">
      <span role="status">
        {phase === 'complete' ? `Complete: ${total} answers.` : done}
        {phase === 'incomplete' && !isModelReady && ' Load a model to go on.'}
        {phase === 'incomplete' &&
          isModelReady &&
          other !== null &&
          ` Load ${other} to go on: answers of two models in one table would say nothing.`}
      </span>
      {actions}
    </div>
  );
}
