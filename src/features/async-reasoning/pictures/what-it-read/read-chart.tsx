import { useId, useMemo, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react';
import {
  blockMassesOf,
  columnsOf,
  READ_ROLES,
  roundedTogether,
  sharesOf,
  type ReadColumn,
  type ReadRole,
  type ReadToken,
} from '@/state/what-it-read.ts';
import type { PictureSize } from '@/ui/picture.tsx';
import { areaPaths, tokenAt, xOf, type Plot } from './area-paths.ts';
import { HeatStrip } from './heat-strip.tsx';
import { HEAD, MassBars, ROW } from './mass-bars.tsx';
import { ROLE_LOOKS, RolePatterns } from './role-look.tsx';

const MAX_COLUMNS = 400;
const LEFT = 34;
const RIGHT = 6;
const LEGEND = 20;
const AXIS = 18;
const MIN_PLOT = 76;
const GAP = 14;
const WIDE = 600;
const BARS = 280;
const LETTER_WIDTH = 7;
const NUMBER_WIDTH = 34;

interface ReadChartProps {
  readonly size: PictureSize;
  readonly tokens: readonly ReadToken[];
  /** Index of the token that is looked at. */
  readonly chosen: number;
  /** Null: the mean over the layers. */
  readonly layer: number | null;
  /** Whether every layer is shown by itself. */
  readonly hasLayers: boolean;
  /** Tokens that the axis has room for. */
  readonly domain: number;
  readonly valueText: string;
  readonly onChoose: (index: number | null) => void;
  readonly onLayer: (layer: number) => void;
}

/** The whole answer as stacked shares; the chosen token's blocks as bars, and on demand layer by layer. */
export function ReadChart(props: ReadChartProps): ReactElement {
  const { size, tokens, chosen, layer, hasLayers, domain, onLayer } = props;
  const id = useId();
  const token = tokens[chosen];
  const columns = useMemo(() => columnsOf(tokens, layer, MAX_COLUMNS), [tokens, layer]);
  const blocks = token === undefined ? [] : blockMassesOf(token, layer);
  const detail = blocks.length * ROW + 2 * HEAD;
  const isWide = size.width >= WIDE;
  const barsWidth = isWide ? BARS : size.width;
  const areaWidth = isWide ? size.width - BARS - 28 : size.width;
  const below = (isWide ? 0 : GAP + detail) + (hasLayers ? GAP + detail : 0);
  const plotHeight = Math.max(MIN_PLOT, isWide ? detail - LEGEND : 0, size.height - LEGEND - AXIS - below);
  const plot: Plot = { left: LEFT, top: LEGEND, width: areaWidth - LEFT - RIGHT, height: plotHeight, domain };
  const areaHeight = LEGEND + plotHeight + AXIS;
  const height = areaHeight + below;
  return (
    <svg width={size.width} height={height}>
      <RolePatterns id={id} />
      <Legend id={id} token={token} layer={layer} columns={columns} width={areaWidth} />
      <Area {...props} id={id} plot={plot} columns={columns} />
      {token !== undefined && (
        <g aria-hidden="true">
          <g transform={isWide ? `translate(${size.width - barsWidth} 0)` : `translate(0 ${areaHeight + GAP})`}>
            <MassBars id={id} token={token} blocks={blocks} layer={layer} width={barsWidth} />
          </g>
          {hasLayers && (
            <g transform={`translate(0 ${height - detail})`}>
              <HeatStrip token={token} layer={layer} width={size.width} onLayer={onLayer} />
            </g>
          )}
        </g>
      )}
    </svg>
  );
}

/** What is in the picture at all, in the order of the stack, with the chosen token's numbers. */
function Legend({
  id,
  token,
  layer,
  columns,
  width,
}: {
  readonly id: string;
  readonly token: ReadToken | undefined;
  readonly layer: number | null;
  readonly columns: readonly ReadColumn[];
  readonly width: number;
}): ReactElement {
  const roles = rolesIn(columns);
  const shares = token === undefined ? null : sharesOf(token, layer);
  const numbers = roundedTogether(shares === null ? [] : roles.map((role) => shares[role]), 2);
  const withNumbers = placesOf(roles, NUMBER_WIDTH);
  const hasNumbers = LEFT + (withNumbers.at(-1) ?? 0) <= width;
  const places = hasNumbers ? withNumbers : placesOf(roles, 0);
  return (
    <g aria-hidden="true" className="reading__legend">
      {roles.map((role, index) => (
        <g key={role} transform={`translate(${LEFT + (places[index] ?? 0)} 0)`}>
          <rect y="2" width="10" height="10" fill={`url(#${id}-${role})`} />
          <text x="15" y="11" data-actor={ROLE_LOOKS[role].actor}>
            {ROLE_LOOKS[role].label}
            {hasNumbers && (
              <tspan className="reading__number" dx="5">
                {(numbers[index] ?? 0).toFixed(2)}
              </tspan>
            )}
          </text>
        </g>
      ))}
    </g>
  );
}

/** Where each entry begins, and where the last one ends; letters are taken as wide as they get. */
function placesOf(roles: readonly ReadRole[], numberWidth: number): readonly number[] {
  const places = [0];
  for (const role of roles)
    places.push((places.at(-1) ?? 0) + 15 + ROLE_LOOKS[role].label.length * LETTER_WIDTH + numberWidth + 10);
  return places;
}

export function rolesIn(columns: readonly ReadColumn[]): readonly ReadRole[] {
  return READ_ROLES.filter((role) => role !== 'earlier' || columns.some(({ shares }) => shares.earlier > 0));
}

interface AreaProps extends ReadChartProps {
  readonly id: string;
  readonly plot: Plot;
  readonly columns: readonly ReadColumn[];
}

function Area({ id, plot, columns, tokens, chosen, valueText, onChoose }: AreaProps): ReactElement {
  const paths = useMemo(
    () => areaPaths(columns, plot),
    // oxlint-disable-next-line react/exhaustive-deps -- the plot is made anew each time; its numbers count
    [columns, plot.left, plot.top, plot.width, plot.height, plot.domain],
  );
  const bottom = plot.top + plot.height;
  const choose = (event: PointerEvent<SVGRectElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    onChoose(tokenAt(plot, plot.left + event.clientX - box.left, tokens.length));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = tokenForKey(event.key, chosen, tokens.length);
    if (target === undefined) return;
    event.preventDefault();
    onChoose(target);
  };
  const perColumn = (columns[0]?.last ?? 0) + 1;
  const unit = perColumn > 1 ? `answer tokens, ${perColumn} averaged in a column` : 'answer tokens';
  return (
    <g>
      <g aria-hidden="true">
        {[0, 0.5, 1].map((share) => (
          <text key={share} x={LEFT - 5} y={bottom - share * plot.height + 4} textAnchor="end">
            {share}
          </text>
        ))}
        <rect x={plot.left} y={plot.top} width={plot.width} height={plot.height} className="reading__ground" />
        {READ_ROLES.map((role) => (
          <path key={role} d={paths[role]} fill={`url(#${id}-${role})`} className="reading__area" />
        ))}
        <TurnLines tokens={tokens} plot={plot} />
        <text x={plot.left} y={bottom + 14}>
          1
        </text>
        <text x={plot.left + plot.width / 2} y={bottom + 14} textAnchor="middle">
          {unit}
        </text>
        <text x={plot.left + plot.width} y={bottom + 14} textAnchor="end">
          {plot.domain}
        </text>
        <rect
          className="reading__cursor"
          x={xOf(plot, chosen) - 0.75}
          width={Math.max(1, plot.width / plot.domain) + 1.5}
          y={plot.top - 3}
          height={plot.height + 6}
        />
      </g>
      <rect
        className="reading__hit"
        data-export="no"
        x={plot.left}
        y={plot.top}
        width={plot.width}
        height={plot.height}
        role="slider"
        tabIndex={0}
        aria-label="Answer token"
        aria-valuemin={1}
        aria-valuemax={tokens.length}
        aria-valuenow={chosen + 1}
        aria-valuetext={valueText}
        onPointerDown={choose}
        onPointerMove={(event) => {
          if (event.buttons === 1) choose(event);
        }}
        onKeyDown={onKeyDown}
      />
    </g>
  );
}

/** Where later turns begin. */
function TurnLines({ tokens, plot }: { readonly tokens: readonly ReadToken[]; readonly plot: Plot }): ReactElement {
  const starts = tokens.flatMap(({ view }, index) =>
    index > 0 && view.length !== tokens[index - 1]?.view.length ? [index] : [],
  );
  return (
    <>
      {starts.map((start) => (
        <line
          key={start}
          className="reading__turn"
          x1={xOf(plot, start)}
          x2={xOf(plot, start)}
          y1={plot.top}
          y2={plot.top + plot.height}
        />
      ))}
    </>
  );
}

/** @returns null for the newest, undefined when the key means nothing here */
function tokenForKey(key: string, current: number, numTokens: number): number | null | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, current - 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(numTokens - 1, current + 1);
    case 'PageDown':
      return Math.max(0, current - 10);
    case 'PageUp':
      return Math.min(numTokens - 1, current + 10);
    case 'Home':
      return 0;
    case 'End':
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}
