/** Which tokens of a stream's block were encoded when what they attended to was another than now. */
import type { StreamName, TraceRow, TraceStep } from '@/protocol/reasoning.ts';
import type { ReasoningView } from '@/state/reasoning-view.ts';

/** Indices into a block, `to` not included. */
export interface TokenSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * Tokens at the beginning of a stream's block that were encoded when a block in front had another length, or the input
 * another text. What was encoded behind the last such change is not among them.
 *
 * @param first  first step of the turn
 */
export function olderTokens(steps: readonly TraceStep[], stream: StreamName, first: number, step: number): number {
  let newest: TraceRow | undefined;
  let least = Infinity;
  let isEdited = false;
  for (let index = step; index >= first; index--) {
    const record = steps[index];
    const row = record?.rows.find((candidate) => candidate.stream === stream);
    if (row !== undefined) {
      const length = row.lengths.at(-1) ?? 0;
      newest ??= row;
      if (isEdited || !isSameInFront(row, newest)) return Math.min(length, least);
      // What a cut took away was encoded anew behind it.
      least = Math.min(least, length - 1);
    }
    isEdited ||= record?.events?.some(({ kind }) => kind === 'edit_input') === true;
  }
  return 0;
}

function isSameInFront(row: TraceRow, other: TraceRow): boolean {
  return row.lengths.slice(0, -1).every((length, index) => length === other.lengths[index]);
}

/** The stale parts of the thoughts' text as tokens of their block. */
export function changedSpans(
  { steps, traceSteps, staleRanges }: Pick<ReasoningView, 'steps' | 'traceSteps' | 'staleRanges'>,
  first: number,
  step: number,
): readonly TokenSpan[] {
  if (staleRanges.length === 0) return [];
  // A row's own token stands at the end of its block; what it chose comes behind, with the next step.
  const pieces: number[] = [];
  for (let index = first; index <= step; index++) {
    const length = traceSteps[index]?.rows.find(({ stream }) => stream === 'thinker')?.lengths.at(-1);
    const text = steps[index]?.thinker ?? null;
    if (length === undefined || text === null) continue;
    pieces.length = Math.min(pieces.length, length);
    pieces[length] = text.length;
  }
  const spans = staleRanges.map(({ from, to }) => {
    let begin = 0;
    let firstToken = Infinity;
    let lastToken = -Infinity;
    pieces.forEach((size, token) => {
      if (begin < to && begin + size > from) {
        firstToken = Math.min(firstToken, token);
        lastToken = Math.max(lastToken, token);
      }
      begin += size;
    });
    return { from: firstToken, to: lastToken + 1 };
  });
  // The newest choice is no token of the block yet.
  const end = pieces.length - 1;
  return spans.map(({ from, to }) => ({ from, to: Math.min(to, end) })).filter(({ from, to }) => to > from);
}
