import type { ReactElement } from 'react';
import { usePlotArea } from 'recharts';
import type { StepRange } from '@/state/training-points.ts';
import type { Plot, PlotLine } from './chart-data.ts';
import { placeOn, spreadOut } from './value-axis.ts';

const GAP = 11;
const OFFSET = 5;
/** Pixels within which labels would touch. */
const COLUMN = 16;

/** Names at the ends of the lines, moved apart where they would overlap. */
export function EndLabels({ plot, range }: { readonly plot: Plot; readonly range: StepRange }): ReactElement | null {
  const area = usePlotArea();
  if (area === undefined || plot.lines.length < 2) return null;
  const span = Math.max(1, range.last - range.first);
  const xOf = (step: number): number =>
    area.x + (plot.rows.length === 1 ? 0.5 : (step - range.first) / span) * area.width + OFFSET;
  const ends = endsOf(plot).map((end) => ({
    ...end,
    x: xOf(end.step),
    wanted: area.y + (1 - placeOn(plot.axis, end.value)) * area.height,
  }));
  // Runs that ended at other steps have their labels elsewhere.
  const columns = Map.groupBy(ends, ({ x }) => Math.round(x / COLUMN));
  const limits = { from: area.y + 2, to: area.y + area.height - 2, gap: GAP };
  const placed = [...columns.values()].flatMap((column) => {
    const places = spreadOut(
      column.map(({ wanted }) => wanted),
      limits,
    );
    return column.map((end, index) => ({ ...end, y: places[index] ?? end.wanted }));
  });
  return (
    <g className="metric-plot__ends">
      {placed.map(({ line, x, y }) => (
        <text key={line.key} x={x} y={y} dy="0.32em" style={{ fill: line.color }}>
          {line.label}
        </text>
      ))}
    </g>
  );
}

interface LineEnd {
  readonly line: PlotLine;
  readonly step: number;
  /** Where its label belongs; of an area its middle. */
  readonly value: number;
}

function endsOf({ lines, rows }: Plot): readonly LineEnd[] {
  let below = 0;
  return lines.flatMap((line) => {
    const row = rows.findLast(({ [line.key]: value }) => value !== undefined);
    const value = row?.[line.key];
    if (row === undefined || value === undefined) return [];
    if (!line.isStacked) return [{ line, step: row.step, value }];
    below += value;
    return [{ line, step: row.step, value: below - value / 2 }];
  });
}
