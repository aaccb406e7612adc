import { Button, Tooltip } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { lazy, memo, Suspense, useMemo, useRef, useState, type CSSProperties, type ReactElement } from 'react';
import type { Metric } from '@/state/training-metrics.ts';
import { svgText } from '@/ui/export-picture.ts';
import { saveText } from '@/ui/save-file.ts';
import { mainSeries, plotOf, type ChartOptions, type ChartRun, type Plot } from './chart-data.ts';
import { chartLabel } from './metric-texts.ts';

// The chart library is large and needed only here. Where it cannot be fetched, the table says the same.
const MetricPlot = lazy(() =>
  import('./metric-plot.tsx').then(
    (module) => ({ default: module.MetricPlot }),
    () => ({ default: MissingPlot }),
  ),
);

interface MetricChartProps {
  readonly metric: Metric;
  readonly runs: readonly ChartRun[];
  readonly options: ChartOptions;
  readonly syncId: string;
}

const HEIGHT = 158;
const NEAR = '300px 0px';

/** One metric over the steps, with its numbers above it. */
export const MetricChart = memo(function MetricChart({
  metric,
  runs,
  options,
  syncId,
}: MetricChartProps): ReactElement {
  const plot = useMemo(() => plotOf(metric, runs, options), [metric, runs, options]);
  const area = useRef<HTMLDivElement>(null);
  // Drawn only near what is on the screen: the pointer in common is slow with very many charts.
  const { ref: nearRef, entry } = useIntersection({ rootMargin: NEAR });
  const [readout, setReadout] = useState<HTMLElement | null>(null);
  const label =
    plot === null
      ? ''
      : chartLabel(
          metric,
          plot.rows.length,
          plot.lines.map(({ ends }) => ends),
        );
  const names = runs.length > 1 ? (plot?.lines.map(({ label: letter, name }) => `${letter}: ${name}`) ?? []) : [];
  const save = (): void => {
    const svg = area.current?.querySelector('svg');
    if (svg === null || svg === undefined) return;
    const background = getComputedStyle(svg).getPropertyValue('--surface');
    const description = [label, ...names].join(' ');
    saveText(
      `duet-training-${metric.id}.svg`,
      'image/svg+xml',
      svgText(svg, { title: metric.title, description, background }),
    );
  };
  return (
    <figure className="metric-chart" data-lesson={`chart-${metric.id}`} ref={nearRef} style={colorsOf(metric)}>
      <figcaption className="metric-chart__head">
        <Tooltip label={metric.meaning} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
          <span className="metric-chart__title" tabIndex={0}>
            {titleOf(metric, runs)}
          </span>
        </Tooltip>
        {plot !== null && (
          <Button variant="subtle" size="compact-xs" aria-label={`Save as SVG: ${metric.title}`} onClick={save}>
            SVG
          </Button>
        )}
      </figcaption>
      <div className="readout" ref={setReadout} data-lines={numLines(plot)} />
      {plot === null || options.range === null ? (
        <p className="metric-chart__empty" style={{ minHeight: HEIGHT }}>
          {emptyText(metric, runs, options)}
        </p>
      ) : (
        <div role="img" aria-label={label} className="metric-plot" style={{ minHeight: HEIGHT }} ref={area}>
          {readout !== null && entry?.isIntersecting === true && (
            <Suspense fallback={<div style={{ height: HEIGHT }} />}>
              <MetricPlot
                metric={metric}
                plot={plot}
                range={options.range}
                syncId={syncId}
                readout={readout}
                height={HEIGHT}
              />
            </Suspense>
          )}
        </div>
      )}
    </figure>
  );
});

function MissingPlot(): ReactElement {
  return <p className="metric-chart__empty">The charts could not be loaded. The table holds the same numbers.</p>;
}

/** Of several runs only one series is drawn; it is said which. */
function titleOf(metric: Metric, runs: readonly ChartRun[]): string {
  const isPart = runs.length > 1 && metric.series.length > 1;
  return isPart ? `${metric.title}: ${mainSeries(metric, runs).label}` : metric.title;
}

/** What a judge decides is in the judge's colour. */
function colorsOf({ id, group }: Metric): CSSProperties {
  const isJudged = group === 'signal' || id === 'reward';
  return { '--chart-main': isJudged ? 'var(--actor-judge)' : 'var(--actor-writer)' } as CSSProperties;
}

/** Room for the numbers is kept, so that nothing moves with the pointer. */
function numLines(plot: Plot | null): 1 | 2 {
  return plot !== null && plot.lines.length > 3 ? 2 : 1;
}

function emptyText(metric: Metric, runs: readonly ChartRun[], options: ChartOptions): string {
  if (options.range === null) return `Fills with the first finished step. ${metric.meaning}`;
  const isHidden = options.isLog && plotOf(metric, runs, { ...options, isLog: false }) !== null;
  if (isHidden) return 'All values are 0 or below, which a logarithmic axis cannot show.';
  return `No value yet. ${metric.needs === '' ? metric.meaning : metric.needs}`;
}
