import { Button, Progress } from '@mantine/core';
import { useSyncExternalStore, type ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { webLlm } from '@/client/web-llm-chat.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatDuration } from '@/ui/format.ts';
import { nameOfWay } from './ways.ts';

/** How far the comparison is, and the way to end it. */
export function ComparisonProgress({ onCancel }: { readonly onCancel: () => void }): ReactElement {
  const percent = useAppState((state) => Math.round(state.comparison.share * 100));
  const left = useAppState(({ comparison: { secondsLeft, lanes } }) => {
    if (secondsLeft === null) return 'time left is not known yet';
    const hasOthers = lanes.some(({ way }) => typeof way !== 'string');
    return `at most ${formatDuration(secondsLeft)} left${hasOthers ? ' for the loaded model' : ''}`;
  });
  const isWebLlmAsked = useAppState(({ comparison: { lanes } }) =>
    lanes.some(({ way, status }) => status === 'running' && typeof way !== 'string' && way.kind === 'webLlm'),
  );
  const doing = useAppState(
    useShallow(({ comparison: { lanes } }) => {
      const index = lanes.findIndex(({ status }) => status === 'running');
      const lane = lanes[index];
      return lane === undefined ? 'Getting ready' : `${nameOfWay(lane.way)}, ${index + 1} of ${lanes.length}`;
    }),
  );
  const webLlmStatus = useSyncExternalStore(webLlm.subscribe, webLlm.status);
  const isLoading = isWebLlmAsked && webLlmStatus.kind === 'loading';
  return (
    <div className="comparison__progress">
      <div>
        <p>
          <strong role="status">{doing}</strong> · {percent} % of all steps · {left}
          {isLoading && ` · loading, ${Math.round(webLlmStatus.progress.share * 100)} %`}
        </p>
        <Progress value={percent} aria-label="Comparison" transitionDuration={0} color="ink" />
      </div>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
