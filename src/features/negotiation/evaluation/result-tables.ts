/** Results as tables of texts, the paper's cells marked as theirs; the page and the saved report draw the same ones. */
import { wilsonInterval } from '@/lib/proportions.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import type {
  Contestant,
  ContestantRow,
  ContestSet,
  Decoding,
  NegotiationEvaluationSummary,
  Repeated,
  WinRateRow,
} from '@/protocol/negotiation-evaluation.ts';
import {
  findPaperWinRate,
  PAPER_ABILITY,
  PAPER_ROUNDS,
  type PaperContestant,
} from '@/protocol/negotiation-paper-evaluation.ts';
import type { PairwiseAspect } from '@/protocol/negotiation-prompts.ts';
import { contestPairs, DECODINGS, SET_NAMES, SETS, winRateOf, type ContestPair } from './win-rates.ts';

export interface ResultCell {
  readonly text: string;
  /** Below it, smaller. */
  readonly detail: string;
  readonly isPaper: boolean;
}

export interface ResultRow {
  readonly head: string;
  readonly headDetail: string;
  readonly cells: readonly ResultCell[];
  /** All of it is the paper's. */
  readonly isPaper: boolean;
}

export interface ResultTable {
  readonly id: string;
  readonly title: string;
  /** One sentence on what is read from it. */
  readonly gloss: string;
  /** The first one is that of the rows' heads. */
  readonly columns: readonly { readonly label: string; readonly isPaper: boolean }[];
  readonly rows: readonly ResultRow[];
}

export interface ResultsOf {
  readonly contestants: readonly Contestant[];
  readonly summary: NegotiationEvaluationSummary;
}

const NONE = '–';
/** Keeps a number and its unit in one line. */
const NBSP = '\u00A0';

const ours = (text: string, detail = ''): ResultCell => ({ text, detail, isPaper: false });
const theirs = (text: string, detail = ''): ResultCell => ({ text, detail, isPaper: true });

/** 0.625 is 62.5 %. */
export function percentText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function rangeText(low: number, high: number): string {
  return `${(low * 100).toFixed(0)} to ${(high * 100).toFixed(0)} %`.replaceAll(' ', NBSP);
}

/** Paper's Table 2. */
export function alignmentTable({ contestants, summary }: ResultsOf): ResultTable {
  const rows = contestPairs(contestants).flatMap((pair) =>
    SETS.flatMap((set) => {
      const cells = winRateCells(summary.winRates, pair, 'caAlignment', set);
      return isShown(summary.winRates, pair, 'caAlignment', set) ? [rowOf(pair, cells, SET_NAMES[set])] : [];
    }),
  );
  return withoutEmptyColumns({
    id: 'alignment',
    title: 'CA alignment',
    gloss: 'How often the left one’s answer serves Collective Agency better. Table 2 of the paper.',
    columns: [{ label: 'Left against right', isPaper: false }, ...pairedColumns(['Greedy', 'Sampling'])],
    rows,
  });
}

/** Paper's Table 3. */
export function resolutionTable({ contestants, summary }: ResultsOf): ResultTable {
  const rows = contestPairs(contestants).flatMap((pair) => {
    const rates = winRateCells(summary.winRates, pair, 'conflictResolution', 'conflict');
    const rounds = DECODINGS.flatMap((decoding) => roundsCells(summary.contestants, pair, decoding));
    const isThere = isShown(summary.winRates, pair, 'conflictResolution', 'conflict');
    return isThere ? [rowOf(pair, [...rates, ...rounds], '')] : [];
  });
  return withoutEmptyColumns({
    id: 'resolution',
    title: 'Conflict resolution and rounds',
    gloss: 'How often the left one resolves the conflict better, and turns until agreement, left / right. Table 3.',
    columns: [
      { label: 'Left against right', isPaper: false },
      ...pairedColumns(['Greedy', 'Sampling', 'Rounds, greedy', 'Rounds, sampling']),
    ],
    rows,
  });
}

/** A comparison that the paper has not is shown where ours has it. */
function isShown(winRates: readonly WinRateRow[], pair: ContestPair, aspect: PairwiseAspect, set: ContestSet): boolean {
  if (pair.paper !== null) return true;
  return DECODINGS.some((decoding) => winRateOf(winRates, { ...pair, aspect, set, decoding }) !== undefined);
}

function pairedColumns(labels: readonly string[]): ResultTable['columns'] {
  return labels.flatMap((label) => [
    { label, isPaper: false },
    { label, isPaper: true },
  ]);
}

