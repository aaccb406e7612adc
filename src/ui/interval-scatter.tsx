import './interval-scatter.css';
import { useElementSize } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { labelPlaces } from './label-places.ts';
import { roundTicks } from './round-ticks.ts';

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface ScatterPoint {
  readonly name: string;
  readonly x: Estimate;
  /** 0 to 1. */
  readonly y: Estimate;
}

interface IntervalScatterProps {
  readonly points: readonly ScatterPoint[];
  readonly xTitle: string;
  readonly yTitle: string;
  /** Says what the picture shows; its numbers have to stand in a table besides. */
  readonly label: string;
}

const HEIGHT = 300;
const MARGIN = { top: 26, right: 14, bottom: 42, left: 40 };
const SHARES = [0, 0.25, 0.5, 0.75, 1];
/** One form per point, so that no colour is needed to tell them apart. */
const MARKS = [
  'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z',
  'M-4.5 -4.5h9v9h-9Z',
  'M0 -6L5.5 4.5H-5.5Z',
  'M0 -6L6 0L0 6L-6 0Z',
  'M0 6L-5.5 -4.5H5.5Z',
  'M-6 -2h4v-4h4v4h4v4h-4v4h-4v-4h-4Z',
  'M-6 4L-2 0L-6 -4L-4 -6L0 -2L4 -6L6 -4L2 0L6 4L4 6L0 2L-4 6Z',
  'M0 -6L6 -1.5L3.5 5.5H-3.5L-6 -1.5Z',
];

/** Shares over a cost, each point with its name and with both intervals as bars. */
export function IntervalScatter({ points, xTitle, yTitle, label }: IntervalScatterProps): ReactElement {
  const { ref, width } = useElementSize();
  const ticks = roundTicks(points.map(({ x }) => x.high));
  const end = ticks.at(-1) ?? 1;
  const plotWidth = Math.max(1, width - MARGIN.left - MARGIN.right);
  const plotHeight = HEIGHT - MARGIN.top - MARGIN.bottom;
  // An interval may reach below zero; the axis does not.
  const toX = (value: number): number => (Math.max(0, value) / end) * plotWidth;
  const toY = (share: number): number => (1 - share) * plotHeight;
  const places = labelPlaces(
    points.map(({ name, x, y }) => ({ name, x: toX(x.value), y: toY(y.value) })),
    plotWidth,
    plotHeight,
  );
  return (
    <div className="scatter" ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-label={label}>
        <g transform={`translate(${MARGIN.left} ${MARGIN.top})`} aria-hidden="true">
          <text x={-MARGIN.left} y={-12} className="scatter__title">
            {yTitle}
          </text>
          <text x={plotWidth} y={plotHeight + 38} textAnchor="end" className="scatter__title">
            {xTitle}
          </text>
          {SHARES.map((share) => (
            <g key={share} transform={`translate(0 ${toY(share)})`}>
              <line x2={plotWidth} className="scatter__grid" />
              <text x={-8} y={4} textAnchor="end" className="scatter__tick">
                {share * 100}
              </text>
            </g>
          ))}
          {ticks.map((tick) => (
            <g key={tick} transform={`translate(${toX(tick)} ${plotHeight})`}>
              <line y2={5} className="scatter__axis" />
              <text y={19} textAnchor="middle" className="scatter__tick">
                {tick}
              </text>
            </g>
          ))}
          {points.map(({ name, x, y }) => (
            <g key={name} className="scatter__bars">
              <line x1={toX(x.low)} x2={toX(x.high)} y1={toY(y.value)} y2={toY(y.value)} />
              <line x1={toX(x.value)} x2={toX(x.value)} y1={toY(y.low)} y2={toY(y.high)} />
            </g>
          ))}
          {points.map(({ name, x, y }, index) => (
            <path
              key={name}
              className="scatter__mark"
              d={MARKS[index % MARKS.length]}
              transform={`translate(${toX(x.value)} ${toY(y.value)})`}
            />
          ))}
          {points.map(({ name }, index) => (
            <text
              key={name}
              className="scatter__name"
              x={places[index]?.x}
              y={places[index]?.y}
              textAnchor={places[index]?.anchor}
            >
              {name}
            </text>
          ))}
        </g>
      </svg>
    </div>
  );
}
