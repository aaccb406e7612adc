import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { useAppState } from '@/state/use-app-state.ts';
import { formatDuration } from '@/ui/format.ts';
import { MODES } from '../modes.ts';

/** How far the comparison is, and the way to end it. */
export function ComparisonProgress({ onCancel }: { readonly onCancel: () => void }): ReactElement {
  const percent = useAppState((state) => Math.round(state.comparison.share * 100));
  const left = useAppState(({ comparison: { secondsLeft } }) =>
    secondsLeft === null ? 'time left is not known yet' : `at most ${formatDuration(secondsLeft)} left`,
  );
  const doing = useAppState(
    useShallow(({ comparison: { lanes } }) => {
      const index = lanes.findIndex(({ status }) => status === 'running');
      const lane = lanes[index];
      return lane === undefined ? 'Getting ready' : `${MODES[lane.mode].name}, ${index + 1} of ${lanes.length}`;
    }),
  );
  return (
    <div className="comparison__progress">
      <div>
        <p>
          <strong role="status">{doing}</strong> · {percent} % of all steps · {left}
        </p>
        <Progress value={percent} aria-label="Comparison" transitionDuration={0} color="ink" />
      </div>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
