/** Comparisons as the tables and the picture need them: ours and the paper's under one roof. */
import type { Contestant, ContestSet, Decoding, WinRateRow } from '@/protocol/negotiation-evaluation.ts';
import { PAPER_COMPARISONS, type PaperContestant } from '@/protocol/negotiation-paper-evaluation.ts';
import type { PairwiseAspect } from '@/protocol/negotiation-prompts.ts';

export const ROLE_NAMES: Readonly<Record<PaperContestant, string>> = {
  base: 'Base',
  single: 'Single-agent',
  multi: 'Multi-agent',
};

export const SET_NAMES: Readonly<Record<ContestSet, string>> = { conflict: 'conflict', open: 'open-ended' };
export const DECODINGS: readonly Decoding[] = ['greedy', 'sampling'];
export const SETS: readonly ContestSet[] = ['conflict', 'open'];
export const ASPECT_NAMES: Readonly<Record<PairwiseAspect, string>> = {
  caAlignment: 'CA alignment',
  conflictResolution: 'conflict resolution',
};

export interface ContestPair {
  readonly left: string;
  readonly right: string;
  /** The paper's comparison that it stands beside. */
  readonly paper: readonly [left: PaperContestant, right: PaperContestant] | null;
  /** False where only the paper has it. */
  readonly isOurs: boolean;
}

/** The paper's comparisons in its order, ours in their places; then those of ours that it has not. */
export function contestPairs(contestants: readonly Contestant[]): readonly ContestPair[] {
  const byRole = (role: PaperContestant): Contestant | undefined => contestants.find((one) => one.role === role);
  const known: ContestPair[] = PAPER_COMPARISONS.map((paper) => {
    const [left, right] = [byRole(paper[0]), byRole(paper[1])];
    if (left === undefined || right === undefined)
      return { left: ROLE_NAMES[paper[0]], right: ROLE_NAMES[paper[1]], paper, isOurs: false };
    return { left: left.name, right: right.name, paper, isOurs: true };
  });
  const isKnown = (a: string, b: string): boolean =>
    known.some(({ left, right, isOurs }) => isOurs && ((left === a && right === b) || (left === b && right === a)));
  const others = contestants.flatMap(({ name: left }, index) =>
    contestants
      .slice(0, index)
      .flatMap(({ name: right }) => (isKnown(left, right) ? [] : [{ left, right, paper: null, isOurs: true }])),
  );
  return [...known, ...others];
}

interface RowKey extends Pick<ContestPair, 'left' | 'right'> {
  readonly aspect: PairwiseAspect;
  readonly set: ContestSet;
  readonly decoding: Decoding;
}

/** The row of a comparison, seen from its left; undefined where there is none. */
export function winRateOf(rows: readonly WinRateRow[], key: RowKey): WinRateRow | undefined {
  const isSame = (row: WinRateRow, left: string, right: string): boolean =>
    row.left === left &&
    row.right === right &&
    row.aspect === key.aspect &&
    row.set === key.set &&
    row.decoding === key.decoding;
  const found = rows.find((row) => isSame(row, key.left, key.right));
  if (found !== undefined) return found;
  const other = rows.find((row) => isSame(row, key.right, key.left));
  return other === undefined ? undefined : turnedRound(other);
}

/** The same comparison seen from the other side. */
export function turnedRound(row: WinRateRow): WinRateRow {
  const { left, right, wins, losses, winRate, interval, perRepetition } = row;
  return {
    ...row,
    left: right,
    right: left,
    wins: losses,
    losses: wins,
    winRate: winRate === null ? null : 1 - winRate,
    interval: interval === null ? null : { low: 1 - interval.high, high: 1 - interval.low },
    perRepetition: perRepetition === null ? null : { ...perRepetition, mean: 1 - perRepetition.mean },
  };
}

/** All comparisons of ours that have been made, in the order of the tables, each seen from its left. */
export function orderedWinRates(
  rows: readonly WinRateRow[],
  contestants: readonly Contestant[],
): readonly { readonly pair: ContestPair; readonly row: WinRateRow }[] {
  const aspects = Object.keys(ASPECT_NAMES) as PairwiseAspect[];
  return contestPairs(contestants).flatMap((pair) =>
    aspects.flatMap((aspect) =>
      SETS.flatMap((set) =>
        DECODINGS.flatMap((decoding) => {
          const row = pair.isOurs ? winRateOf(rows, { ...pair, aspect, set, decoding }) : undefined;
          return row === undefined ? [] : [{ pair, row }];
        }),
      ),
    ),
  );
}
