import type { ReactElement } from 'react';
import { blockMassesOf, type ReadToken } from '@/state/what-it-read.ts';
import { blockLabel } from '../block-label.ts';
import { HEAD, NAMES_WIDTH, ROW } from './mass-bars.tsx';
import { ROLE_LOOKS } from './role-look.tsx';

interface HeatStripProps {
  readonly token: ReadToken;
  readonly layer: number | null;
  readonly width: number;
  readonly onLayer: (layer: number) => void;
}

/** The same masses layer by layer: the fuller a cell, the more of the block was read there. */
export function HeatStrip({ token, layer, width, onLayer }: HeatStripProps): ReactElement {
  const numLayers = token.row.attention.mass.length;
  const left = NAMES_WIDTH;
  const cell = (width - left - 2) / numLayers;
  const blocks = blockMassesOf(token, null);
  const bottom = HEAD + blocks.length * ROW;
  return (
    <g data-testid="layer-masses">
      <text x={left} y="10" className="reading__caption">
        mass by block, layer by layer; a full cell is 1
      </text>
      {blocks.map(({ name, role }, block) => (
        <g key={name} data-actor={ROLE_LOOKS[role].actor} transform={`translate(0 ${HEAD + block * ROW})`}>
          <text x={left - 8} y="11" textAnchor="end" data-actor={ROLE_LOOKS[role].actor}>
            {blockLabel(name, token.view)}
          </text>
          {token.row.attention.mass.map((masses, index) => (
            <Cell
              key={index}
              x={left + index * cell}
              width={cell - 1}
              mass={masses[block] ?? 0}
              title={`${blockLabel(name, token.view)}, layer ${index + 1}: ${(masses[block] ?? 0).toFixed(3)}`}
              onChoose={() => onLayer(index)}
            />
          ))}
        </g>
      ))}
      {layer !== null && layer < numLayers && (
        <rect
          className="reading__cursor"
          x={left + layer * cell - 1}
          width={cell + 1}
          y={HEAD - 1}
          height={blocks.length * ROW - 1}
        />
      )}
      <text x={left} y={bottom + 11}>
        layer 1
      </text>
      <text x={width} y={bottom + 11} textAnchor="end">
        {numLayers}
      </text>
    </g>
  );
}

/** Filled from below, so that it can be read without colour. */
function Cell({
  x,
  width,
  mass,
  title,
  onChoose,
}: {
  readonly x: number;
  readonly width: number;
  readonly mass: number;
  readonly title: string;
  readonly onChoose: () => void;
}): ReactElement {
  const height = 13;
  return (
    // The slider above chooses a layer by keyboard.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <g className="reading__cell" onClick={onChoose}>
      <rect x={x} y="1" width={Math.max(1, width)} height={height} className="reading__ground" />
      <rect
        x={x}
        y={1 + height * (1 - mass)}
        width={Math.max(1, width)}
        height={height * mass}
        className="reading__colour"
      />
      <title>{title}</title>
    </g>
  );
}
