/** The picture of win rates as a list of marks, so that the page and the saved report draw the same one. */
import type { Contestant, WinRateRow } from '@/protocol/negotiation-evaluation.ts';
import { findPaperWinRate } from '@/protocol/negotiation-paper-evaluation.ts';
import type { PictureTable } from '@/ui/picture-table.tsx';
import { percentText } from './result-tables.ts';
import { ASPECT_NAMES, orderedWinRates, SET_NAMES } from './win-rates.ts';

export type PlotMark =
  | {
      readonly kind: 'line';
      readonly look: 'grid' | 'even' | 'group' | 'interval' | 'paper-sd';
      readonly from: readonly [x: number, y: number];
      readonly to: readonly [x: number, y: number];
    }
  | { readonly kind: 'shape'; readonly look: 'ours' | 'paper'; readonly x: number; readonly y: number }
  | {
      readonly kind: 'text';
      readonly look: 'name' | 'detail' | 'tick' | 'value';
      readonly x: number;
      readonly y: number;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly text: string;
    };

export interface Plot {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly PlotMark[];
}

/** By the look of a shape, around its point. */
export const SHAPES = { ours: 'M-5 -5h10v10h-10Z', paper: 'M0 -5.5L5.5 0L0 5.5L-5.5 0Z' } as const;

/** One comparison as the plot shows it. */
export interface PlotRow {
  readonly left: string;
  readonly right: string;
  readonly detail: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly counted: string;
  readonly paper: { readonly mean: number; readonly sd: number } | null;
}

/** Comparisons in which at least one pair counts. */
export function plotRows(winRates: readonly WinRateRow[], contestants: readonly Contestant[]): readonly PlotRow[] {
  return orderedWinRates(winRates, contestants).flatMap(({ pair, row }) => {
    const { aspect, set, decoding, wins, losses, winRate, interval } = row;
    if (winRate === null || interval === null) return [];
    const paper =
      pair.paper === null
        ? undefined
        : findPaperWinRate({ left: pair.paper[0], right: pair.paper[1], aspect, set, decoding });
    const kind = aspect === 'conflictResolution' ? ASPECT_NAMES[aspect] : `${ASPECT_NAMES[aspect]}, ${SET_NAMES[set]}`;
    return [
      {
        left: row.left,
        right: row.right,
        detail: `${kind}, ${decoding}`,
        value: winRate,
        ...interval,
        counted: `${wins} of ${wins + losses}`,
        paper: paper === undefined ? null : { mean: paper.mean, sd: paper.sd },
      },
    ];
  });
}

const LABELS = 270;
const VALUES = 118;
const WIDE = 640;
const TOP = 30;
const BOTTOM = 44;
const SHARES = [0, 0.25, 0.5, 0.75, 1];
/** On average, of the name's bold type. */
const CHARACTER = 8.2;
const AGAINST = ' against ';
export const ROW_HEIGHT = { wide: 40, narrow: 66 } as const;
export const PLOT_FRAME = TOP + BOTTOM;

/** Rows below each other, each with its interval around 50 %. Narrow, the names stand above their bars. */
export function winRatePlot(rows: readonly PlotRow[], width: number): Plot {
  const isWide = width >= WIDE;
  const left = isWide ? LABELS : 10;
  const right = Math.max(left + 1, width - (isWide ? VALUES : 10));
  const rowHeight = isWide ? ROW_HEIGHT.wide : ROW_HEIGHT.narrow;
  const bottom = TOP + rows.length * rowHeight;
  const toX = (share: number): number => left + Math.min(Math.max(share, 0), 1) * (right - left);
  const frame = SHARES.flatMap((share): readonly PlotMark[] => [
    {
      kind: 'line',
      look: share === 0.5 ? 'even' : 'grid',
      from: [toX(share), TOP],
      to: [toX(share), bottom],
    },
    text('tick', toX(share), bottom + 16, anchorOf(share, isWide), `${share * 100} %`),
  ]);
  const size = { left, right: width, isWide, toX };
  const marks = [
    ...frame,
    text('tick', toX(0.5), TOP - 12, 'middle', 'wins of the left one; 50 % is even'),
    ...rows.flatMap((row, index) => {
      const top = TOP + index * rowHeight;
      // A hairline where another pair begins.
      const isFirst = index > 0 && (rows[index - 1]?.left !== row.left || rows[index - 1]?.right !== row.right);
      const group: readonly PlotMark[] = isFirst
        ? [{ kind: 'line', look: 'group', from: [0, top], to: [width, top] }]
        : [];
      return [...group, ...rowMarks(row, top, size)];
    }),
    ...legendMarks(left, bottom + 34),
  ];
  return { width, height: TOP + rows.length * rowHeight + BOTTOM, marks };
}

