import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import type { TrainingProgress } from '@/protocol/training-api.ts';
import { summaryOf, type FineTuneView } from '@/state/fine-tune-view.ts';
import { scenarioFile } from '@/state/scenario/scenario-file.ts';
import { scenarioOfFineTune } from '@/state/scenario/scenario-of-training.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatDuration } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import { SaveScenario } from '@/ui/save-scenario.tsx';
import { SpacedStatus } from '@/ui/spaced-status.tsx';
import { ReadNotes } from './estimate-view.tsx';

const PHASES: Readonly<Record<TrainingProgress['phase'], string>> = {
  reference: 'without the adapter',
  forward: 'forward',
  backward: 'backward',
  update: 'update',
};

/** Of a step's arithmetic: a backward pass counts like two forwards. */
const SHARES: Readonly<Record<TrainingProgress['phase'], readonly [from: number, size: number]>> = {
  reference: [0, 0],
  forward: [0, 1 / 3],
  backward: [1 / 3, 2 / 3],
  update: [1, 0],
};

/** The training under way: how far it is, and the way to end it. */
export function RunProgress({ onStop }: { readonly onStop: () => void }): ReactElement {
  const run = useAppState((state) => state.fineTune);
  const percent = percentDone(run);
  return (
    <section className="tune__progress" aria-label="Training">
      <div>
        <p>
          <strong>{stepText(run)}</strong> · {withinText(run)} · {leftText(run)}
        </p>
        <SpacedStatus text={stepText(run)} />
        <Progress value={percent} aria-label="All steps" transitionDuration={0} color="ink" />
        <p className="adapters__note">
          “{run.adapterName}” is being trained. It goes on while this dialog is closed; closing the page ends it.
        </p>
      </div>
      <Button variant="default" onClick={onStop}>
        Stop
      </Button>
      {run.read !== null && <ReadNotes notes={run.read.notes} />}
    </section>
  );
}

function percentDone({ points, steps, progress }: FineTuneView): number {
  const [from, size] = progress === null ? [0, 0] : SHARES[progress.phase];
  const within = progress === null ? 0 : from + size * progress.done;
  return steps === 0 ? 0 : ((points.length + within) / steps) * 100;
}

function stepText({ points, steps, read }: FineTuneView): string {
  if (read === null) return 'Reading the examples';
  return `Step ${Math.min(points.length + 1, steps)} of ${steps}`;
}

function withinText({ progress, read }: FineTuneView): string {
  if (read === null) return 'and timing one layer';
  if (progress === null) return 'beginning';
  return progress.phase === 'update' ? 'update' : `${PHASES[progress.phase]} ${Math.round(progress.done * 100)} %`;
}

function leftText({ secondsLeft }: FineTuneView): string {
  return secondsLeft === null ? 'time left is not known yet' : `about ${formatDuration(secondsLeft)} left`;
}

/** How the last training ended. */
export function RunOutcome(): ReactElement | null {
  const run = useAppState((state) => state.fineTune);
  const store = useAppStore();
  if (run.phase === 'idle' || run.phase === 'running') return null;
  const kept = keptText(run);
  if (run.failure !== null) {
    const { code, message } = run.failure;
    return <Notice what="The training ended early" why={`${message} ${kept}`} remedy={FAILURES[code]} />;
  }
  return (
    <p className="tune__outcome">
      <span role="status">
        <strong>{run.phase === 'complete' ? 'Complete' : 'Stopped'}.</strong> {kept}
      </span>{' '}
      <SaveScenario
        size="compact-xs"
        isPossible={run.points.length > 0}
        make={async () => scenarioFile(scenarioOfFineTune(store.getState()))}
      />
    </p>
  );
}

function keptText(run: FineTuneView): string {
  const summary = summaryOf(run);
  if (summary === null) return 'No step was finished; the adapter is as it was.';
  const { steps, firstLoss, lastLoss } = summary;
  const made = `${steps} of ${run.steps} ${run.steps === 1 ? 'step' : 'steps'} of “${run.adapterName}”`;
  if (steps === 1) return `${made}: the loss was ${firstLoss.toFixed(3)} nats a token.`;
  return `${made}: the loss went from ${firstLoss.toFixed(3)} to ${lastLoss.toFixed(3)} nats a token.`;
}
