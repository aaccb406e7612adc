import './comparison.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, type ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { FAILURES } from '@/protocol/failures.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { Notice } from '@/ui/notice.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { Answers } from './answers.tsx';
import { ComparisonContext } from './comparison-context.tsx';
import { ComparisonForm } from './comparison-form.tsx';
import { ComparisonLanes } from './comparison-lanes.tsx';
import { ComparisonProgress } from './comparison-progress.tsx';
import { DelaysChart } from './delays-chart.tsx';
import { MetricsTable } from './metrics-table.tsx';
import { useComparison, type ComparisonDriver } from './use-comparison.ts';

interface ComparisonDialogProps {
  readonly run: ReasoningRun;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The same question answered in several ways, on one clock. While it runs it has to be cancelled to be left. */
export function ComparisonDialog({ run, isOpen, onClose }: ComparisonDialogProps): ReactElement {
  const driver = useComparison(run);
  const isRunning = useAppState((state) => state.comparison.phase === 'running');
  return (
    <Dialog title="Compare ways of answering" isOpen={isOpen} onClose={onClose} isLocked={isRunning} isFullScreen>
      <ComparisonBody driver={driver} />
    </Dialog>
  );
}

function ComparisonBody({ driver }: { readonly driver: ComparisonDriver }): ReactElement {
  const phase = useAppState((state) => state.comparison.phase);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => driver.find(), [driver]);
  // The button that began it, or cancelled it, is gone: the keyboard goes on from the top of what took its place.
  useEffect(() => {
    const top = body.current;
    if (phase !== 'running') return undefined;
    top?.focus();
    return () => top?.focus();
  }, [phase]);
  return (
    <div className="comparison" ref={body} tabIndex={-1}>
      {phase === 'running' ? (
        <ComparisonProgress onCancel={driver.cancel} />
      ) : (
        // What was found from an earlier visit fills the form anew.
        <ComparisonForm key={phase === 'empty' ? 'empty' : 'filled'} onStart={driver.start} />
      )}
      {phase === 'empty' ? (
        <p className="comparison__empty">
          The question is answered in each chosen way, one after the other, and the lanes here will show on one clock
          how long you would have waited each time.
        </p>
      ) : (
        <Results />
      )}
    </div>
  );
}

function Results(): ReactElement {
  const question = useAppState((state) => state.comparison.question);
  const runs = useAppState(useShallow((state) => state.comparison.lanes.map(({ run }) => run)));
  const ways = useAppState(useShallow((state) => state.comparison.lanes.map(({ way }) => way)));
  const hasFigures = runs.some((run) => run !== null);
  return (
    <>
      <Incomplete />
      <section className="comparison__part" aria-labelledby="comparison-lanes">
        <h3 id="comparison-lanes">What you would have waited</h3>
        <p className="comparison__question">{question}</p>
        <ComparisonLanes />
      </section>
      {hasFigures && (
        <div className="comparison__figures">
          <MetricsTable ways={ways} runs={runs} />
          <DelaysChart runs={runs} />
        </div>
      )}
      <Answers />
      <ComparisonContext />
    </>
  );
}

/** Says that not all was measured, why, and what there is instead. */
function Incomplete(): ReactElement | null {
  const store = useAppStore();
  const phase = useAppState((state) => state.comparison.phase);
  const failure = useAppState((state) => state.comparison.failure);
  const hasLast = useAppState((state) => state.comparison.last !== null);
  const [numDone, numWays] = useAppState(
    useShallow(({ comparison: { lanes } }) => [lanes.filter(({ run }) => run !== null).length, lanes.length]),
  );
  if (phase !== 'incomplete') return null;
  const kept = `Incomplete: ${numDone} of ${numWays} ways had finished. Their figures are shown but not kept.`;
  const back = hasLast && (
    <Button variant="default" onClick={() => store.getState().lastComparisonChosen()}>
      Show the last complete comparison
    </Button>
  );
  if (failure !== null) {
    return (
      <Notice
        what="The comparison failed"
        why={`${failure.message} ${kept}`}
        remedy={FAILURES[failure.code]}
        action={back === false ? undefined : back}
      />
    );
  }
  return (
    <div className="comparison__incomplete" role="status">
      <span>{kept}</span>
      {back}
    </div>
  );
}
