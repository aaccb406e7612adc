import type { ReactElement } from 'react';
import { formatTiny } from '@/lib/format-tiny.ts';
import type { CheckReport, CheckRow } from '@/protocol/attention.ts';
import { placeOnScale, scaleOf } from '@/state/check-words.ts';
import type { PictureSize } from '@/ui/picture.tsx';

const LEFT = 74;
const RIGHT = 58;
const TOP = 18;
const LANE = 24;
const AXIS = 34;

interface ScaleChartProps {
  readonly size: PictureSize;
  readonly report: CheckReport;
}

/** Where each difference lies between rounding and staleness, by powers of ten. */
export function ScaleChart({ size, report }: ScaleChartProps): ReactElement {
  const { rows, tolerance } = report;
  const scale = scaleOf(report);
  const width = size.width - LEFT - RIGHT;
  const x = (value: number): number => LEFT + placeOnScale(value, scale) * width;
  const bottom = TOP + rows.length * LANE;
  const powers = Array.from({ length: scale.to - scale.from + 1 }, (_, index) => scale.from + index);
  const every = Math.ceil(powers.length / (width / 52));
  const limit = x(tolerance);
  return (
    <svg width={size.width} height={bottom + AXIS} aria-hidden="true" className="check-scale">
      <rect x={LEFT} y={TOP} width={limit - LEFT} height={bottom - TOP} className="check-scale__rounding" />
      <text x={limit - 6} y={TOP - 6} textAnchor="end">
        rounding
      </text>
      <text x={limit + 6} y={TOP - 6}>
        staleness
      </text>
      <line x1={limit} x2={limit} y1={TOP - 14} y2={bottom} className="check-scale__limit" />
      <line x1={LEFT} x2={LEFT + width} y1={bottom} y2={bottom} className="check-scale__axis" />
      {powers
        .filter((_, index) => index % every === 0)
        .map((power) => (
          <text key={power} x={x(10 ** power)} y={bottom + 14} textAnchor="middle">
            {power === 0 ? '1' : power === 1 ? '10' : formatPower(power)}
          </text>
        ))}
      <text x={LEFT + width / 2} y={bottom + 29} textAnchor="middle">
        largest difference of a logit
      </text>
      {rows.map((row, index) => (
        <Lane key={row.stream} row={row} x={x(row.maxLogitDifference)} y={TOP + index * LANE + LANE / 2} />
      ))}
    </svg>
  );
}

function formatPower(power: number): string {
  return `1e${power < 0 ? '\u2212' : ''}${Math.abs(power)}`;
}

interface LaneProps {
  readonly row: CheckRow;
  readonly x: number;
  readonly y: number;
}

/** The diamond thinks, the disc writes. */
function Lane({ row, x, y }: LaneProps): ReactElement {
  return (
    <g data-actor={row.stream} className="check-scale__lane">
      <text x={LEFT - 10} y={y + 4} textAnchor="end" className="check-scale__name">
        {row.stream}
      </text>
      <line x1={LEFT} x2={x} y1={y} y2={y} />
      {row.stream === 'thinker' ? <path d={`M${x} ${y - 7}l7 7-7 7-7-7z`} /> : <circle cx={x} cy={y} r="6" />}
      <text x={x + 12} y={y + 4} className="check-scale__value">
        {formatTiny(row.maxLogitDifference)}
      </text>
    </g>
  );
}
