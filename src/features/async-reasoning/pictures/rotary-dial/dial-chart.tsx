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

const LEGEND = 18;
const TITLE = 28;
const LINES = 112;
/** Below this two scores with their long name would touch. */
const NARROW = 460;
const MIN_RADIUS = 52;
const MAX_RADIUS = 150;

/** Left the query is turned back, right the key is turned forward: the hands enclose the same angle. */
export function DialChart({ size, reading, headDim, token }: DialChartProps): ReactElement {
  const { width } = size;
  const room = Math.min(width / 4 - 10, (size.height - LEGEND - TITLE - LINES) / 2 - 4);
  const radius = Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, room));
  const y = LEGEND + TITLE + radius;
  const height = y + radius + LINES;
  const left = width / 4;
  const right = (width * 3) / 4;
  const scoreName = width < NARROW ? 'score' : `score: all ${headDim / 2} pairs / √${headDim}`;
  const { start, offset, position, queryTurned, keyTurned } = reading;
  return (
    <svg width={width} height={height} aria-hidden="true" className="dial">
      <Legend x={width / 2} />
      <DialFace
        title={`query turned back by ${start}`}
        which="query"
        turned={queryTurned}
        x={left}
        y={y}
        radius={radius}
      />
      <DialFace
        title={`key turned forward by ${start}`}
        which="key"
        turned={keyTurned}
        x={right}
        y={y}
        radius={radius}
      />
      <g transform={`translate(0 ${y + radius + 20})`}>
        <Numbers x={left} places={`query at ${offset}, key at ${token}`} turned={queryTurned} scoreName={scoreName} />
        <Numbers
          x={right}
          places={`query at ${position}, key at ${start + token}`}
          turned={keyTurned}
          scoreName={scoreName}
        />
        <text x={width / 2} y={84} textAnchor="middle">
          difference of the scores <tspan className="dial__number">{formatTiny(reading.difference)}</tspan>
          {reading.difference > 0 && <tspan>, rounding of f32</tspan>}
        </text>
      </g>
    </svg>
  );
}

/** Which hand is which. */
function Legend({ x }: { readonly x: number }): ReactElement {
  return (
    <g transform={`translate(${x} 0)`}>
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
  readonly places: string;
  readonly turned: Turned;
  readonly scoreName: string;
}

function Numbers({ x, places, turned, scoreName }: NumbersProps): ReactElement {
  const { angle, product, score } = turned;
  return (
    <g textAnchor="middle">
      <text x={x}>{places}</text>
      <text x={x} y={17}>
        angle <tspan className="dial__number">{formatSigned((angle * 180) / Math.PI, 1)}°</tspan>
      </text>
      <text x={x} y={34}>
        product of the pair <tspan className="dial__number">{formatSigned(product, 4)}</tspan>
      </text>
      <text x={x} y={51}>
        {scoreName} <tspan className="dial__number">{formatSigned(score, 6)}</tspan>
      </text>
    </g>
  );
}
