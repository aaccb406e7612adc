import { useMemo, useState, type ReactElement } from 'react';
import type { ProbeMark, Remark, ReasoningView } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatSeconds, formatSigned, formatToken } from '@/ui/format.ts';
import { Section } from '@/ui/section.tsx';
import { StepTimeline, type Lane } from '@/ui/step-timeline.tsx';

const NONE: readonly never[] = [];

/** Who did what in which step, from the live events. */
export function RunTimeline(): ReactElement {
  return (
    <Section title="Timeline" gloss="one column per step: who made a token when" className="run-timeline">
      <LiveTimeline />
    </Section>
  );
}

function LiveTimeline(): ReactElement {
  const numSteps = useAppState((state) => state.reasoning.steps.length);
  const turnSteps = useAppState((state) => state.reasoning.turnSteps);
  const [inspected, setInspected] = useState<number | null>(null);
  const lanes = [useKeysLane(), useThinkLane(), useWriteLane(), useProbeLane()];
  const shownStep = inspected !== null && inspected < numSteps ? inspected : null;
  const caption = useAppState(({ reasoning }) => captionOf(reasoning, shownStep ?? numSteps - 1));
  return (
    <StepTimeline
      lanes={lanes}
      numSteps={numSteps}
      boundaries={turnSteps}
      inspected={shownStep}
      onInspect={setInspected}
      caption={caption}
    />
  );
}

/** What the user did. Remarks that were not read yet have no step. */
function useKeysLane(): Lane {
  const drafts = useAppState((state) => state.reasoning.drafts);
  const sentSteps = useAppState((state) => state.reasoning.sentSteps);
  const remarks = useAppState((state) => state.reasoning.remarks);
  const turns = useAppState((state) => state.reasoning.turns);
  return useMemo(
    () => ({
      name: 'keys',
      actor: 'user',
      bars: NONE,
      marks: {
        tick: drafts.filter(({ removedTokens }) => removedTokens === 0).map(({ step }) => step),
        cut: drafts.filter(({ removedTokens }) => removedTokens > 0).map(({ step }) => step),
        tall: sentSteps,
        block: [...turns.flatMap((turn) => turn.remarks), ...remarks].flatMap(({ step }) => step ?? []),
      },
    }),
    [drafts, sentSteps, remarks, turns],
  );
}

function useThinkLane(): Lane {
  const bars = useAppState((state) => state.reasoning.runs.thinker);
  const cutSteps = useAppState((state) => state.reasoning.cutSteps);
  return useMemo(() => ({ name: 'think', actor: 'thinker', bars, marks: { cut: cutSteps } }), [bars, cutSteps]);
}

function useWriteLane(): Lane {
  const bars = useAppState((state) => state.reasoning.runs.writer);
  return useMemo(() => ({ name: 'write', actor: 'writer', bars, marks: {} }), [bars]);
}

function useProbeLane(): Lane {
  const probes = useAppState((state) => state.reasoning.probes);
  return useMemo(() => {
    const stepsOf = (wanted: boolean): number[] => probes.filter(({ yes }) => yes === wanted).map(({ step }) => step);
    return { name: 'probe', actor: 'probe', bars: NONE, marks: { up: stepsOf(true), down: stepsOf(false) } };
  }, [probes]);
}

type Captioned = Pick<
  ReasoningView,
  'steps' | 'probes' | 'drafts' | 'sentSteps' | 'cutSteps' | 'turnSteps' | 'remarks' | 'turns'
>;

/** What happened in a step, as one line. */
export function captionOf(view: Captioned, step: number): string {
  const cell = view.steps[step];
  if (cell === undefined) return 'Fills as you type. Point at a step to read it.';
  const parts = [`Step ${cell.step}`, `${formatSeconds(cell.elapsedMs)} s`, ...userParts(view, step)];
  if (view.cutSteps.includes(step)) parts.push('thoughts cut back');
  if (cell.thinker !== null) parts.push(`think ${quoted(cell.thinker)}`);
  if (cell.writer !== null) parts.push(`write ${quoted(cell.writer)}`);
  const probe = view.probes.findLast((mark) => mark.step === step);
  if (probe !== undefined) parts.push(probeText(probe));
  return parts.join('  \u00B7  ');
}

function userParts({ turnSteps, drafts, sentSteps, remarks, turns }: Captioned, step: number): string[] {
  const parts: string[] = [];
  if (turnSteps.includes(step)) parts.push(`turn ${turnSteps.indexOf(step) + 2} begins`);
  for (const draft of drafts.filter((mark) => mark.step === step)) {
    parts.push(`read +${draft.addedTokens}${draft.removedTokens > 0 ? ` \u2212${draft.removedTokens}` : ''}`);
  }
  if (sentSteps.includes(step)) parts.push('Enter');
  const isHere = (remark: Remark): boolean => remark.step === step;
  if (remarks.some(isHere) || turns.some((turn) => turn.remarks.some(isHere))) parts.push('remark');
  return parts;
}

function probeText({ margin, yes, why }: ProbeMark): string {
  const reason = why.includes('paragraph') ? 'end of a paragraph' : 'interval';
  return `probe ${formatSigned(margin)} ${yes ? 'yes' : 'no'} (${reason})`;
}

/** A token between quotation marks; the end of a turn and parts of a character have no text of their own. */
function quoted(text: string): string {
  return text === '' ? 'a token without text' : `\u201C${formatToken(text)}\u201D`;
}
