import './block-strip.css';
import type { CSSProperties, ReactElement } from 'react';
import { ActorMark, type Actor } from './actor.tsx';

export interface StripBlock {
  readonly name: string;
  readonly actor: Actor;
  readonly length: number;
}

export interface StripRow {
  readonly name: string;
  readonly actor: Actor;
  /** Per column: rotary offsets at the row's last step; none where the row does not see a block of it. */
  readonly rotaryOffsets: readonly (readonly number[])[];
}

interface BlockStripProps {
  readonly blocks: readonly StripBlock[];
  readonly rows: readonly StripRow[];
}

/** The KV blocks as lengths, and how far each row's newest token stood from the beginning of each. */
export function BlockStrip({ blocks, rows }: BlockStripProps): ReactElement {
  const columns = { '--columns': blocks.length } as CSSProperties;
  return (
    <div className="blocks" style={columns} role="table" aria-label="Blocks and rotary offsets">
      <div aria-hidden="true" />
      <div className="blocks__bar" aria-hidden="true">
        {blocks
          .filter(({ length }) => length > 0)
          .map((block) => (
            <span key={block.name} data-actor={block.actor} style={{ flexGrow: block.length }} />
          ))}
      </div>
      <BlockRow name="Tokens">
        {blocks.map((block) => (
          <span key={block.name} className="blocks__cell" role="cell" data-actor={block.actor}>
            <span className="blocks__name">{block.name}</span> <strong>{block.length}</strong>
          </span>
        ))}
      </BlockRow>
      {rows.map((row) => (
        <BlockRow key={row.name} name={row.name} actor={row.actor}>
          {row.rotaryOffsets.map((offsets, index) => (
            <span key={blocks[index]?.name ?? index} className="blocks__cell" role="cell">
              {offsets.length === 0 ? '\u2013' : offsets.join(', ')}
            </span>
          ))}
        </BlockRow>
      ))}
    </div>
  );
}

function BlockRow({
  name,
  actor,
  children,
}: {
  readonly name: string;
  readonly actor?: Actor;
  readonly children: readonly ReactElement[];
}): ReactElement {
  return (
    <div role="row" style={{ display: 'contents' }}>
      <span className="blocks__row-name" role="rowheader" data-actor={actor}>
        {actor !== undefined && <ActorMark actor={actor} />}
        {name}
      </span>
      <div className="blocks__columns" role="presentation">
        {children}
      </div>
    </div>
  );
}
