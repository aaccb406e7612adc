import './time-lanes.css';
import { useElementSize } from '@mantine/hooks';
import { useId, useState, type PointerEvent, type ReactElement } from 'react';
import { growingEnd, tickText, timeAxis, type TimeAxis } from './time-axis.ts';

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TimeLane {
  readonly name: string;
  /** Where the name and its note have no room beside each other. */
  readonly shortName: string;
  /** At the right end of the name's line, in a wide and in a narrow lane. */
  readonly note: string;
  readonly shortNote: string;
  readonly thinking: readonly Span[];
  readonly writing: readonly Span[];
  readonly waiting: readonly Span[];
  readonly firstTokenMs: number | null;
  readonly firstSentenceMs: number | null;
}

interface TimeLanesProps {
  readonly lanes: readonly TimeLane[];
  /** How long the question was typed in front of Enter; 0 = it was there at once. */
  readonly typingMs: number;
  readonly isGrowing: boolean;
  /** Says what the picture shows. */
  readonly label: string;
  /** What happened at a time, for the line below the lanes. */
  readonly describe: (ms: number) => string;
}

const TYPING_HEIGHT = 30;
const LANE_HEIGHT = 58;
const AXIS_HEIGHT = 24;
const THINKING = { top: 22, height: 8 };
const WRITING = { top: 32, height: 12 };
const NARROW = 560;
/** Of a character of a name and of a note: enough for most texts. */
const NAME_CHARACTER = 8;
const NOTE_CHARACTER = 7;
const MIN_BEFORE_MS = 10_000;

/** Lanes on one clock that begins with Enter: above, thinking; below, writing and the waiting for it. */
export function TimeLanes({ lanes, typingMs, isGrowing, label, describe }: TimeLanesProps): ReactElement {
  const { ref, width } = useElementSize();
  const [pointedMs, setPointedMs] = useState<number | null>(null);
  const hatch = useId();
  const isNarrow = width < NARROW;
  const axis = axisOf(lanes, typingMs, isGrowing, isNarrow ? 5 : 10);
  const toX = (ms: number): number => ((ms - axis.fromMs) / (axis.toMs - axis.fromMs)) * width;
  const lanesTop = typingMs > 0 ? TYPING_HEIGHT : 6;
  const bottom = lanesTop + lanes.length * LANE_HEIGHT;

  const onPointerMove = (event: PointerEvent): void => {
    const left = event.currentTarget.getBoundingClientRect().left;
    const ms = axis.fromMs + ((event.clientX - left) / width) * (axis.toMs - axis.fromMs);
    setPointedMs(Math.min(axis.toMs, Math.max(axis.fromMs, ms)));
  };

  return (
    <div className="time-lanes">
      <div ref={ref} onPointerMove={onPointerMove} onPointerLeave={() => setPointedMs(null)}>
        <svg width={width} height={bottom + AXIS_HEIGHT} role="img" aria-label={label}>
          <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line x1="0" x2="0" y1="0" y2="6" className="time-lanes__hatch" />
          </pattern>
          <Axis axis={axis} toX={toX} bottom={bottom} />
          {typingMs > 0 && (
            <>
              <text x={0} y={11} className="time-lanes__name time-lanes__name--user">
                You type, {(typingMs / 1000).toFixed(1)} s
              </text>
              <rect
                x={toX(-typingMs)}
                width={toX(0) - toX(-typingMs)}
                y={17}
                height={8}
                className="time-lanes__typing"
              />
            </>
          )}
          {lanes.map((lane, index) => (
            <g key={lane.name} transform={`translate(0 ${lanesTop + index * LANE_HEIGHT})`}>
              <Lane lane={lane} toX={toX} width={width} hatch={hatch} isNarrow={isNarrow} />
            </g>
          ))}
          {pointedMs !== null && (
            <line x1={toX(pointedMs)} x2={toX(pointedMs)} y1={0} y2={bottom} className="time-lanes__pointed" />
          )}
        </svg>
      </div>
      <p className="time-lanes__caption" aria-hidden="true">
        {pointedMs === null ? 'Seconds since Enter. Point at the lanes to read a moment.' : describe(pointedMs)}
      </p>
      <Legend hatch={hatch} hasTyping={typingMs > 0} />
    </div>
  );
}

function axisOf(lanes: readonly TimeLane[], typingMs: number, isGrowing: boolean, maxTicks: number): TimeAxis {
  const spans = lanes.flatMap(({ thinking, writing, waiting }) => [...thinking, ...writing, ...waiting]);
  const first = spans.reduce((least, { fromMs }) => Math.min(least, fromMs), -typingMs);
  const last = spans.reduce((most, { toMs }) => Math.max(most, toMs), 0);
  const end = isGrowing ? growingEnd(last) : last;
  // A question that was typed for minutes leaves at least half of the picture to what came after it.
  return timeAxis(Math.max(first, -Math.max(end, MIN_BEFORE_MS)), end, maxTicks);
}

