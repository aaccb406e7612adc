import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import type { EvaluationView } from '@/state/evaluation-view.ts';
import { formatDuration } from '@/ui/format.ts';

/** How far the evaluation is, and the way to end it. */
export function EvaluationProgress({ onCancel }: { readonly onCancel: () => void }): ReactElement {
  const doing = useAppState((state) => doingText(state.evaluation));
  const numDone = useAppState((state) => state.evaluation.records.length);
  const total = useAppState((state) => state.evaluation.total);
  const left = useAppState(({ evaluation: { secondsLeft } }) =>
    secondsLeft === null ? 'time left is known after the first answers' : `about ${formatDuration(secondsLeft)} left`,
  );
  const percent = total === 0 ? 0 : Math.round((numDone / total) * 100);
  return (
    <div className="evaluation__progress">
      <div>
        <p>
          <strong role="status">{doing}</strong> · {numDone} of {total} answers, {percent} % · {left}
        </p>
        <Progress value={percent} aria-label="Evaluation" transitionDuration={0} color="ink" />
      </div>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}

function doingText({ current, items }: EvaluationView): string {
  if (current === null) return 'Getting ready';
  const index = items.findIndex(({ id }) => id === current.itemId);
  return `Question ${index + 1} of ${items.length}, ${current.configuration}`;
}
