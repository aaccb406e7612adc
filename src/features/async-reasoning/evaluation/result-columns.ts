/** The columns of the results, as in the paper's Table 1; table, picture and file are made of them. */
import type { EvaluationRow, MeanEstimate } from '@/protocol/evaluation.ts';
import type { PaperResult } from '@/protocol/paper-results.ts';
import { secondsText } from '../metric-rows.ts';

export type ResultKey = Exclude<
  keyof EvaluationRow,
  'configuration' | 'numItems' | 'numCorrect' | 'accuracy' | 'numUnread'
>;

export interface ResultColumn {
  readonly key: ResultKey;
  readonly label: string;
  /** '' for counts. */
  readonly unit: string;
  readonly meaning: string;
  /** The column's key in the paper's rows; null where the paper prints none. */
  readonly paper: Exclude<keyof PaperResult, 'benchmark' | 'setup'> | null;
}

export const RESULT_COLUMNS: readonly ResultColumn[] = [
  {
    key: 'timeToFirstTokenSeconds',
    label: 'TTFT',
    unit: 's',
    meaning: 'Time to first token: from Enter to the answer’s first token.',
    paper: 'timeToFirstTokenSeconds',
  },
  {
    key: 'totalDelaySeconds',
    label: 'Total delay',
    unit: 's',
    meaning: 'All silence in front of and within the answer, when it is read aloud.',
    paper: 'totalDelaySeconds',
  },
  {
    key: 'adjustedDelaySeconds',
    label: 'Adjusted delay',
    unit: 's',
    meaning: 'The same with each silence shortened by one second.',
    paper: 'adjustedDelaySeconds',
  },
  {
    key: 'stepsToFirstToken',
    label: 'Steps to first token',
    unit: '',
    meaning: 'Forwards from Enter to the answer’s first token. Unlike seconds, steps do not depend on the device.',
    paper: 'stepsToFirstToken',
  },
  {
    key: 'stepsDelay',
    label: 'Steps delay',
    unit: '',
    meaning: 'Steps in which the answer did not grow, up to its last token.',
    paper: 'stepsDelay',
  },
  {
    key: 'thinkerTokens',
    label: 'Tokens thought',
    unit: '',
    meaning: 'Tokens of the thoughts.',
    paper: null,
  },
  {
    key: 'writerTokens',
    label: 'Tokens written',
    unit: '',
    meaning: 'Tokens of the answer.',
    paper: null,
  },
];

/** 0.7 is 70.0 %, without the sign. */
export function percentText(share: number): string {
  return (share * 100).toFixed(1);
}

/** Percentage points of a difference, with a true minus sign. */
export function pointsText(difference: number): string {
  const text = Math.abs(difference * 100).toFixed(1);
  if (Number(text) === 0) return text;
  return `${difference < 0 ? '\u2212' : '+'}${text}`;
}

/** A mean in its column: seconds with three digits or so, counts with one decimal below a hundred. */
export function figureText(unit: string, value: number): string {
  if (unit === 's') return secondsText(value);
  return Number(value.toFixed(value < 100 ? 1 : 0)).toLocaleString('en');
}

/** The interval of a mean, or its one value. */
export function intervalText(unit: string, { low, high, count }: MeanEstimate): string {
  if (count < 2) return 'one value';
  return `${signed(unit, low)} to ${signed(unit, high)}`;
}

// A normal interval of a small mean may reach below zero.
function signed(unit: string, value: number): string {
  return value < 0 ? `\u2212${figureText(unit, -value)}` : figureText(unit, value);
}
