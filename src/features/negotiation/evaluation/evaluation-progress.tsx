import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import type { EvaluationPiece } from '@/protocol/negotiation-evaluation.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatDuration } from '@/ui/format.ts';
import { useNow } from '@/ui/use-now.ts';

const DOING: Readonly<Record<EvaluationPiece['kind'], string>> = {
  dialogue: 'Answering',
  pairwise: 'Comparing',
  ability: 'Asking',
  perplexity: 'Reading',
};

/** What is being made, how far it is, and the way to end it. */
export function EvaluationProgress({ onStop }: { readonly onStop: () => void }): ReactElement {
  const current = useAppState((state) => state.negotiationEvaluation.current);
  const done = useAppState((state) => state.negotiationEvaluation.pieces.length);
  const total = useAppState((state) => state.negotiationEvaluation.total);
  const percent = total === 0 ? 0 : Math.round((done / total) * 100);
  return (
    <div className="contest-progress">
      <div>
        <p role="status">
          <strong>{current === null ? 'Getting ready' : DOING[current.kind]}</strong> {current?.label}
        </p>
        <p className="contest__note">
          {done} of {total} parts, {percent} %. <Time />
        </p>
        <Progress value={percent} aria-label="Evaluation" transitionDuration={0} color="ink" />
      </div>
      <Button onClick={onStop}>Stop</Button>
    </div>
  );
}

function Time(): ReactElement {
  const startedMs = useAppState((state) => state.negotiationEvaluation.startedMs);
  const left = useAppState(({ negotiationEvaluation: { secondsLeft } }) =>
    secondsLeft === null ? 'Time left is known after the first part.' : `About ${formatDuration(secondsLeft)} left.`,
  );
  const now = useNow(startedMs !== null);
  const spent = startedMs === null ? 0 : (now - startedMs) / 1000;
  return (
    <>
      {formatDuration(spent)} so far. {left}
    </>
  );
}
