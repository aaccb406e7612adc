import { useId, type ReactElement } from 'react';
import { ActorGlyph, type Actor } from '@/ui/actor.tsx';
import { formatSigned } from '@/ui/format.ts';
import type { PictureSize } from '@/ui/picture.tsx';
import { ROLES } from '../block-roles.ts';
import type { ViewName } from '../step-views.ts';
import type { BlockMapData, CacheBlock, ViewBlock, ViewRow } from './block-map-data.ts';
import { cellsOf, pxPerToken, widthOf, type Cell, type Strip } from './block-map-layout.ts';

export const VIEW_LABELS: Readonly<Record<ViewName, string>> = {
  thinker: 'Thinker sees',
  writer: 'Writer sees',
  probe: 'Probe saw',
};

interface BlockMapDrawingProps {
  readonly size: PictureSize;
  readonly map: BlockMapData;
}

const VIEW_NAMES: readonly ViewName[] = ['thinker', 'writer', 'probe'];
const NARROW = 600;
/** Pixels that the longest bars have besides the words below them. */
const LEAST_BARS = 90;

/** Four strips: the cache, and the views of thinker, writer and probe, each in its own order. */
export function BlockMapDrawing({ size, map }: BlockMapDrawingProps): ReactElement {
  const { width, height } = size;
  const id = useId();
  const isNarrow = width < NARROW;
  const strips = 1 + VIEW_NAMES.length;
  const least = isNarrow ? 66 : 47;
  const stripHeight = Math.max(least, Math.min(130, height / strips));
  const fontSize = Math.min(18, Math.max(12, (stripHeight - (isNarrow ? 18 : 0)) * 0.24));
  const left = isNarrow ? 0 : Math.round(fontSize * 9);
  const sizes = [stripOfCache(map.cache, fontSize), ...map.rows.map((row) => stripOfView(row.blocks, fontSize))];
  // Where the words alone take all the room, the drawing is wider than its place and scrolls.
  const wordsWidth = Math.max(...sizes.map((strip) => widthOf(strip, 0)));
  const scale = pxPerToken(sizes, Math.max(width - left, wordsWidth + LEAST_BARS));
  const drawn: DrawnProps = { left, fontSize, isNarrow, height: stripHeight, scale, id };
  const full = Math.max(width, left + Math.max(...sizes.map((strip) => widthOf(strip, scale))));
  return (
    <svg
      className="block-map"
      width={Math.ceil(full)}
      height={stripHeight * strips}
      style={{ fontSize }}
      aria-hidden="true"
    >
      <Hatches id={id} />
      <StripHead {...drawn} top={0} name="Cache" note={map.cache.length === 0 ? '' : 'tokens'} />
      {map.cache.length === 0 ? (
        <text className="block-map__hint" x={left} y={isNarrow ? stripHeight * 0.6 : fontSize * 1.1}>
          One bar per block, once you type.
        </text>
      ) : (
        <CacheStrip {...drawn} top={0} blocks={map.cache} />
      )}
      {VIEW_NAMES.map((view, index) => {
        const row = map.rows.find((candidate) => candidate.view === view);
        const top = (index + 1) * stripHeight;
        const isNow = row === undefined || row.step === map.step;
        return (
          <g key={view} data-testid={`view-${view}`}>
            <StripHead
              {...drawn}
              top={top}
              name={VIEW_LABELS[view]}
              actor={view}
              note={row === undefined ? 'not yet' : isNow ? 'at offset' : `in step ${row.step}`}
            />
            {row !== undefined && <ViewStrip {...drawn} top={top} row={row} isNow={isNow} />}
          </g>
        );
      })}
    </svg>
  );
}

interface DrawnProps {
  readonly left: number;
  readonly fontSize: number;
  readonly isNarrow: boolean;
  readonly height: number;
  /** Pixels per token. */
  readonly scale: number;
  readonly id: string;
}

interface StripProps extends DrawnProps {
  readonly top: number;
}

function charsToPx(chars: number, fontSize: number): number {
  return chars * fontSize * 0.6;
}

/** A number in bold and its change. */
function valueWidth(value: number, change: string, fontSize: number): number {
  return charsToPx(value.toLocaleString('en').length * 1.15 + change.length + 1, fontSize);
}

function signed(change: number | null): string {
  return change === null || change === 0 ? '' : formatSigned(change, 0);
}

function stripOfCache(blocks: readonly CacheBlock[], fontSize: number): Strip {
  const needed = blocks.map(({ label, length, change }) =>
    Math.max(charsToPx(label.length, fontSize), valueWidth(length, signed(change), fontSize)),
  );
  return { lengths: blocks.map(({ length }) => length), needed };
}

function stripOfView(blocks: readonly ViewBlock[], fontSize: number): Strip {
  // Room for a change also where there is none now, so that nothing moves when there is.
  const needed = blocks.map(({ label, rotaryOffset, change }) =>
    Math.max(charsToPx(label.length, fontSize), valueWidth(rotaryOffset, signed(change).padEnd(2), fontSize)),
  );
  return { lengths: blocks.map(({ length }) => length), needed };
}