interface AxisProps {
  readonly axis: TimeAxis;
  readonly toX: (ms: number) => number;
  readonly bottom: number;
}

function Axis({ axis, toX, bottom }: AxisProps): ReactElement {
  return (
    <>
      {axis.ticksMs.map((ms) => (
        <g key={ms}>
          <line x1={toX(ms)} x2={toX(ms)} y1={bottom} y2={bottom + 5} className="time-lanes__tick" />
          <text x={toX(ms)} y={bottom + 18} textAnchor={anchorOf(ms, axis)} className="time-lanes__time">
            {ms === axis.toMs ? `${tickText(ms)} s` : tickText(ms)}
          </text>
        </g>
      ))}
      <line x1={toX(axis.fromMs)} x2={toX(axis.toMs)} y1={bottom} y2={bottom} className="time-lanes__tick" />
    </>
  );
}

function anchorOf(ms: number, axis: TimeAxis): 'start' | 'middle' | 'end' {
  if (ms === axis.toMs) return 'end';
  return (ms - axis.fromMs) / (axis.toMs - axis.fromMs) < 0.02 ? 'start' : 'middle';
}

interface LaneProps {
  readonly lane: TimeLane;
  readonly toX: (ms: number) => number;
  readonly width: number;
  readonly hatch: string;
  readonly isNarrow: boolean;
}

function Lane({ lane, toX, width, hatch, isNarrow }: LaneProps): ReactElement {
  const { firstTokenMs, firstSentenceMs } = lane;
  const hasRoom = !isNarrow && lane.name.length * NAME_CHARACTER + lane.note.length * NOTE_CHARACTER < width;
  return (
    <>
      <text x={0} y={14} className="time-lanes__name">
        {hasRoom ? lane.name : lane.shortName}
      </text>
      <text x={width} y={14} textAnchor="end" className="time-lanes__note">
        {isNarrow ? lane.shortNote : lane.note}
      </text>
      {/* Enter, beside the bars only: it would cross the words above them. */}
      <line x1={toX(0)} x2={toX(0)} y1={THINKING.top - 2} y2={LANE_HEIGHT - 4} className="time-lanes__enter" />
      <path d={spansPath(lane.waiting, toX, WRITING)} fill={`url(#${hatch})`} />
      <path d={spansPath(lane.thinking, toX, THINKING)} className="time-lanes__thinking" />
      <path d={spansPath(lane.writing, toX, WRITING)} className="time-lanes__writing" />
      {firstTokenMs !== null && <path d={tokenMark(toX(firstTokenMs))} className="time-lanes__mark" />}
      {firstSentenceMs !== null && <path d={sentenceMark(toX(firstSentenceMs))} className="time-lanes__mark" />}
    </>
  );
}

function spansPath(
  spans: readonly Span[],
  toX: (ms: number) => number,
  { top, height }: { readonly top: number; readonly height: number },
): string {
  return spans
    .map(({ fromMs, toMs }) => {
      const left = toX(fromMs);
      const right = Math.max(toX(toMs), left + 1);
      return `M${left.toFixed(1)} ${top}H${right.toFixed(1)}v${height}H${left.toFixed(1)}z`;
    })
    .join('');
}

/** A triangle that stands below the bar and points at it. */
function tokenMark(x: number): string {
  return `M${x.toFixed(1)} 44l4.5 8h-9z`;
}

/** A diamond at the same place. */
function sentenceMark(x: number): string {
  return `M${x.toFixed(1)} 43l4.5 4.5l-4.5 4.5l-4.5 -4.5z`;
}

function Legend({ hatch, hasTyping }: { readonly hatch: string; readonly hasTyping: boolean }): ReactElement {
  return (
    <ul className="time-lanes__legend" aria-hidden="true">
      {hasTyping && (
        <li>
          <svg width="22" height="10">
            <rect y="1" width="22" height="8" className="time-lanes__typing" />
          </svg>
          typing
        </li>
      )}
      <li>
        <svg width="22" height="10">
          <rect y="1" width="22" height="8" className="time-lanes__thinking" />
        </svg>
        thinking
      </li>
      <li>
        <svg width="22" height="12">
          <rect width="22" height="12" fill={`url(#${hatch})`} />
        </svg>
        you wait
      </li>
      <li>
        <svg width="22" height="12">
          <rect width="22" height="12" className="time-lanes__writing" />
        </svg>
        writing
      </li>
      <li>
        <svg width="10" height="10" viewBox="0 43 10 10">
          <path d={tokenMark(5)} className="time-lanes__mark" />
        </svg>
        first token
      </li>
      <li>
        <svg width="10" height="10" viewBox="0 43 10 10">
          <path d={sentenceMark(5)} className="time-lanes__mark" />
        </svg>
        first sentence
      </li>
    </ul>
  );
}
