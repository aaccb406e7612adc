import type { ReactElement } from 'react';
import { roundedTogether, type BlockMass, type ReadToken } from '@/state/what-it-read.ts';
import { blockLabel } from '../block-label.ts';
import { ROLE_LOOKS } from './role-look.tsx';

export const ROW = 16;
export const NAMES_WIDTH = 96;
export const HEAD = 18;
const NUMBER_WIDTH = 40;

interface MassBarsProps {
  readonly id: string;
  readonly token: ReadToken;
  readonly blocks: readonly BlockMass[];
  readonly layer: number | null;
  readonly width: number;
}

/** How much of each block one token read; the numbers add up to 1. */
export function MassBars({ id, token, blocks, layer, width }: MassBarsProps): ReactElement {
  const numbers = roundedTogether(
    blocks.map(({ mass }) => mass),
    3,
  );
  const room = width - NAMES_WIDTH - NUMBER_WIDTH;
  const sum = numbers.reduce((total, number) => total + number, 0);
  return (
    <g data-testid="block-masses">
      <text y="10" className="reading__caption">
        {layer === null ? 'mass by block, mean of layers' : `mass by block, layer ${layer + 1}`}
      </text>
      {blocks.map(({ name, role, mass }, index) => (
        <g key={name} transform={`translate(0 ${HEAD + index * ROW})`}>
          <text x={NAMES_WIDTH - 8} y="11" textAnchor="end" data-actor={ROLE_LOOKS[role].actor}>
            {blockLabel(name, token.view)}
          </text>
          <rect x={NAMES_WIDTH} y="2" width={room} height="11" className="reading__ground" />
          <rect x={NAMES_WIDTH} y="2" width={Math.max(0, room * mass)} height="11" fill={`url(#${id}-${role})`} />
          <text x={width} y="11" textAnchor="end" className="reading__number">
            {(numbers[index] ?? 0).toFixed(3)}
          </text>
        </g>
      ))}
      <text x={width} y={HEAD + blocks.length * ROW + 11} textAnchor="end">
        sum <tspan className="reading__number">{sum.toFixed(3)}</tspan>
      </text>
    </g>
  );
}
