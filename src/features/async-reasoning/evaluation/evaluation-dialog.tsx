import './evaluation.css';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { useSharing } from '@/client/use-sharing.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { EvaluationContextSection } from './evaluation-context.tsx';
import { EvaluationForm } from './evaluation-form.tsx';
import { EvaluationProgress } from './evaluation-progress.tsx';
import { EvaluationState } from './evaluation-state.tsx';
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
  readonly onReplay?: ((trace: ReasoningTrace) => void) | undefined;
}

/** A set of questions through several configurations. While it runs it has to be cancelled to be left. */
export function EvaluationDialog({ run, isOpen, onClose, onReplay }: EvaluationDialogProps): ReactElement {
  const driver = useEvaluation(run);
  const isRunning = useAppState((state) => state.evaluation.phase === 'running');
  const share = useSharing();
  const sharePlan = (): void => {
    onClose();
    share('thinkingEvaluation');
  };
  return (
    <Dialog
      title="Evaluate configurations"
      isOpen={isOpen}
      onClose={onClose}
      isLocked={isRunning}
      isFullScreen
      onShare={isRunning ? undefined : sharePlan}
    >
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
        <EvaluationState
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
