import '@mantine/charts/styles.css';
import './grouped-bars.css';
import { BarChart } from '@mantine/charts';
import type { CSSProperties, ReactElement } from 'react';
import { roundTicks } from './round-ticks.ts';

export interface BarSeries {
  readonly name: string;
  /** A CSS colour. */
  readonly color: string;
}

interface GroupedBarsProps {
  readonly series: readonly BarSeries[];
  /** One group per row; a series that is missing has no bar. */
  readonly rows: readonly { readonly name: string; readonly values: Readonly<Record<string, number | null>> }[];
  readonly format: (value: number) => string;
  readonly unit: string;
  /** Says what the chart shows; its numbers have to stand in a table besides. */
  readonly label: string;
}

const NO_BREAK = '\u00A0';
const BAR_HEIGHT = 15;
const GROUP_GAP = 18;
const AXIS_HEIGHT = 34;

/** Lying bars in groups, with their values at their ends. */
export function GroupedBars({ series, rows, format, unit, label }: GroupedBarsProps): ReactElement {
  const height = rows.length * (series.length * BAR_HEIGHT + GROUP_GAP) + AXIS_HEIGHT;
  const ticks = roundTicks(rows.flatMap(({ values }) => Object.values(values).map((value) => value ?? 0)));
  return (
    <div className="bars">
      <ul className="bars__legend" aria-hidden="true">
        {series.map(({ name, color }) => (
          <li key={name}>
            <span style={{ '--tone': color } as CSSProperties} />
            {name}
          </li>
        ))}
      </ul>
      <div role="img" aria-label={label}>
        <BarChart
          h={height}
          data={rows.map(({ name, values }) => ({ name, ...values }))}
          dataKey="name"
          series={series.map(({ name, color }) => ({ name, color }))}
          orientation="vertical"
          accessibilityLayer={false}
          withTooltip={false}
          withBarValueLabel
          // The library breaks labels at spaces.
          valueFormatter={(value) => format(value).replaceAll(' ', NO_BREAK)}
          barLabelColor="var(--ink)"
          textColor="var(--ink-soft)"
          gridColor="var(--line)"
          gridAxis="y"
          tickLine="none"
          strokeDasharray="0"
          barProps={{ isAnimationActive: false, radius: 0 }}
          barChartProps={{
            margin: { top: 0, right: 46, bottom: 0, left: 0 },
            barCategoryGap: GROUP_GAP / 2,
            barGap: 1,
          }}
          xAxisProps={{
            ticks: [...ticks],
            domain: [0, ticks.at(-1) ?? 1],
            tickFormatter: (value) => `${value}${NO_BREAK}${unit}`,
          }}
          yAxisProps={{ width: 104 }}
          aria-hidden="true"
        />
      </div>
    </div>
  );
}
