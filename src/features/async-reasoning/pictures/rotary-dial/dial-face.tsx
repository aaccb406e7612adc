import type { ReactElement } from 'react';
import type { Turned } from '@/state/head-sample.ts';

interface DialFaceProps {
  readonly turned: Turned;
  /** The vector that is turned. */
  readonly which: 'query' | 'key';
  /** Centre, and the room around it. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

const QUERY_LENGTH = 0.94;
const KEY_LENGTH = 0.72;
const WEDGE = 0.34;

/** One frequency pair as two hands. The dashed hand is the turned vector before it was turned. */
export function DialFace({ turned, which, x, y, radius }: DialFaceProps): ReactElement {
  const { before, query, key, angle } = turned;
  const beforeLength = which === 'query' ? QUERY_LENGTH : KEY_LENGTH;
  const at = placeOn(radius);
  const tip = at(before.angle, beforeLength);
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle r={radius} className="dial__face" />
      {Array.from({ length: 12 }, (_, hour) => {
        const from = at((hour * Math.PI) / 6, 0.95);
        const to = at((hour * Math.PI) / 6, 1);
        return <line key={hour} x1={from.x} y1={from.y} x2={to.x} y2={to.y} className="dial__tick" />;
      })}
      <path d={wedge(key.angle, angle, radius * WEDGE)} className="dial__wedge" />
      <line x1={0} y1={0} x2={tip.x} y2={tip.y} className="dial__before" data-hand={which} />
      <Hand kind="key" end={at(key.angle, KEY_LENGTH)} />
      <Hand kind="query" end={at(query.angle, QUERY_LENGTH)} />
      <circle r="2.5" className="dial__hub" />
    </g>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Against the clock from three o'clock, as angles are drawn in mathematics. */
function placeOn(radius: number): (angle: number, share: number) => Point {
  return (angle, share) => ({ x: Math.cos(angle) * radius * share, y: -Math.sin(angle) * radius * share });
}

function wedge(from: number, turn: number, radius: number): string {
  const at = placeOn(radius);
  const start = at(from, 1);
  const end = at(from + turn, 1);
  const sweep = turn > 0 ? 0 : 1;
  return `M0 0L${start.x} ${start.y}A${radius} ${radius} 0 0 ${sweep} ${end.x} ${end.y}Z`;
}

/** The query ends in a disc, the key in a square: told apart without colour. */
function Hand({ kind, end }: { readonly kind: 'query' | 'key'; readonly end: Point }): ReactElement {
  return (
    <g className="dial__hand" data-hand={kind}>
      <line x1={0} y1={0} x2={end.x} y2={end.y} />
      {kind === 'query' ? (
        <circle cx={end.x} cy={end.y} r="5" />
      ) : (
        <rect x={end.x - 4.5} y={end.y - 4.5} width="9" height="9" />
      )}
    </g>
  );
}
