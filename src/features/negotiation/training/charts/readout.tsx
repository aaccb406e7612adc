import type { ReactElement } from 'react';
import type { Metric } from '@/state/training-metrics.ts';
import type { Plot, PlotLine, PlotRow } from './chart-data.ts';
import { metricValue } from './metric-texts.ts';

interface ReadoutProps {
  readonly metric: Metric;
  readonly plot: Plot;
  /** Steps that a point stands for. */
  readonly stepsPerPoint: number;
  /** By the chart: whether a row is pointed at; without, the last values are shown. */
  readonly active?: boolean;
  readonly activeIndex?: number | string | null | undefined;
}

const UNKNOWN = '\u2013';

/** The numbers of a chart at the pointer, as they were measured. */
export function Readout({ metric, plot, stepsPerPoint, active, activeIndex }: ReadoutProps): ReactElement {
  const { lines, rows } = plot;
  const row = active === true ? (rows[Number(activeIndex)] ?? null) : null;
  return (
    <>
      <span className="readout__step">{row === null ? 'Last' : stepText(row.step, stepsPerPoint)}</span>
      {lines.map((line) => {
        const value = row === null ? lastOf(line, rows) : row[line.measuredKey];
        return (
          <span key={line.key} className="readout__value">
            {lines.length > 1 && <span style={{ color: line.color }}>{line.label} </span>}
            <b>{value === undefined ? UNKNOWN : metricValue(value, metric)}</b>
          </span>
        );
      })}
    </>
  );
}

function stepText(last: number, stepsPerPoint: number): string {
  const end = last.toLocaleString('en');
  return stepsPerPoint === 1 ? `Step ${end}` : `Mean to step ${end}`;
}

function lastOf({ measuredKey }: PlotLine, rows: readonly PlotRow[]): number | undefined {
  return rows.findLast(({ [measuredKey]: value }) => value !== undefined)?.[measuredKey];
}
