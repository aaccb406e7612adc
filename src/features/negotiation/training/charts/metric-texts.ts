/** Numbers and sentences of the charts. */
import type { Metric } from '@/state/training-metrics.ts';

const MINUS = '\u2212';
const NO_BREAK = '\u00A0';

/** As it is read, with about three digits: 3.42, 0.051, 1.2e-6, 48.1 %. */
export function metricValue(value: number, { isShare }: Pick<Metric, 'isShare'>): string {
  if (isShare) return `${digits(value * 100)}${NO_BREAK}%`;
  return signed(value, digits(Math.abs(value)));
}

function digits(size: number): string {
  if (size === 0) return '0';
  if (size < 1e-3) return trimmed(size.toExponential(1));
  if (Number.isInteger(size)) return size.toLocaleString('en');
  if (size >= 99.95) return Math.round(size).toLocaleString('en');
  return size >= 0.1 ? size.toFixed(size < 9.995 ? 2 : 1) : trimmed(size.toPrecision(2));
}

/** As it stands at an axis. */
export function tickText(value: number, { isShare }: Pick<Metric, 'isShare'>): string {
  const size = Math.abs(isShare ? value * 100 : value);
  const small = size < 1e-3 ? trimmed(size.toExponential(1)) : trimmed(size.toPrecision(6));
  const large = size.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
  const text = size === 0 ? '0' : size >= 1000 ? large : small;
  return signed(value, text);
}

function signed(value: number, text: string): string {
  return value < 0 && Number(text) !== 0 ? `${MINUS}${text}` : text;
}

/** Without zeros behind the point that say nothing. */
function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+(?=e|$)/, '') : text;
}

export interface LineEnds {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** What a chart says, for those who do not see it. */
export function chartLabel(metric: Metric, numSteps: number, ends: readonly LineEnds[]): string {
  const lines = ends.map(({ name, first, last }) =>
    numSteps === 1
      ? `${name} is ${metricValue(last, metric)}`
      : `${name} begins at ${metricValue(first, metric)} and is ${metricValue(last, metric)} last`,
  );
  const span = numSteps === 1 ? 'one step' : `${numSteps.toLocaleString('en')} steps`;
  const unit = metric.isShare ? '' : `, ${metric.unit}`;
  return `${metric.title}${unit}, over ${span}: ${lines.join('; ')}. The table view has all numbers.`;
}
