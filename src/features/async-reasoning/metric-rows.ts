/** The comparison's figures as rows, with units and meanings; the table, the chart and the file are made of them. */
import type { DelayMetrics, KnownMetrics, OtherRun } from '@/protocol/comparison.ts';

export interface MetricRow {
  readonly key: keyof DelayMetrics;
  readonly label: string;
  /** '' for counts. */
  readonly unit: string;
  readonly meaning: string;
  readonly value: (metrics: KnownMetrics) => number | null;
  /** Whether less is better; of other rows no value is marked. */
  readonly isCost: boolean;
  /** Whether it says nothing about a run that did not come to its answer's end. */
  readonly needsEnd: boolean;
}

const seconds = (milliseconds: number | null): number | null => (milliseconds === null ? null : milliseconds / 1000);

/** @param speakingRate  characters per second with which delays were reckoned */
export function metricRows(speakingRate: number): readonly MetricRow[] {
  const aloud = `read aloud at ${speakingRate} characters/s`;
  const cost = { isCost: true, needsEnd: false };
  const wholeCost = { isCost: true, needsEnd: true };
  const count = { unit: '', isCost: false, needsEnd: false };
  return [
    {
      key: 'timeToFirstTokenMs',
      label: 'First token',
      unit: 's',
      meaning: 'From Enter to the answer’s first token.',
      value: ({ timeToFirstTokenMs }) => seconds(timeToFirstTokenMs),
      ...cost,
    },
    {
      key: 'timeToFirstSentenceMs',
      label: 'First sentence',
      unit: 's',
      meaning: 'From Enter to the end of the answer’s first sentence.',
      value: ({ timeToFirstSentenceMs }) => seconds(timeToFirstSentenceMs),
      ...cost,
    },
    {
      key: 'timeToFirstSpeechMs',
      label: 'First speech',
      unit: 's',
      meaning: 'From Enter to the first sound, when the answer is read aloud.',
      value: ({ timeToFirstSpeechMs }) => seconds(timeToFirstSpeechMs),
      ...cost,
    },
    {
      key: 'totalMs',
      label: 'Total',
      unit: 's',
      meaning: 'From Enter to the end of the run.',
      value: ({ totalMs }) => seconds(totalMs),
      ...wholeCost,
    },
    {
      key: 'totalDelaySeconds',
      label: 'Total delay',
      unit: 's',
      meaning: `All silence in front of and within the answer, ${aloud}.`,
      value: ({ totalDelaySeconds }) => totalDelaySeconds,
      ...wholeCost,
    },
    {
      key: 'adjustedDelaySeconds',
      label: 'Adjusted delay',
      unit: 's',
      meaning: `The same with each silence shortened by one second, ${aloud}.`,
      value: ({ adjustedDelaySeconds }) => adjustedDelaySeconds,
      ...wholeCost,
    },
    {
      key: 'steps',
      label: 'Steps',
      unit: '',
      meaning: 'From Enter to the end of the run; unlike seconds they do not depend on the device.',
      value: ({ steps }) => steps,
      ...wholeCost,
    },
    {
      key: 'stepsToFirstToken',
      label: 'Steps to first token',
      unit: '',
      meaning: 'From Enter to the answer’s first token.',
      value: ({ stepsToFirstToken }) => stepsToFirstToken,
      ...cost,
    },
    {
      key: 'stepsDelay',
      label: 'Steps without writing',
      unit: '',
      meaning: 'Steps in which the answer did not grow, up to its last token.',
      value: ({ stepsDelay }) => stepsDelay,
      ...wholeCost,
    },
    {
      key: 'thinkerTokens',
      label: 'Tokens thought',
      meaning: 'Tokens of the thoughts.',
      value: ({ thinkerTokens }) => thinkerTokens,
      ...count,
    },
    {
      key: 'writerTokens',
      label: 'Tokens written',
      meaning: 'Tokens of the answer.',
      value: ({ writerTokens }) => writerTokens,
      ...count,
    },
  ];
}

/** timeToFirstTokenMs is given in seconds like all times: time_to_first_token_seconds. */
export function columnName(key: string, unit: string): string {
  const name = key.replace(/Ms$|Seconds$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return unit === 's' ? `${name}_seconds` : name;
}

/** A run of the engine has all figures, one of another model those that are known. */
type MeasuredRun = Pick<OtherRun, 'stop' | 'metrics'>;

/** The least value of a row of costs among at least two runs; null where none is best. */
export function bestValue(row: MetricRow, runs: readonly (MeasuredRun | null)[]): number | null {
  if (!row.isCost) return null;
  const values = runs.flatMap((run) => {
    if (run === null || (row.needsEnd && run.stop !== 'writer_eos')) return [];
    const value = row.value(run.metrics);
    return value === null ? [] : [value];
  });
  return values.length < 2 ? null : Math.min(...values);
}

/** Whether a run's value is the row's best. */
export function isBest(row: MetricRow, run: MeasuredRun, best: number | null): boolean {
  if (row.needsEnd && run.stop !== 'writer_eos') return false;
  return best !== null && row.value(run.metrics) === best;
}

/** Two digits below ten, none above a hundred; counts as they are. */
export function valueText(row: MetricRow, value: number | null): string {
  if (value === null) return '–';
  if (row.unit === '') return String(value);
  return secondsText(value);
}

export function secondsText(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}
