import type { ReactElement } from 'react';
import type { DialReading, Turned } from '@/state/head-sample.ts';
import { formatSigned, formatTiny } from '@/ui/format.ts';
import type { PictureSize } from '@/ui/picture.tsx';
import { DialFace } from './dial-face.tsx';

interface DialChartProps {
  readonly size: PictureSize;
  readonly reading: DialReading;
  readonly headDim: number;
  /** The key's place in its block, from 0. */
  readonly token: number;
}

const TITLE = 30;
const LINES = 96;
const MIN_RADIUS = 52;
const MAX_RADIUS = 150;

/** Left the query is turned back, right the key is turned forward: the hands enclose the same angle. */
export function DialChart({ size, reading, headDim, token }: DialChartProps): ReactElement {
  const { width } = size;
  const room = Math.min(width / 4 - 10, (size.height - TITLE - LINES) / 2 - 4);
  const radius = Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, room));
  const y = TITLE + radius;
  const height = y + radius + LINES;
  const left = width / 4;
  const right = (width * 3) / 4;
  const { start, offset, position, queryTurned, keyTurned } = reading;
  return (
    <svg width={width} height={height} aria-hidden="true" className="dial">
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
        <Numbers x={left} places={`query at ${offset}, key at ${token}`} turned={queryTurned} headDim={headDim} />
        <Numbers
          x={right}
          places={`query at ${position}, key at ${start + token}`}
          turned={keyTurned}
          headDim={headDim}
        />
        <text x={width / 2} y={70} textAnchor="middle">
          difference of the scores <tspan className="dial__number">{formatTiny(reading.difference)}</tspan>
          <tspan> (rounding of f32)</tspan>
        </text>
      </g>
    </svg>
  );
}

function Numbers({
  x,
  places,
  turned,
  headDim,
}: {
  readonly x: number;
  readonly places: string;
  readonly turned: Turned;
  readonly headDim: number;
}): ReactElement {
  return (
    <g textAnchor="middle">
      <text x={x}>{places}</text>
      <text x={x} y={18}>
        product of the pair <tspan className="dial__number">{formatSigned(turned.product, 4)}</tspan>
      </text>
      <text x={x} y={36}>
        {`all ${headDim / 2} pairs / √${headDim} `}
        <tspan className="dial__number">{formatSigned(turned.score, 6)}</tspan>
      </text>
    </g>
  );
}