/** Lines in the surface's colour over a bar: one way for an older context, crossed for text since changed. */
function Hatches({ id }: { readonly id: string }): ReactElement {
  return (
    <>
      <pattern id={`${id}older`} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line className="block-map__older-line" x1="1" x2="1" y1="0" y2="5" />
      </pattern>
      <pattern id={`${id}changed`} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path className="block-map__changed-line" d="M1 0v4M0 1h4" />
      </pattern>
    </>
  );
}

interface StripHeadProps extends StripProps {
  readonly name: string;
  readonly note: string;
  readonly actor?: Actor;
}

/** Left of the strip; where that has no room, above it. */
function StripHead({ top, fontSize, isNarrow, name, note, actor }: StripHeadProps): ReactElement {
  const y = top + fontSize * 1.05;
  const indent = actor === undefined ? 0 : 14;
  return (
    <g data-actor={actor}>
      {actor !== undefined && <ActorGlyph actor={actor} x={5} y={y - fontSize * 0.36} />}
      <text className="block-map__name" x={indent} y={y}>
        {name}
      </text>
      <text
        className="block-map__note"
        x={isNarrow ? indent + charsToPx(name.length + 2, fontSize) : indent}
        y={isNarrow ? y : y + fontSize * 1.2}
      >
        {note}
      </text>
    </g>
  );
}

interface BarPlace {
  readonly y: number;
  readonly height: number;
  readonly labelY: number;
  readonly valueY: number;
}

function placesIn(props: StripProps): BarPlace {
  const { top, fontSize, isNarrow } = props;
  const y = top + (isNarrow ? fontSize * 1.5 : 2);
  const room = props.height - fontSize * (isNarrow ? 4.1 : 2.6) - 12;
  const height = Math.max(fontSize, Math.min(30, room));
  const labelY = y + height + fontSize * 1.02;
  return { y, height, labelY, valueY: labelY + fontSize * 1.12 };
}

function CacheStrip(props: StripProps & { readonly blocks: readonly CacheBlock[] }): ReactElement {
  const { blocks, fontSize, scale } = props;
  const cells = cellsOf(stripOfCache(blocks, fontSize), scale);
  return (
    <g data-testid="view-cache">
      {blocks.map((block, index) => {
        const cell = cells[index];
        return cell === undefined ? null : <CacheBar key={block.name} {...props} block={block} cell={cell} />;
      })}
    </g>
  );
}

function CacheBar(props: StripProps & { readonly block: CacheBlock; readonly cell: Cell }): ReactElement {
  const { block, cell, left, scale, id } = props;
  const { label, role, length, change, older, changed, parts } = block;
  const { y, height, labelY, valueY } = placesIn(props);
  const x = left + cell.x;
  const added = Math.min(length, Math.max(0, change ?? 0));
  const fresh = Math.max(added * scale, 3);
  const ends = parts.map((_, index) => parts.slice(0, index + 1).reduce((sum, part) => sum + part, 0));
  return (
    <g data-actor={ROLES[role].actor}>
      <rect className="block-map__bar" data-role={role} x={x} y={y} width={Math.max(1, cell.width)} height={height} />
      {older > 0 && <rect x={x} y={y} width={older * scale} height={height} fill={`url(#${id}older)`} />}
      {changed.map(({ from, to }) => (
        <rect
          key={from}
          x={x + from * scale}
          y={y}
          width={(to - from) * scale}
          height={height}
          fill={`url(#${id}changed)`}
        />
      ))}
      {ends.slice(0, -1).map((end) => (
        <line key={end} className="block-map__seam" x1={x + end * scale} x2={x + end * scale} y1={y} y2={y + height} />
      ))}
      {added > 0 && (
        <rect className="block-map__new" x={x + cell.width - fresh} y={y - 2} width={fresh} height={height + 4} />
      )}
      <text className="block-map__label" x={x} y={labelY}>
        {label}
      </text>
      <text className="block-map__value" x={x} y={valueY}>
        {length.toLocaleString('en')}
        {signed(change) !== '' && <tspan className="block-map__change"> {signed(change)}</tspan>}
      </text>
    </g>
  );
}

function ViewStrip(props: StripProps & { readonly row: ViewRow; readonly isNow: boolean }): ReactElement {
  const { row, isNow, left, fontSize, scale } = props;
  const cells = cellsOf(stripOfView(row.blocks, fontSize), scale);
  const { y, height, labelY, valueY } = placesIn(props);
  return (
    <g className="block-map__view" data-now={isNow}>
      {row.blocks.map(({ name, role, label, rotaryOffset, change }, index) => {
        const cell = cells[index] ?? { x: 0, width: 0 };
        const x = left + cell.x;
        return (
          <g key={name} data-actor={ROLES[role].actor}>
            <rect
              className="block-map__bar"
              data-role={role}
              x={x}
              y={y}
              width={Math.max(1, cell.width)}
              height={height}
            />
            <text className="block-map__label" x={x} y={labelY}>
              {label}
            </text>
            <text className="block-map__value" x={x} y={valueY}>
              {rotaryOffset.toLocaleString('en')}
              {isNow && signed(change) !== '' && <tspan className="block-map__change"> {signed(change)}</tspan>}
            </text>
          </g>
        );
      })}
    </g>
  );
}
