import './training-charts.css';
import { useDeferredValue, useId, useMemo, useState, type ReactElement } from 'react';
import { csvText } from '@/lib/write-csv.ts';
import type { TrainingStepSummary } from '@/protocol/negotiation-training.ts';
import { METRIC_GROUPS, METRICS, type Metric, type MetricGroup } from '@/state/training-metrics.ts';
import { hasCollapsed, linesOfRuns, rangeOf, stepsPerPoint, type StepRange } from '@/state/training-points.ts';
import { saveText } from '@/ui/save-file.ts';
import { ChartControls, type ChartView } from './chart-controls.tsx';
import type { ChartOptions } from './chart-data.ts';
import { LineSample } from './line-sample.tsx';
import { MetricChart } from './metric-chart.tsx';
import { MetricTable } from './metric-table.tsx';
import { MAX_RUNS, runStyle } from './run-styles.ts';

export interface TrainingChartRun {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly TrainingStepSummary[];
}

interface TrainingChartsProps {
  /** The first six are shown. */
  readonly runs: readonly TrainingChartRun[];
}

const GROUPS = Object.keys(METRIC_GROUPS) as readonly MetricGroup[];
/** What one looks at first; the others are a click away. */
const MAIN_GROUPS: readonly MetricGroup[] = ['outcome', 'signal', 'policy', 'update'];

/** All numbers of one run, or of several runs over each other, as small charts or as tables. */
export function TrainingCharts({ runs: given }: TrainingChartsProps): ReactElement {
  const runs = useMemo(() => given.slice(0, MAX_RUNS), [given]);
  const range = useMemo(() => rangeOf(runs), [runs]);
  const [smoothing, setSmoothing] = useState(() => firstSmoothing(range));
  const [isLog, setIsLog] = useState(false);
  const [view, setView] = useState<ChartView>('charts');
  const [open, setOpen] = useState<readonly MetricGroup[]>(MAIN_GROUPS);
  // The slider moves at once, the charts when they can.
  const drawnSmoothing = useDeferredValue(smoothing);
  const options = useMemo(() => ({ range, smoothing: drawnSmoothing, isLog }), [range, drawnSmoothing, isLog]);
  if (runs.length === 0)
    return (
      <p className="training-charts__note">
        No run to draw yet. Start a training, or mark up to {MAX_RUNS} runs in the table of runs.
      </p>
    );
  return (
    <div className="training-charts">
      <ChartControls
        smoothing={smoothing}
        onSmoothing={setSmoothing}
        isLog={isLog}
        onLog={setIsLog}
        view={view}
        onView={setView}
        areAllOpen={open.length === GROUPS.length}
        onAllOpen={(areOpen) => setOpen(areOpen ? GROUPS : MAIN_GROUPS)}
        onCsv={() => saveText('duet-training.csv', 'text/csv', csvText(linesOfRuns(runs)))}
      />
      <Legend runs={given} options={options} view={view} />
      <CollapseNote runs={runs} />
      {/* Without a step all charts would say the same. */}
      {(range === null ? GROUPS.slice(0, 1) : GROUPS).map((group) => (
        <ChartGroup
          key={group}
          group={group}
          runs={runs}
          options={options}
          view={view}
          isOpen={open.includes(group)}
          onToggle={() => setOpen(open.includes(group) ? open.filter((other) => other !== group) : [...open, group])}
        />
      ))}
    </div>
  );
}

/** Long runs have more points than can be seen one by one. */
function firstSmoothing(range: StepRange | null): number {
  const span = range === null ? 0 : range.last - range.first;
  if (span > 1000) return 0.98;
  return span > 200 ? 0.9 : 0.6;
}

interface ChartGroupProps {
  readonly group: MetricGroup;
  readonly runs: readonly TrainingChartRun[];
  readonly options: ChartOptions;
  readonly view: ChartView;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function ChartGroup({ group, runs, options, view, isOpen, onToggle }: ChartGroupProps): ReactElement {
  const bodyId = useId();
  const metrics = METRICS.filter((metric) => metric.group === group);
  return (
    <section className="chart-group" aria-label={METRIC_GROUPS[group]}>
      <h3>
        <button type="button" aria-expanded={isOpen} aria-controls={bodyId} onClick={onToggle}>
          <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
            <polyline points="5,3 11,8 5,13" fill="none" stroke="currentColor" strokeWidth="2" />
          </svg>
          {METRIC_GROUPS[group]}
          {!isOpen && <span className="chart-group__gloss">{titlesOf(metrics)}</span>}
        </button>
      </h3>
      <div id={bodyId} hidden={!isOpen}>
        {isOpen && view === 'table' && <MetricTable caption={METRIC_GROUPS[group]} metrics={metrics} runs={runs} />}
        {isOpen && view === 'charts' && (
          <div className="chart-group__charts">
            {metrics.map((metric) => (
              <MetricChart key={metric.id} metric={metric} runs={runs} options={options} syncId="training-charts" />
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

function titlesOf(metrics: readonly Metric[]): string {
  return metrics.map(({ title }, index) => (index === 0 ? title : title.toLowerCase())).join(', ');
}

interface LegendProps {
  readonly runs: readonly TrainingChartRun[];
  readonly options: ChartOptions;
  readonly view: ChartView;
}

/** Which line is which run, and what was done to the values. */
function Legend({ runs, options: { range, smoothing }, view }: LegendProps): ReactElement {
  const shown = runs.slice(0, MAX_RUNS);
  const perPoint = range === null ? 1 : stepsPerPoint(range);
  const notes = [
    ...(runs.length > MAX_RUNS ? [`The first ${MAX_RUNS} of ${runs.length} runs are shown.`] : []),
    ...(view === 'charts' && smoothing > 0 && range !== null
      ? ['Bold lines are running averages, faint ones and all numbers are as measured.']
      : []),
    ...(view === 'charts' && perPoint > 1 ? [`A point is the mean of ${perPoint} steps.`] : []),
  ];
  return (
    <div className="chart-legend">
      {shown.length > 1 && (
        <ul aria-label="Runs">
          {shown.map(({ id, name }, index) => (
            <li key={id} style={{ color: runStyle(index).color }}>
              <LineSample index={index} />
              <b>{runStyle(index).letter}</b>
              <span className="chart-legend__name" dir="auto" title={name}>
                {name}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="training-charts__note">{notes.join(' ')}</p>
    </div>
  );
}

function CollapseNote({ runs }: { readonly runs: readonly TrainingChartRun[] }): ReactElement | null {
  const names = runs.filter(({ steps }) => hasCollapsed(steps)).map(({ name }) => `\u201C${name}\u201D`);
  if (names.length === 0) return null;
  return (
    <p className="training-charts__warning" role="status">
      In {names.join(', ')} the rewards of a group have hardly differed for ten steps in a row (spread below a tenth of
      that of the first ten). There is little left to learn from: try other dilemmas, a higher temperature, or an
      earlier checkpoint.
    </p>
  );
}
