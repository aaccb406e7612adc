import type { ReactElement } from 'react';
import type { Metric, MetricSeries } from '@/state/training-metrics.ts';
import { pointsOf, valueOf } from '@/state/training-points.ts';
import type { ChartRun } from './chart-data.ts';
import { metricValue } from './metric-texts.ts';

interface MetricTableProps {
  readonly caption: string;
  readonly metrics: readonly Metric[];
  readonly runs: readonly ChartRun[];
}

/** More rows on a page help nobody; a file has all. */
const MAX_ROWS = 200;
const UNKNOWN = '\u2013';

interface Column {
  readonly metric: Metric;
  readonly series: MetricSeries;
  readonly title: string;
}

/** The numbers of some charts, one row per run and step. */
export function MetricTable({ caption, metrics, runs }: MetricTableProps): ReactElement {
  const columns = metrics.flatMap((metric) => columnsOf(metric, runs));
  const numSteps = runs.reduce((sum, { steps }) => sum + steps.length, 0);
  const perRun = Math.floor(MAX_ROWS / Math.max(1, runs.length));
  const isCut = runs.some(({ steps }) => steps.length > perRun);
  if (columns.length === 0 || numSteps === 0)
    return <p className="training-charts__note">{caption}: no value yet. Rows come with the first finished step.</p>;
  return (
    <>
      {isCut && (
        <p className="training-charts__note">
          The last {perRun} steps of each run, of {numSteps.toLocaleString('en')} in all. Save as CSV for all.
        </p>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard */}
      <div className="metric-table" tabIndex={0} role="region" aria-label={`${caption}, table`}>
        <table>
          <caption>{caption}, as measured, newest step first</caption>
          <thead>
            <tr>
              {runs.length > 1 && (
                <th scope="col" className="metric-table__run">
                  Run
                </th>
              )}
              <th scope="col">Step</th>
              {columns.map(({ metric, series, title }) => (
                <th key={`${metric.id} ${series.label}`} scope="col" title={metric.meaning}>
                  {title}
                  <small>{metric.unit}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.flatMap((run) =>
              run.steps
                .slice(-perRun)
                .toReversed()
                .map((step) => (
                  <tr key={`${run.id} ${step.step}`}>
                    {runs.length > 1 && <td className="metric-table__run">{run.name}</td>}
                    <th scope="row">{step.step}</th>
                    {columns.map(({ metric, series }) => {
                      const value = valueOf(step, series.keys);
                      return (
                        <td key={`${metric.id} ${series.label}`}>
                          {value === undefined ? UNKNOWN : metricValue(value, metric)}
                        </td>
                      );
                    })}
                  </tr>
                )),
            )}
          </tbody>
        </table>
      </div>
    </>
  );
}

function columnsOf(metric: Metric, runs: readonly ChartRun[]): readonly Column[] {
  const all = [...metric.series, ...metric.stack];
  const known = all.filter(({ keys }) => runs.some(({ steps }) => pointsOf(steps, keys).length > 0));
  return known.map((series) => ({
    metric,
    series,
    title: all.length === 1 ? metric.title : `${metric.title}: ${series.label}`,
  }));
}
