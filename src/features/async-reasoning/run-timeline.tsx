import { useMemo, useState, type ReactElement } from 'react';
import type { DraftMark, ProbeMark, StepCell } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatSeconds, formatSigned, formatToken } from '@/ui/format.ts';
import { Section } from '@/ui/section.tsx';
import { StepTimeline, type Lane } from '@/ui/step-timeline.tsx';
import { ProbeGauge } from './probe-gauge.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

/** Who did what in which step, from the live events, and the probe below its lane. */
export function RunTimeline({ run }: { readonly run: ReasoningRun }): ReactElement {
  const steps = useAppState((state) => state.reasoning.steps);
  const probes = useAppState((state) => state.reasoning.probes);
  const drafts = useAppState((state) => state.reasoning.drafts);
  const [inspected, setInspected] = useState<number | null>(null);
  const lanes = useMemo(() => lanesOf(steps, probes, drafts), [steps, probes, drafts]);
  const shownStep = inspected !== null && inspected < steps.length ? inspected : null;
  return (
    <Section title="Timeline" gloss="one column per step" className="run-timeline">
      <StepTimeline
        lanes={lanes}
        numSteps={steps.length}
        inspected={shownStep}
        onInspect={setInspected}
        caption={captionOf(steps[shownStep ?? steps.length - 1], probes)}
      />
      <ProbeGauge run={run} />
    </Section>
  );
}

function lanesOf(
  steps: readonly StepCell[],
  probes: readonly ProbeMark[],
  drafts: readonly DraftMark[],
): readonly Lane[] {
  const stepsOf = (stream: 'thinker' | 'writer'): number[] =>
    steps.filter((cell) => cell[stream] !== null).map((cell) => cell.step);
  return [
    {
      name: 'keys',
      actor: 'user',
      bars: [],
      marks: drafts.map(({ step, removedTokens }) => ({ step, shape: removedTokens > 0 ? 'cut' : 'tick' })),
    },
    { name: 'think', actor: 'thinker', bars: stepsOf('thinker'), marks: [] },
    { name: 'write', actor: 'writer', bars: stepsOf('writer'), marks: [] },
    {
      name: 'probe',
      actor: 'probe',
      bars: [],
      marks: probes.map(({ step, yes }) => ({ step, shape: yes ? 'up' : 'down' })),
    },
  ];
}

function captionOf(cell: StepCell | undefined, probes: readonly ProbeMark[]): string {
  if (cell === undefined) return 'Fills as you type. Point at a step to read it.';
  const parts = [`Step ${cell.step}`, `${formatSeconds(cell.elapsedMs)} s`];
  if (cell.thinker !== null) parts.push(`think ${quoted(cell.thinker)}`);
  if (cell.writer !== null) parts.push(`write ${quoted(cell.writer)}`);
  const probe = probes.find(({ step }) => step === cell.step);
  if (probe !== undefined) {
    const why = probe.why.includes('paragraph') ? 'end of a paragraph' : 'interval';
    parts.push(`probe ${formatSigned(probe.margin)} ${probe.yes ? 'yes' : 'no'} (${why})`);
  }
  return parts.join('  \u00B7  ');
}

/** A token between quotation marks; the end of a turn and parts of a character have no text of their own. */
function quoted(text: string): string {
  return text === '' ? 'a token without text' : `\u201C${formatToken(text)}\u201D`;
}
