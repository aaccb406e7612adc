import { Button, Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { DILEMMA_CATEGORIES } from '@/protocol/negotiation.ts';
import { isGenerating, type GenerationEntry, type GenerationView } from '@/state/material-generation.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { Notice } from '@/ui/notice.tsx';

/** How far the generator is, and what it has proposed, rejected and accepted. */
export function GenerationProgress({ onStop }: { readonly onStop: () => void }): ReactElement {
  const view = useAppState((state) => state.generation);
  const { phase, done, total, numCalls, numGoals, numRejectedGoals, numRejected, failure } = view;
  if (phase === 'none') {
    return (
      <p className="generate__empty">
        The model is asked for goals first, ten at a time, then for a text for each goal. A text that breaks a rule, or
        says nearly the same as a known one, is asked for again with the fault named, three times at most.
      </p>
    );
  }
  return (
    <section className="generate__progress" aria-label="Progress">
      <div className="generate__head">
        <span role="status">{stateText(view)}</span>
        {isGenerating(view) && (
          <Button variant="default" disabled={phase === 'stopping'} onClick={onStop}>
            Stop
          </Button>
        )}
      </div>
      <Progress.Root size="sm">
        <Progress.Section
          color="ink"
          value={total === 0 ? 0 : (100 * done) / total}
          aria-label={`${done} of ${total} dilemmas accepted`}
        />
      </Progress.Root>
      <div className="generate__facts">
        <Fact value={numCalls} unit={numCalls === 1 ? 'call' : 'calls'} meaning="Answers of the model so far." />
        <Fact
          value={numGoals}
          unit={numGoals === 1 ? 'goal' : 'goals'}
          meaning="Goals that keep the rules and are new."
        />
        <Fact
          value={numRejectedGoals}
          unit={numRejectedGoals === 1 ? 'goal rejected' : 'goals rejected'}
          meaning="Goals that are too short or too long, or like a known one."
        />
        <Fact
          value={numRejected}
          unit={numRejected === 1 ? 'text rejected' : 'texts rejected'}
          meaning="Texts that break a rule or come near a known dilemma."
        />
      </div>
      {failure !== null && <Notice what="The generator ended" why={failure.message} remedy={FAILURES[failure.code]} />}
      <ol className="generate__log" aria-label="What the model answered, newest first" reversed>
        {view.entries.map(({ number, entry }) => (
          <li key={number} value={number} data-kind={entry.kind}>
            <Entry entry={entry} />
          </li>
        ))}
      </ol>
    </section>
  );
}

const PHASES: Readonly<Record<GenerationView['phase'], string>> = {
  none: '',
  running: 'Running',
  stopping: 'Stopping',
  complete: 'Complete',
  stopped: 'Stopped',
  failed: 'Failed',
};

function stateText({ phase, done, total }: GenerationView): string {
  const ended = phase === 'stopped' || phase === 'failed' ? ' They are kept.' : '';
  const missing = phase === 'complete' && done < total ? ' The model had nothing new for the rest.' : '';
  return `${PHASES[phase]}: ${done} of ${total} accepted.${done > 0 ? ended : ''}${missing}`;
}

function Entry({ entry }: { readonly entry: GenerationEntry }): ReactElement {
  if (entry.kind === 'accepted') {
    return (
      <>
        <strong>Accepted</strong> <span dir="auto">{entry.goal}</span>
      </>
    );
  }
  if (entry.kind === 'rejected') {
    return (
      <details>
        <summary>
          <strong>Rejected</strong> <span dir="auto">{entry.goal}</span>, attempt {entry.attempt}
        </summary>
        <p dir="auto">{entry.text === '' ? 'The model wrote nothing.' : entry.text}</p>
        <Faults faults={entry.faults} />
      </details>
    );
  }
  return (
    <details>
      <summary>
        <strong>Goals</strong> {DILEMMA_CATEGORIES[entry.category].name}: {entry.goals.length} new,{' '}
        {entry.rejected.length} rejected
      </summary>
      <ul>
        {entry.goals.map((goal) => (
          <li key={goal} dir="auto">
            {goal}
          </li>
        ))}
        {entry.rejected.map(({ goal, faults }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a model may propose the same goal twice
          <li key={index}>
            <s dir="auto">{goal}</s> {faults.join(' ')}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Faults({ faults }: { readonly faults: readonly string[] }): ReactElement {
  return (
    <ul>
      {faults.map((fault) => (
        <li key={fault}>{fault}</li>
      ))}
    </ul>
  );
}
