import type { EvaluationRow } from '@/protocol/evaluation.ts';
import type { ScatterPoint } from '@/ui/interval-scatter.tsx';
import { secondsText } from '../metric-rows.ts';
import { percentText } from './result-columns.ts';

export const DELAYS = {
  adjustedDelaySeconds: 'Adjusted delay',
  totalDelaySeconds: 'Total delay',
  timeToFirstTokenSeconds: 'TTFT',
} as const;
export type DelayKey = keyof typeof DELAYS;

/** Configurations that have both an accuracy and this delay. */
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
