import './load-progress.css';
import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import type { LoadProgress } from '@/protocol/model.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes, formatDuration } from '@/ui/format.ts';
import { useModelLoading } from './model-loading.tsx';

const PHASES: Readonly<Record<LoadProgress['phase'], string>> = {
  download: 'Downloading',
  verify: 'Checking the file',
  upload: 'Copying to the GPU',
  compile: 'Compiling kernels',
  tune: 'Measuring kernels',
};

/** Percent of the phase, or null while its size is unknown. */
export function percentOf(progress: LoadProgress | null): number | null {
  if (progress === null || progress.totalBytes === 0) return null;
  return Math.min(100, (progress.loadedBytes / progress.totalBytes) * 100);
}

function describeProgress(progress: LoadProgress | null): string {
  if (progress === null) return 'Opening the model';
  const { phase, loadedBytes, totalBytes, secondsLeft } = progress;
  const parts = [PHASES[phase]];
  if (totalBytes > 0) parts.push(`${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`);
  else if (loadedBytes > 0) parts.push(formatBytes(loadedBytes));
  if (secondsLeft !== null) parts.push(`${formatDuration(secondsLeft)} left`);
  return parts.join(' \u00B7 ');
}

/** The load under way: phase, bytes, time left, cancel. Nothing while no load is under way. */
export function LoadProgressLine(): ReactElement | null {
  const status = useAppState((state) => state.model.status);
  const progress = useAppState((state) => state.model.progress);
  const { cancel } = useModelLoading();
  if (status !== 'loading') return null;

  const percent = percentOf(progress);
  const text = describeProgress(progress);
  return (
    <div className="load-progress" data-testid="load-progress">
      <Progress.Root className="load-progress__bar" size="sm">
        <Progress.Section
          value={percent ?? 100}
          color="ink"
          animated={percent === null}
          aria-label="Loading the model"
          aria-valuetext={text}
        />
      </Progress.Root>
      <span className="load-progress__text">{text}</span>
      <Button variant="default" onClick={cancel} aria-label="Cancel loading">
        Cancel
      </Button>
    </div>
  );
}
