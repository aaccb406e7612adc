import type { ReactElement } from 'react';
import { formatTiny } from '@/lib/format-tiny.ts';
import type { DialReading, Turned } from '@/state/head-sample.ts';
import { formatSigned } from '@/ui/format.ts';
import type { PictureSize } from '@/ui/picture.tsx';
import { DialFace } from './dial-face.tsx';

interface DialChartProps {
  readonly size: PictureSize;
  readonly reading: DialReading;
  readonly headDim: number;
  /** The key's place in its block, from 0. */
  readonly token: number;
}

const TITLE = 18;
const LINE = 18;
const NUMBERS = 4 * LINE;
const FOOT = 30;
const GAP = 16;
/** From here on the numbers stand beside the dials. */
const WIDE = 620;
const TEXT_WIDTH = 210;
const MIN_RADIUS = 56;
const MAX_RADIUS = 150;

/** Left the query is turned back, right the key is turned forward: the hands enclose the same angle. */
export function DialChart({ size, reading, headDim, token }: DialChartProps): ReactElement {
  const { width } = size;
  const half = width / 2;
  const isWide = width >= WIDE;
  const besides = isWide ? FOOT : TITLE + NUMBERS + FOOT + GAP;
  const widest = isWide ? (half - TEXT_WIDTH - GAP) / 2 : half / 2 - 8;
  const radius = Math.max(MIN_RADIUS, Math.min(MAX_RADIUS, widest, (size.height - besides) / 2 - 3));
  const height = 2 * radius + 6 + besides;
  const { start, offset, position, queryTurned, keyTurned } = reading;
  const place = { radius, isWide, width: half, headDim };
  return (
    <svg width={width} height={height} aria-hidden="true" className="dial">
      <Half
        {...place}
        x={0}
        which="query"
        title={`query turned back by ${start}`}
        places={`query at ${offset}, key at ${token}`}
        turned={queryTurned}
      />
      <Half
        {...place}
        x={half}
        which="key"
        title={`key turned forward by ${start}`}
        places={`query at ${position}, key at ${start + token}`}
        turned={keyTurned}
      />
      <Legend y={height - 12} />
      <text x={width} y={height - 8} textAnchor="end">
        the scores differ by <tspan className="dial__number">{formatTiny(reading.difference)}</tspan>
        {isWide && reading.difference > 0 && ', which is rounding'}
      </text>
    </svg>
  );
}

interface HalfProps {
  readonly x: number;
  readonly width: number;
  readonly radius: number;
  readonly isWide: boolean;
  readonly which: 'query' | 'key';
  readonly title: string;
  readonly places: string;
  readonly turned: Turned;
  readonly headDim: number;
}

/** A dial with its numbers: beside it where there is room, else below. */
function Half({ x, width, radius, isWide, which, title, places, turned, headDim }: HalfProps): ReactElement {
  const top = isWide ? 3 : TITLE + 3;
  const centre = isWide ? radius + 2 : width / 2;
  const textX = isWide ? 2 * radius + GAP : width / 2;
  const textY = isWide ? top + radius - 1.5 * LINE : top + 2 * radius + LINE + 4;
  const scoreName = isWide ? `score: ${headDim / 2} pairs / \u221A${headDim}` : 'score';
  return (
    <g transform={`translate(${x} 0)`}>
      <DialFace turned={turned} which={which} x={centre} y={top + radius} radius={radius} />
      <g textAnchor={isWide ? 'start' : 'middle'}>
        <text x={textX} y={isWide ? textY - LINE : 12} className="dial__title">
          {title}
        </text>
        <Numbers x={textX} y={textY} places={places} turned={turned} scoreName={scoreName} />
      </g>
    </g>
  );
}

/** Which hand is which. */
function Legend({ y }: { readonly y: number }): ReactElement {
  return (
    <g transform={`translate(98 ${y - 8})`}>
      <g className="dial__hand" data-hand="query">
        <circle cx={-92} cy={8} r="5" />
      </g>
      <text x={-82} y={12}>
        query
      </text>
      <g className="dial__hand" data-hand="key">
        <rect x={-32} y={4} width="9" height="9" />
      </g>
      <text x={-18} y={12}>
        key
      </text>
      <line x1={26} x2={46} y1={8} y2={8} className="dial__dashes" />
      <text x={51} y={12}>
        before
      </text>
    </g>
  );
}

interface NumbersProps {
  readonly x: number;
  readonly y: number;
  readonly places: string;
  readonly turned: Turned;
  readonly scoreName: string;
}

function Numbers({ x, y, places, turned, scoreName }: NumbersProps): ReactElement {
  const { angle, product, score } = turned;
  return (
    <g>
      <text x={x} y={y}>
        {places}
      </text>
      <text x={x} y={y + LINE}>
        angle <tspan className="dial__number">{formatSigned((angle * 180) / Math.PI, 1)}°</tspan>
      </text>
      <text x={x} y={y + 2 * LINE}>
        product of the pair <tspan className="dial__number">{formatSigned(product, 4)}</tspan>
      </text>
      <text x={x} y={y + 3 * LINE}>
        {scoreName} <tspan className="dial__number">{formatSigned(score, 6)}</tspan>
      </text>
    </g>
  );
}
