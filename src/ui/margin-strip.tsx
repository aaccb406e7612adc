import './margin-strip.css';
import { useElementSize } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { formatSigned } from './format.ts';
import { histogram } from './histogram.ts';

interface MarginStripProps {
  readonly title: string;
  readonly values: readonly number[];
  /** Null while it is not known. */
  readonly threshold: number | null;
  /** What the axis has to reach besides; strips of a pair get the same, so that their axes agree. */
  readonly included: readonly number[];
  readonly empty: string;
}

const HEIGHT = 74;
const BASE = 58;
const TOP = 14;

/** How often each sum of margin and bias was measured; solid above the threshold, outlined below it. */
export function MarginStrip({ title, values, threshold, included, empty }: MarginStripProps): ReactElement {
  const { ref, width } = useElementSize();
  const all = threshold === null ? [...values, ...included] : [...values, ...included, threshold];
  const bins = histogram(values, all, threshold ?? 0);
  const binWidth = bins[0] === undefined ? 1 : bins[0].to - bins[0].from;
  const low = Math.min(...all) - binWidth;
  const high = Math.max(...all) + binWidth;
  const tallest = Math.max(1, ...bins.map(({ count }) => count));
  const x = (value: number): number => ((value - low) / (high - low)) * width;
  const numAbove = threshold === null ? 0 : values.filter((value) => value > threshold).length;
  return (
    <figure className="margins" data-actor="probe">
      <figcaption>{title}</figcaption>
      <div ref={ref} className="margins__box">
        {values.length === 0 ? (
          <p className="margins__empty">{empty}</p>
        ) : (
          <svg width={width} height={HEIGHT} role="img" aria-label={labelOf(values, threshold, numAbove)}>
            <line x1={0} x2={width} y1={BASE} y2={BASE} className="margins__axis" />
            {bins.map(({ from, to, count }) => {
              const height = (count / tallest) * (BASE - TOP - 4);
              return (
                count > 0 && (
                  <rect
                    key={from}
                    className={threshold !== null && from >= threshold - 1e-9 ? 'margins__yes' : 'margins__no'}
                    x={x(from) + 1}
                    width={Math.max(1, x(to) - x(from) - 2)}
                    y={BASE - height}
                    height={height}
                  />
                )
              );
            })}
            {threshold !== null && (
              <line className="margins__threshold" x1={x(threshold)} x2={x(threshold)} y1={0} y2={BASE} />
            )}
            <text x={2} y={HEIGHT - 2}>
              {formatSigned(low, 1)}
            </text>
            <text x={width - 2} y={HEIGHT - 2} textAnchor="end">
              {formatSigned(high, 1)}
            </text>
            {threshold !== null && (
              <text className="margins__limit" x={x(threshold)} y={HEIGHT - 2} textAnchor="middle">
                {formatSigned(threshold)}
              </text>
            )}
          </svg>
        )}
      </div>
    </figure>
  );
}

function labelOf(values: readonly number[], threshold: number | null, numAbove: number): string {
  const range = `${formatSigned(Math.min(...values))} to ${formatSigned(Math.max(...values))}`;
  const counted = `${values.length} probes, margin and bias together from ${range}`;
  return threshold === null
    ? `${counted}.`
    : `${counted}; ${numAbove} above the threshold of ${formatSigned(threshold)}.`;
}
