import { useElementSize } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from 'recharts';
import type { Metric } from '@/state/training-metrics.ts';
import { stepsPerPoint, type StepRange } from '@/state/training-points.ts';
import type { Plot, PlotLine } from './chart-data.ts';
import { EndLabels } from './end-labels.tsx';
import { tickText } from './metric-texts.ts';
import { Readout } from './readout.tsx';
import { stepTicks } from './value-axis.ts';

interface MetricPlotProps {
  readonly metric: Metric;
  readonly plot: Plot;
  readonly range: StepRange;
  /** Charts with the same name have the pointer in common. */
  readonly syncId: string;
  /** Where the numbers at the pointer are written. */
  readonly readout: HTMLElement;
  readonly height: number;
}

const MARGIN = { top: 20, right: 14, bottom: 0, left: 0 };
const TICK = { fill: 'var(--ink-soft)' };
const AXIS = { width: 48, height: 20 };
const LABEL_WIDTH = 6.3;
/** With more of them, dashes cannot be seen. */
const MOST_DOTS = 15;

/** Lines and areas over the steps, with a pointer. */
export function MetricPlot(props: MetricPlotProps): ReactElement {
  const { metric, plot, range, syncId, readout, height } = props;
  const { ref, width } = useElementSize();
  const { rows, lines, axis } = plot;
  const longest = lines.length < 2 ? 0 : Math.max(...lines.map(({ label }) => label.length));
  const right = Math.max(MARGIN.right, longest * LABEL_WIDTH + 12);
  const middle = range.first === range.last ? 1 : 0;
  return (
    <div ref={ref} style={{ height }}>
      {width > 0 && (
        <ComposedChart
          width={width}
          height={height}
          data={[...rows]}
          syncId={syncId}
          accessibilityLayer={false}
          margin={{ ...MARGIN, right }}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="step"
            type="number"
            domain={[range.first - middle, range.last + middle]}
            ticks={[...stepTicks(range)]}
            tickFormatter={(step: number) => step.toLocaleString('en')}
            height={AXIS.height}
            tick={TICK}
            tickLine={false}
            axisLine={{ stroke: 'var(--line-strong)' }}
            tickMargin={5}
          />
          <YAxis
            type="number"
            scale={axis.isLog ? 'log' : 'linear'}
            domain={[...axis.domain]}
            ticks={[...axis.ticks]}
            interval={0}
            tickFormatter={(value: number) => tickText(value, metric)}
            width={AXIS.width}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            tickMargin={3}
          />
          {lines.map((line) => drawn(line, plot))}
          <text className="metric-plot__title" x={2} y={10}>
            {metric.unit}
            {axis.isLog && ', logarithmic'}
          </text>
          <text className="metric-plot__title" x={AXIS.width - 8} y={height - 2} textAnchor="end">
            step
          </text>
          <EndLabels plot={plot} range={range} />
          <Tooltip
            portal={readout}
            // Without a pointer the last values stand there.
            wrapperStyle={{ visibility: 'visible', position: 'static' }}
            isAnimationActive={false}
            filterNull={false}
            cursor={{ stroke: 'var(--ink-faint)', strokeWidth: 1, strokeDasharray: '2 2' }}
            content={<Readout metric={metric} plot={plot} stepsPerPoint={stepsPerPoint(range)} />}
          />
        </ComposedChart>
      )}
    </div>
  );
}

function drawn(line: PlotLine, { rows, hasMeasured }: Plot): ReactElement | readonly ReactElement[] {
  const { key, measuredKey, color, dash, isStacked } = line;
  const shared = { type: 'linear', stroke: color, isAnimationActive: false, connectNulls: true } as const;
  const activeDot = { r: 3.5, strokeWidth: 0, fill: color };
  // A single point has no line, and no area.
  const dot = rows.length <= MOST_DOTS ? { r: rows.length === 1 ? 3 : 2, strokeWidth: 0, fill: color } : false;
  if (isStacked)
    return (
      <Area
        key={key}
        {...shared}
        dataKey={key}
        stackId="parts"
        fill={color}
        fillOpacity={0.3}
        strokeWidth={1}
        dot={rows.length === 1 ? dot : false}
        activeDot={activeDot}
      />
    );
  const smooth = (
    <Line
      key={key}
      {...shared}
      dataKey={key}
      strokeWidth={1.75}
      strokeDasharray={dash}
      dot={dot}
      activeDot={activeDot}
    />
  );
  if (!hasMeasured) return smooth;
  return [
    <Line
      key={measuredKey}
      {...shared}
      dataKey={measuredKey}
      strokeOpacity={0.3}
      strokeWidth={1}
      dot={false}
      activeDot={false}
    />,
    smooth,
  ];
}
