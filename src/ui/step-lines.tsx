import '@mantine/charts/styles.css';
import './step-lines.css';
import { LineChart } from '@mantine/charts';
import type { ReactElement } from 'react';
import { roundTicks } from './round-ticks.ts';

interface StepLinesProps {
  readonly series: readonly { readonly key: string; readonly title: string; readonly color: string }[];
  /** One per step, with `step` and a value for each series. */
  readonly rows: readonly { readonly step: number }[];
  /** Says what the charts show; their numbers have to stand in a table besides. */
  readonly label: string;
}

const HEIGHT = 150;

/** Values over steps, one line below the other, with a common pointer. */
export function StepLines({ series, rows, label }: StepLinesProps): ReactElement {
  const data = rows.map((row) => ({ ...row }));
  const first = rows[0]?.step ?? 0;
  const last = rows.at(-1)?.step ?? 1;
  return (
    <div className="step-lines" role="img" aria-label={label}>
      {series.map(({ key, title, color }) => {
        const ticks = roundTicks(data.map((row) => Number((row as Readonly<Record<string, unknown>>)[key])));
        return (
          <figure key={key} aria-hidden="true">
            <figcaption style={{ color }}>{title}</figcaption>
            <LineChart
              h={HEIGHT}
              data={data}
              dataKey="step"
              series={[{ name: key, label: title, color }]}
              accessibilityLayer={false}
              curveType="linear"
              withDots={rows.length < 40}
              dotProps={{ r: 2.5, strokeWidth: 0 }}
              activeDotProps={{ r: 4, strokeWidth: 0 }}
              strokeWidth={1.75}
              lineProps={{ isAnimationActive: false }}
              lineChartProps={{ syncId: 'step-lines', margin: { top: 6, right: 12, bottom: 0, left: 0 } }}
              textColor="var(--ink-soft)"
              gridColor="var(--line)"
              strokeDasharray="0"
              tickLine="none"
              valueFormatter={(value) => value.toPrecision(4)}
              tooltipAnimationDuration={0}
              xAxisProps={{
                type: 'number',
                domain: [first, Math.max(last, first + 1)],
                allowDecimals: false,
              }}
              yAxisProps={{
                width: 44,
                interval: 0,
                ticks: [...ticks],
                domain: [0, ticks.at(-1) ?? 1],
                tickFormatter: String,
              }}
            />
          </figure>
        );
      })}
    </div>
  );
}
