/** What happened in a step, in words. */
import type { StreamName, TraceProbe, TraceState } from '@/protocol/reasoning.ts';
import type { ProbeMark, Remark } from '@/state/reasoning-view.ts';
import { formatSeconds, formatSigned, formatToken } from '@/ui/format.ts';
import { seenIn, seenText } from '../step-views.ts';
import type { TimedRun } from './run-lanes.ts';

export interface Moment {
  /** Step, time, state, what the user did, the probe. */
  readonly summary: string;
  /** What a stream made, and what it saw; null where it did not run. */
  readonly thinker: string | null;
  readonly writer: string | null;
}

export const STATE_LABELS: Readonly<Record<TraceState, string>> = {
  thinker_only: 'thinking',
  thinker_and_writer: 'both',
  writer_only: 'writing',
};

const NOTHING: Moment = {
  summary: 'Fills as you type: one column per step, who made a token when.',
  thinker: null,
  writer: null,
};

export function momentOf(run: TimedRun, step: number): Moment {
  const cell = run.steps[step];
  const record = run.traceSteps[step];
  if (cell === undefined || record === undefined) return NOTHING;
  const parts = [`Step ${cell.step}`, `${formatSeconds(cell.elapsedMs)} s`, STATE_LABELS[record.state]];
  parts.push(...userParts(run, step));
  if (run.cutSteps.includes(step)) parts.push('thoughts cut back');
  const probe = run.probes.findLast((mark) => mark.step === step);
  if (probe !== undefined) parts.push(probeText(probe, record.probe));
  return {
    summary: parts.join(' \u00B7 '),
    thinker: streamText(run, step, 'thinker', cell.thinker),
    writer: streamText(run, step, 'writer', cell.writer),
  };
}

export function momentText({ summary, thinker, writer }: Moment): string {
  return [summary, thinker === null ? '' : `think ${thinker}`, writer === null ? '' : `write ${writer}`]
    .filter((part) => part !== '')
    .join('; ');
}

/** What the user did in front of a step. */
export function userParts(
  {
    turnSteps,
    drafts,
    sentSteps,
    remarks,
    turns,
  }: Pick<TimedRun, 'turnSteps' | 'drafts' | 'sentSteps' | 'remarks' | 'turns'>,
  step: number,
): string[] {
  const parts: string[] = [];
  const turn = turnSteps.indexOf(step);
  if (turn >= 0) parts.push(`turn ${turn + 2} begins`);
  for (const { addedTokens, removedTokens } of drafts.filter((mark) => mark.step === step)) {
    parts.push(`read +${addedTokens}${removedTokens > 0 ? ` \u2212${removedTokens}` : ''} tokens`);
  }
  if (sentSteps.includes(step)) parts.push('Enter');
  const isHere = (remark: Remark): boolean => remark.step === step;
  if (remarks.some(isHere) || turns.some((turn_) => turn_.remarks.some(isHere))) parts.push('remark');
  return parts;
}

function probeText({ margin, yes, why }: ProbeMark, probe: TraceProbe | undefined): string {
  const reason = why.includes('paragraph') ? 'end of a paragraph' : 'interval';
  const score =
    probe === undefined ? '' : `, with bias ${formatSigned(probe.score)} against ${formatSigned(probe.limit ?? 0)}`;
  const passedOver = probe?.passed_over === true ? ', passed over' : '';
  return `probe ${formatSigned(margin)}${score}: ${yes ? 'yes' : 'no'}${passedOver} (${reason})`;
}

function streamText(run: TimedRun, step: number, stream: StreamName, text: string | null): string | null {
  if (text === null) return null;
  const seen = seenIn(run, step, stream);
  return seen === null ? quoted(text) : `${quoted(text)}, sees ${seenText(seen)}`;
}

/** A token between quotation marks; the end of a turn and parts of a character have no text of their own. */
function quoted(text: string): string {
  return text === '' ? 'a token without text' : `\u201C${formatToken(text)}\u201D`;
}