/** Without columns in which nothing stands. */
function withoutEmptyColumns(table: ResultTable): ResultTable {
  const isFull = (index: number): boolean =>
    index < 0 || table.rows.some(({ cells }) => cells[index]?.text !== NONE || cells[index].detail !== '');
  return {
    ...table,
    columns: table.columns.filter((_, index) => isFull(index - 1)),
    rows: table.rows.map((row) => ({ ...row, cells: row.cells.filter((_, index) => isFull(index)) })),
  };
}

function rowOf(pair: ContestPair, cells: readonly ResultCell[], detail: string): ResultRow {
  const { left, right, isOurs } = pair;
  return { head: `${left} against ${right}`, headDetail: detail, cells, isPaper: !isOurs };
}

/** Ours and theirs, greedy and sampling. */
function winRateCells(
  winRates: readonly WinRateRow[],
  pair: ContestPair,
  aspect: PairwiseAspect,
  set: ContestSet,
): readonly ResultCell[] {
  return DECODINGS.flatMap((decoding) => {
    const row = pair.isOurs ? winRateOf(winRates, { ...pair, aspect, set, decoding }) : undefined;
    const paper =
      pair.paper === null
        ? undefined
        : findPaperWinRate({ left: pair.paper[0], right: pair.paper[1], aspect, set, decoding });
    return [
      winRateCell(row),
      paper === undefined ? theirs(NONE) : theirs(percentText(paper.mean), `± ${(paper.sd * 100).toFixed(1)}`),
    ];
  });
}

function winRateCell(row: WinRateRow | undefined): ResultCell {
  if (row === undefined) return ours(NONE);
  const { wins, losses, winRate, interval, perRepetition, inconsistent, unreadable } = row;
  if (winRate === null || interval === null)
    return ours(NONE, inconsistent + unreadable === 0 ? '' : `none of ${inconsistent + unreadable} counts`);
  const parts = [
    `${wins} of ${wins + losses}`,
    rangeText(interval.low, interval.high),
    perRepetition === null ? '' : repeatedDetail(perRepetition, 100),
  ];
  return ours(percentText(winRate), parts.filter(Boolean).join('; '));
}

function repeatedDetail({ sd, count }: Repeated, scale: number): string {
  return sd === null ? '' : `±${NBSP}${(sd * scale).toFixed(scale === 1 ? 2 : 1)} over ${count}${NBSP}runs`;
}

function roundsCells(rows: readonly ContestantRow[], pair: ContestPair, decoding: Decoding): readonly ResultCell[] {
  const meanOf = (name: string): string => {
    const row = rows.find((one) => one.contestant === name && one.set === 'conflict' && one.decoding === decoding);
    return row?.rounds?.mean.toFixed(2) ?? NONE;
  };
  const [left, right] = pair.isOurs ? [meanOf(pair.left), meanOf(pair.right)] : [NONE, NONE];
  const own = left === NONE && right === NONE ? ours(NONE) : ours(`${left} / ${right}`);
  if (pair.paper === null) return [own, theirs(NONE)];
  const paperOf = (role: PaperContestant): string => PAPER_ROUNDS[role][decoding].toFixed(2);
  return [own, theirs(`${paperOf(pair.paper[0])} / ${paperOf(pair.paper[1])}`)];
}

/** Paper's Table 4: what the base can, and what is left of it. */
export function abilityTable({ contestants, summary }: ResultsOf): ResultTable {
  const base = contestants.find(({ adapterId }) => adapterId === null)?.name;
  const aligned = contestants.filter(({ adapterId }) => adapterId !== null);
  const own = [
    ...[...new Set(summary.ability.map(({ set }) => set))].flatMap((set) =>
      abilityRows(BUILT_IN_SET_FACTS[set].label, base, aligned, (name) => {
        const row = summary.ability.find((one) => one.set === set && one.contestant === name);
        return row === undefined || row.count === 0
          ? undefined
          : { value: row.correct / row.count, text: percentText(row.correct / row.count), detail: shareDetail(row) };
      }),
    ),
    ...(summary.perplexity.length === 0
      ? []
      : abilityRows('Perplexity of the text, lower is better', base, aligned, (name) => {
          const row = summary.perplexity.find((one) => one.contestant === name);
          return row === undefined
            ? undefined
            : { value: row.perplexity, text: row.perplexity.toFixed(2), detail: `${row.numTokens} tokens` };
        })),
  ];
  const paper = PAPER_ABILITY.map(({ set, base: before, aligned: after }): ResultRow => ({
    head: set,
    headDetail: '',
    cells: [theirs(percentText(before)), theirs(percentText(after)), theirs(pointsText(after - before))],
    isPaper: true,
  }));
  return {
    id: 'ability',
    title: 'General ability',
    gloss:
      'What an adapter costs elsewhere. The paper’s sets (Table 4) are others than ours: only the change compares.',
    columns: ['Set', 'Base', 'Aligned', 'Change'].map((label) => ({ label, isPaper: false })),
    rows: [...own, ...paper],
  };
}

