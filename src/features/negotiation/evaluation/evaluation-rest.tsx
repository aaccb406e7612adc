import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import type { AppState } from '@/state/app-store.ts';
import { otherNegotiationModel, type NegotiationEvaluationView } from '@/state/negotiation-evaluation-view.ts';
import { SEAT_TAKEN, seatOf } from '@/state/negotiation-seat.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatDate } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import type { NegotiationEvaluationDriver } from './evaluation-driver.ts';

interface EvaluationRestProps {
  readonly driver: NegotiationEvaluationDriver;
  readonly onBeginAnew: () => void;
}

/** What there is of an evaluation that does not run, and how to go on. */
export function EvaluationRest({ driver, onBeginAnew }: EvaluationRestProps): ReactElement {
  const store = useAppStore();
  const failure = useAppState((state) => state.negotiationEvaluation.failure);
  const done = useAppState((state) => doneText(state.negotiationEvaluation));
  const fileName = useAppState((state) => state.negotiationEvaluation.fileName);
  const canResume = useAppState(
    ({ negotiationEvaluation: { phase, order } }) => phase === 'incomplete' && order !== null,
  );
  const obstacle = useAppState(obstacleOf);
  const close = (): void => {
    store.getState().negotiationEvaluationEvents.closed();
    driver.find();
  };
  const actions = (
    <span className="contest__actions">
      {canResume && (
        <Button disabled={obstacle !== ''} onClick={driver.resume}>
          Continue
        </Button>
      )}
      {fileName !== null && (
        <Button variant="default" onClick={close}>
          Close the file
        </Button>
      )}
      <Button variant="default" onClick={onBeginAnew}>
        New evaluation
      </Button>
    </span>
  );
  if (failure !== null)
    return (
      <Notice
        what="The evaluation failed"
        why={`${failure.message} ${done}`}
        remedy={FAILURES[failure.code]}
        action={actions}
      />
    );
  return (
    <div className="contest-rest">
      <span role="status">
        {done} {canResume && obstacle}
      </span>
      {actions}
    </div>
  );
}

function doneText({ phase, pieces, total, context, fileName }: NegotiationEvaluationView): string {
  const parts = `${pieces.length} of ${total} parts ${pieces.length === 1 ? 'is' : 'are'} done.`;
  const state = phase === 'complete' ? `Complete: ${pieces.length.toLocaleString('en')} parts.` : parts;
  if (fileName === null) return state;
  return `${fileName}, made ${formatDate(context?.createdAt ?? '')} with ${context?.model.name ?? ''}. ${state}`;
}

/** Why it cannot go on; empty when it can. */
function obstacleOf(state: AppState): string {
  const { negotiationEvaluation, model, adapters } = state;
  const { context, order } = negotiationEvaluation;
  const seat = seatOf(state);
  if (seat !== null) return `Possible once it is free: ${SEAT_TAKEN[seat]}.`;
  if (model.status !== 'ready') return 'Load a model to continue.';
  const other = otherNegotiationModel(context, model.info);
  if (other !== null) return `Load ${other} to continue: two models in one table would say nothing.`;
  const gone = order?.contestants.find(
    ({ adapterId }) => adapterId !== null && adapters?.adapters.every(({ id }) => id !== adapterId) === true,
  );
  return gone === undefined ? '' : `The adapter “${gone.name}” is gone, so it cannot be continued.`;
}
