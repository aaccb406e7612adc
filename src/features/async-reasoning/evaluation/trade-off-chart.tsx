import { SegmentedControl } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { EvaluationRow } from '@/protocol/evaluation.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { IntervalScatter, type ScatterPoint } from '@/ui/interval-scatter.tsx';
import { secondsText } from '../comparison/metric-rows.ts';
import { percentText } from './result-columns.ts';

const DELAYS = {
  adjustedDelaySeconds: 'Adjusted delay',
  totalDelaySeconds: 'Total delay',
  timeToFirstTokenSeconds: 'TTFT',
} as const;
type DelayKey = keyof typeof DELAYS;

/** How often right, over how long one waits. */
export function TradeOffChart(): ReactElement {
  const rows = useAppState((state) => state.evaluation.summary.rows);
  const [delay, setDelay] = useState<DelayKey>('adjustedDelaySeconds');
  const points = pointsOf(rows, delay);
  return (
    <section className="evaluation__part" aria-labelledby="evaluation-chart">
      <div className="evaluation__head">
        <h3 id="evaluation-chart">Accuracy against delay</h3>
        <SegmentedControl
          size="xs"
          aria-label="Delay to show"
          value={delay}
          onChange={setDelay}
          data={Object.entries(DELAYS).map(([value, label]) => ({ value: value as DelayKey, label }))}
        />
      </div>
      {points.length === 0 ? (
        <p className="evaluation__note">
          A configuration appears here with its first answer that has this delay. Up is better, left is better.
        </p>
      ) : (
        <>
          <IntervalScatter
            points={points}
            xTitle={`${DELAYS[delay]}, s`}
            yTitle="Accuracy, %"
            label={chartLabel(points, DELAYS[delay])}
          />
          <p className="evaluation__note">
            Up is better, left is better. Bars are 95 % intervals; the same numbers stand in the table.
          </p>
        </>
      )}
    </section>
  );
}

export function pointsOf(rows: readonly EvaluationRow[], delay: DelayKey): readonly ScatterPoint[] {
  return rows.flatMap(({ configuration, accuracy, [delay]: mean }) =>
    accuracy === null || mean === null
      ? []
      : [{ name: configuration, x: { value: mean.mean, low: mean.low, high: mean.high }, y: accuracy }],
  );
}

/** What the picture shows, for those who do not see it. */
export function chartLabel(points: readonly ScatterPoint[], delay: string): string {
  const parts = points.map(
    ({ name, x, y }) =>
      `${name}: ${percentText(y.value)} % right (${percentText(y.low)} to ${percentText(y.high)}), ${secondsText(x.value)} s`,
  );
  return `Accuracy over ${delay.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())}. ${parts.join('; ')}.`;
}