function anchorOf(share: number, isWide: boolean): 'start' | 'middle' | 'end' {
  if (isWide || (share > 0 && share < 1)) return 'middle';
  return share === 0 ? 'start' : 'end';
}

interface RowSize {
  readonly left: number;
  readonly right: number;
  readonly isWide: boolean;
  readonly toX: (share: number) => number;
}

function rowMarks(row: PlotRow, top: number, { left, right, isWide, toX }: RowSize): readonly PlotMark[] {
  const y = top + (isWide ? 20 : 50);
  const value = `${percentText(row.value)}, ${row.counted}`;
  const marks: PlotMark[] = isWide
    ? [
        text('name', 0, y - 3, 'start', shortName(row, left - 12)),
        text('detail', 0, y + 13, 'start', row.detail),
        text('value', right, y + 4, 'end', value),
      ]
    : [
        text('name', left, top + 16, 'start', shortName(row, right - left - 10)),
        text('detail', left, top + 32, 'start', row.detail),
        text('value', right - 10, top + 32, 'end', value),
      ];
  if (row.paper !== null) {
    const { mean, sd } = row.paper;
    const below = y + 9;
    marks.push({ kind: 'line', look: 'paper-sd', from: [toX(mean - sd), below], to: [toX(mean + sd), below] });
    marks.push({ kind: 'shape', look: 'paper', x: toX(mean), y: below });
  }
  const above = row.paper === null ? y : y - 5;
  marks.push({ kind: 'line', look: 'interval', from: [toX(row.low), above], to: [toX(row.high), above] });
  marks.push({ kind: 'shape', look: 'ours', x: toX(row.value), y: above });
  return marks;
}

function legendMarks(left: number, y: number): readonly PlotMark[] {
  return [
    { kind: 'shape', look: 'ours', x: left + 6, y: y - 4 },
    text('tick', left + 18, y, 'start', 'ours, 95 % interval'),
    { kind: 'shape', look: 'paper', x: left + 156, y: y - 4 },
    text('tick', left + 168, y, 'start', 'paper, \u00B1 SD of 3 runs'),
  ];
}

function text(
  look: Extract<PlotMark, { kind: 'text' }>['look'],
  x: number,
  y: number,
  anchor: 'start' | 'middle' | 'end',
  content: string,
): PlotMark {
  return { kind: 'text', look, x, y, anchor, text: content };
}

/** Both names, each cut where the two are too long together. */
function shortName({ left, right }: PlotRow, width: number): string {
  const most = Math.max(8, Math.floor(width / CHARACTER) - AGAINST.length);
  if (left.length + right.length <= most) return `${left}${AGAINST}${right}`;
  const half = Math.floor(most / 2);
  // What the shorter one leaves is the longer one's.
  const ofLeft = Math.max(half, most - right.length);
  const ofRight = Math.max(half, most - left.length);
  return `${cut(left, ofLeft)}${AGAINST}${cut(right, ofRight)}`;
}

function cut(name: string, length: number): string {
  return name.length <= length ? name : `${name.slice(0, length - 1).trimEnd()}…`;
}

/** The same in numbers. */
export function plotTable(rows: readonly PlotRow[]): PictureTable {
  const round = (share: number): number => Number((share * 100).toFixed(1));
  return {
    columns: ['left', 'right', 'of', 'win rate, %', 'low, %', 'high, %', 'won', 'paper, %', 'paper SD'],
    rows: rows.map(({ left, right, detail, value, low, high, counted, paper }) => [
      left,
      right,
      detail,
      round(value),
      round(low),
      round(high),
      counted,
      paper === null ? '–' : round(paper.mean),
      paper === null ? '–' : round(paper.sd),
    ]),
  };
}

/** What the picture says, for those who do not see it. */
export function plotAlternative(rows: readonly PlotRow[]): string {
  const parts = rows.map(
    ({ left, right, detail, value, low, high }) =>
      `${left}${AGAINST}${right}, ${detail}: ${percentText(value)} (${percentText(low)} to ${percentText(high)})`,
  );
  return `Win rates of the left one. ${parts.join('; ')}.`;
}
