import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { otherModel, type EvaluationView } from '@/state/evaluation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';

interface EvaluationStateProps {
  readonly onResume: () => void;
  readonly onBeginAnew: () => void;
}

/** What there is of an evaluation that does not run, and how to go on. */
export function EvaluationState({ onResume, onBeginAnew }: EvaluationStateProps): ReactElement {
  const isComplete = useAppState((state) => state.evaluation.phase === 'complete');
  const failure = useAppState((state) => state.evaluation.failure);
  const done = useAppState((state) => doneText(state.evaluation));
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const other = useAppState((state) => otherModel(state.evaluation.context, state.model.info));
  const actions = (
    <span className="evaluation__actions">
      {!isComplete && (
        <Button disabled={!isModelReady || other !== null} onClick={onResume}>
          Go on
        </Button>
      )}
      <Button variant="default" onClick={onBeginAnew}>
        {isComplete ? 'New evaluation' : 'Begin anew'}
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
        {done} {!isComplete && obstacleText(isModelReady, other)}
      </span>
      {actions}
    </div>
  );
}

function doneText({ phase, records, total }: EvaluationView): string {
  if (phase === 'complete') return `Complete: ${total.toLocaleString('en')} answers.`;
  if (total === 0) return 'No answer yet.';
  return `${records.length} of ${total} answers ${records.length === 1 ? 'is' : 'are'} done.`;
}

/** @param other  the model that the answers are of, where another one is loaded */
function obstacleText(isModelReady: boolean, other: string | null): string {
  if (!isModelReady) return 'Load a model to go on.';
  return other === null ? '' : `Load ${other} to go on: answers of two models in one table would say nothing.`;
}
