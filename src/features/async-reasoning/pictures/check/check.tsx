import './check.css';
import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { formatTiny } from '@/lib/format-tiny.ts';
import type { CheckReport } from '@/protocol/attention.ts';
import { FAILURES } from '@/protocol/failures.ts';
import { checkBlocker } from '@/state/check-slice.ts';
import { verdictOf } from '@/state/check-words.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatDuration } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import { Picture } from '@/ui/picture.tsx';
import type { PictureTable } from '@/ui/picture-table.tsx';
import { CheckTable } from './check-table.tsx';
import { ScaleChart } from './scale-chart.tsx';
import { useCheck } from './use-check.ts';

/** Recomputes what the streams saw in one step, and says how far that is from what the run computed. */
export function Check(): ReactElement {
  const driver = useCheck();
  const isOfThisRun = useAppState(({ check, reasoning }) => check.setup === reasoning.setup);
  const phase = useAppState((state) => state.check.phase);
  const report = useAppState((state) => state.check.report);
  const hasSteps = useAppState((state) => state.reasoning.traceSteps.length > 0);
  if (!hasSteps)
    return (
      <p className="pictures__hint">
        Computes a step’s views anew, as one text from the first token, and compares the logits. The first step begins
        it.
      </p>
    );
  return (
    <div className="check">
      {phase === 'running' ? <Running onCancel={driver.cancel} /> : <Begin onStart={driver.start} />}
      {phase === 'failed' && isOfThisRun && <Failed />}
      {report !== null && isOfThisRun ? <Result report={report} /> : <Explanation />}
    </div>
  );
}

function Begin({ onStart }: { readonly onStart: (step: number) => void }): ReactElement {
  const step = useAppState((state) => state.reasoning.traceSteps.length - 1);
  const blocker = useAppState(({ model, reasoning }) => checkBlocker(model, reasoning.trace));
  return (
    <div className="check__begin">
      <Button
        data-lesson="check-begin"
        variant="default"
        size="compact-sm"
        disabled={blocker !== null}
        onClick={() => onStart(step)}
      >
        Recompute step {step} from scratch
      </Button>
      <span>{blocker ?? 'The run is replayed to that step first.'}</span>
    </div>
  );
}

function Running({ onCancel }: { readonly onCancel: () => void }): ReactElement {
  const step = useAppState((state) => state.check.step);
  const progress = useAppState((state) => state.check.progress);
  const percent = progress === null ? 0 : Math.round((100 * progress.doneSteps) / Math.max(1, progress.totalSteps));
  const left =
    progress?.secondsLeft === null || progress === null
      ? 'time left is not known yet'
      : `${formatDuration(progress.secondsLeft)} left`;
  return (
    <div className="check__begin">
      <Button variant="default" size="compact-sm" onClick={onCancel}>
        Cancel
      </Button>
      <div className="check__progress">
        <p>
          <strong role="status">Replaying to step {step}</strong>
          {progress !== null && ` · ${progress.doneSteps} of ${progress.totalSteps} steps`} · {left}
        </p>
        <Progress value={percent} aria-label="Check" transitionDuration={0} color="ink" size="sm" />
      </div>
    </div>
  );
}

function Failed(): ReactElement | null {
  const failure = useAppState((state) => state.check.failure);
  if (failure === null) return null;
  return <Notice what="The check failed" why={failure.message} remedy={FAILURES[failure.code]} />;
}

/** What equality and difference mean here. */
function Explanation(): ReactElement {
  const isB = useAppState((state) => state.reasoning.setup?.design !== 'A');
  return (
    <p className="check__text">
      {isB
        ? 'The thinker sees nothing that changes behind its words, so its numbers have to be the same but for rounding. The writer’s words were written when there were fewer thoughts and are not computed again: what that costs is the size of the difference.'
        : 'Both streams see each other’s words, which were written when there were fewer of them and are not computed again: what that costs is the size of the difference.'}
    </p>
  );
}

function Result({ report }: { readonly report: CheckReport }): ReactElement {
  return (
    <Picture
      name="duet-check"
      title="Check"
      gloss={`step ${report.step}: the run’s logits against the same views encoded anew, as one text from the first token`}
      alternative={alternativeOf(report)}
      table={() => tableOf(report)}
      below={
        <>
          <CheckTable report={report} />
          <Explanation />
        </>
      }
    >
      {(size) => <ScaleChart size={size} report={report} />}
    </Picture>
  );
}

function alternativeOf({ step, rows, tolerance }: CheckReport): string {
  const found = rows.map((row) => `${row.stream} ${verdictOf(row, tolerance).text}`).join('; ');
  return `Step ${step} recomputed from scratch: ${found}. Up to ${formatTiny(tolerance)} counts as rounding.`;
}

function tableOf({ rows, tolerance, rebuildDifference }: CheckReport): PictureTable {
  return {
    columns: [
      'stream',
      'largest logit difference',
      'KL in nats',
      'best in the run',
      'best anew',
      'stale tokens',
      'verdict',
    ],
    rows: [
      ...rows.map((row) => [
        row.stream,
        row.maxLogitDifference,
        row.klNats,
        row.bestText.run,
        row.bestText.fresh,
        row.staleTokens,
        verdictOf(row, tolerance).text,
      ]),
      ['run replayed', rebuildDifference, '', '', '', '', ''],
    ],
  };
}
