/** What a chart draws of its metric. */
import type { Metric, MetricSeries, SeriesTone } from '@/state/training-metrics.ts';
import {
  pointsOf,
  positive,
  smoothed,
  thinned,
  type Point,
  type StepNumbers,
  type StepRange,
} from '@/state/training-points.ts';
import type { LineEnds } from './metric-texts.ts';
import { runStyle } from './run-styles.ts';
import { valueAxis, type ValueAxis } from './value-axis.ts';

export interface ChartRun {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly StepNumbers[];
}

export interface ChartOptions {
  /** Null while there is no step. */
  readonly range: StepRange | null;
  /** 0 to 0.99. */
  readonly smoothing: number;
  readonly isLog: boolean;
}

export interface PlotLine {
  /** Of the rows' smoothed values. */
  readonly key: string;
  /** Of the rows' values as they were measured. */
  readonly measuredKey: string;
  /** At its end, and in front of its number. */
  readonly label: string;
  readonly name: string;
  readonly color: string;
  readonly dash: string;
  /** One of the areas that lie on top of each other. */
  readonly isStacked: boolean;
  readonly ends: LineEnds;
}

export type PlotRow = Readonly<Record<string, number>> & { readonly step: number };

export interface Plot {
  readonly lines: readonly PlotLine[];
  /** One per step that is shown, the same in all charts. A line lacks the values that are not known. */
  readonly rows: readonly PlotRow[];
  readonly axis: ValueAxis;
  readonly hasMeasured: boolean;
}

interface Source {
  readonly run: ChartRun;
  readonly series: MetricSeries;
  readonly label: string;
  readonly name: string;
  readonly color: string;
  readonly dash: string;
  readonly isStacked: boolean;
}

const DASHES: Readonly<Record<MetricSeries['line'], string>> = {
  solid: '',
  dashed: '5 3',
  dashDot: '7 3 1.5 3',
  dotted: '1.5 2.5',
};

const TONES: Readonly<Record<SeriesTone, string>> = {
  main: 'var(--chart-main)',
  soft: 'var(--ink-faint)',
  down: 'var(--gain-down)',
  up: 'var(--gain-up)',
  part1: 'var(--actor-agent1)',
  part2: 'var(--actor-judge)',
  part3: 'var(--actor-probe)',
  part4: 'var(--actor-thinker)',
  part5: 'var(--actor-user)',
};

/** Of one run all series, of several runs one line each. Null where nothing is known. */
export function plotOf(metric: Metric, runs: readonly ChartRun[], options: ChartOptions): Plot | null {
  const { range, smoothing } = options;
  const isLog = options.isLog && metric.hasLogScale;
  if (range === null) return null;
  const drawn = sourcesOf(metric, runs).flatMap((source, index) => {
    const all = pointsOf(source.run.steps, source.series.keys);
    const points = isLog ? positive(all) : all;
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return [];
    const line: PlotLine = {
      ...source,
      key: `line${index}`,
      measuredKey: `measured${index}`,
      ends: { name: source.name, first: first.value, last: last.value },
    };
    return [{ line, measured: thinned(points, range), points: thinned(smoothed(points, smoothing), range) }];
  });
  if (drawn.length === 0) return null;
  const rows = rowsOf(drawn, stepsOf(runs, range));
  const values = drawn.flatMap(({ line, points, measured }) =>
    line.isStacked ? [] : (smoothing > 0 ? [...points, ...measured] : points).map(({ value }) => value),
  );
  const stackKeys = drawn.flatMap(({ line }) => (line.isStacked ? [line.key] : []));
  const sums =
    stackKeys.length === 0 ? [] : rows.map((row) => stackKeys.reduce((sum, key) => sum + (row[key] ?? 0), 0));
  return {
    lines: drawn.map(({ line }) => line),
    rows,
    axis: valueAxis([...values, ...sums, ...(stackKeys.length === 0 ? [] : [0])], { range: metric.range, isLog }),
    hasMeasured: smoothing > 0,
  };
}

function sourcesOf(metric: Metric, runs: readonly ChartRun[]): readonly Source[] {
  const [only, ...others] = runs;
  if (only !== undefined && others.length === 0) {
    const sourceOf = (series: MetricSeries, isStacked: boolean): Source => ({
      run: only,
      series,
      label: series.label,
      name: series.label,
      color: TONES[series.tone],
      dash: DASHES[series.line],
      isStacked,
    });
    return [
      ...metric.stack.map((series) => sourceOf(series, true)),
      ...metric.series.map((series) => sourceOf(series, false)),
    ];
  }
  const series = mainSeries(metric, runs);
  return runs.map((run, index) => {
    const { letter, color, dash } = runStyle(index);
    return { run, series, label: letter, name: run.name, color, dash, isStacked: false };
  });
}

/** The first series that some run knows. */
export function mainSeries({ series }: Metric, runs: readonly ChartRun[]): MetricSeries {
  const isKnown = ({ keys }: MetricSeries): boolean => runs.some(({ steps }) => pointsOf(steps, keys).length > 0);
  const [first] = series;
  if (first === undefined) throw new Error('A metric has at least one series.');
  return series.find(isKnown) ?? first;
}

/** All steps that any run has, thinned. */
function stepsOf(runs: readonly ChartRun[], range: StepRange): readonly number[] {
  const steps = new Set(
    runs.flatMap((run) =>
      thinned(
        run.steps.map(({ step }) => ({ step, value: 0 })),
        range,
      ).map(({ step }) => step),
    ),
  );
  return [...steps].toSorted((a, b) => a - b);
}

interface Drawn {
  readonly line: PlotLine;
  readonly points: readonly Point[];
  readonly measured: readonly Point[];
}

function rowsOf(drawn: readonly Drawn[], steps: readonly number[]): readonly PlotRow[] {
  const rows = new Map<number, Record<string, number> & { step: number }>(steps.map((step) => [step, { step }]));
  for (const { line, points, measured } of drawn) {
    for (const { step, value } of points) {
      const row = rows.get(step);
      if (row !== undefined) row[line.key] = value;
    }
    for (const { step, value } of measured) {
      const row = rows.get(step);
      if (row !== undefined) row[line.measuredKey] = value;
    }
  }
  return [...rows.values()];
}