interface Measured {
  readonly value: number;
  readonly text: string;
  readonly detail: string;
}

function abilityRows(
  label: string,
  base: string | undefined,
  aligned: readonly Contestant[],
  measured: (name: string) => Measured | undefined,
): readonly ResultRow[] {
  const before = base === undefined ? undefined : measured(base);
  const cellOf = (found: Measured | undefined): ResultCell =>
    found === undefined ? ours(NONE) : ours(found.text, found.detail);
  if (aligned.length === 0)
    return [{ head: label, headDetail: '', cells: [cellOf(before), ours(NONE), ours(NONE)], isPaper: false }];
  return aligned.map(({ name }) => {
    const after = measured(name);
    return {
      head: label,
      headDetail: name,
      cells: [cellOf(before), cellOf(after), ours(changeText(before, after))],
      isPaper: false,
    };
  });
}

function changeText(before: Measured | undefined, after: Measured | undefined): string {
  if (before === undefined || after === undefined) return NONE;
  const change = after.value - before.value;
  return before.text.endsWith('%') ? pointsText(change) : signed(change, 2);
}

function pointsText(change: number): string {
  return `${signed(change * 100, 1)} points`;
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}

function shareDetail({ correct, count }: { readonly correct: number; readonly count: number }): string {
  const { low, high } = wilsonInterval(correct, count);
  return `${correct} of ${count}; ${rangeText(low, high)}`;
}

/** What each did by itself. */
export function contestantsTable({ summary }: ResultsOf): ResultTable {
  return {
    id: 'contestants',
    title: 'Each by itself',
    gloss: 'Mean CA is the judge’s score of the answers, 0 to 5; rounds are turns of the dialogues that agreed.',
    columns: ['Who', 'Answers', 'Mean CA', 'Agreed', 'Rounds', 'Not read'].map((label) => ({
      label,
      isPaper: false,
    })),
    rows: summary.contestants.map((row) => ({
      head: row.contestant,
      headDetail: `${SET_NAMES[row.set]}, ${row.decoding}`,
      cells: [
        ours(String(row.count)),
        repeatedCell(row.meanScore),
        row.agreement === null
          ? ours(NONE)
          : ours(percentText(row.agreement.value), rangeText(row.agreement.interval.low, row.agreement.interval.high)),
        repeatedCell(row.rounds),
        ours(String(row.unreadable)),
      ],
      isPaper: false,
    })),
  };
}

function repeatedCell(value: Repeated | null): ResultCell {
  return value === null ? ours(NONE) : ours(value.mean.toFixed(2), repeatedDetail(value, 1));
}

/** What was dropped, and how far the rest may be trusted; empty while nothing was compared. */
export function winRateNotes(winRates: readonly WinRateRow[]): readonly string[] {
  const sum = (of: (row: WinRateRow) => number): number => winRates.reduce((total, row) => total + of(row), 0);
  const inconsistent = sum((row) => row.inconsistent);
  const unreadable = sum((row) => row.unreadable);
  const counted = sum(({ wins, losses }) => wins + losses);
  const total = counted + inconsistent + unreadable;
  if (total === 0) return [];
  const dropped = droppedNote(total, inconsistent, unreadable);
  const sizes = winRates.map(({ wins, losses }) => wins + losses).filter((size) => size > 0);
  return sizes.length === 0 ? [dropped] : [dropped, sizeNote(Math.min(...sizes))];
}

function droppedNote(total: number, inconsistent: number, unreadable: number): string {
  const reasons = [
    inconsistent > 0 && `in ${inconsistent} the judge chose the same place in both orders, so the place decided`,
    unreadable > 0 && `${unreadable} could not be read`,
  ].filter((reason) => reason !== false);
  return reasons.length === 0
    ? `All ${total} comparisons count: the judge chose the same answer in both orders.`
    : `Dropped: ${inconsistent + unreadable} of ${total} comparisons; ${reasons.join(', ')}.`;
}

function sizeNote(size: number): string {
  const { low, high } = wilsonInterval(Math.ceil(size / 2), size);
  const example = `${Math.ceil(size / 2)} of ${size} won may mean anything from ${rangeText(low, high)}`;
  return size < 30
    ? `With n = ${size} an interval is wide: ${example}. More dilemmas, or repetitions, make it narrower.`
    : `With n = ${size}, ${example}.`;
}
