import { memo, type ReactElement } from 'react';
import type { TraceState } from '@/protocol/reasoning.ts';
import { ActorGlyph, type Actor } from '@/ui/actor.tsx';
import { tickText } from '@/ui/time-axis.ts';
import { barsPath, labelsApart, marginsPath, strokesPath, xOf, type Label, type Scale } from './lane-paths.ts';
import { STATE_LABELS } from './moment.ts';
import type { RunAxis } from './run-axis.ts';
import { probeBars, probeScale, remarkSteps, stateRuns, type TimedRun } from './run-lanes.ts';
import type { Band, TimelineLayout } from './timeline-layout.ts';
import { ticksIn } from './viewport.ts';

export interface LanesProps {
  readonly run: TimedRun;
  readonly axis: RunAxis;
  readonly scale: Scale;
  readonly layout: TimelineLayout;
  /** Of the page, for the hatching. */
  readonly hatchId: string;
}

/** The lanes as they stand; drawn again when the run, the part of it that is shown, or the size changes. */
export const TimelineLanes = memo(function TimelineLanes(props: LanesProps): ReactElement {
  const { layout } = props;
  return (
    <>
      <LaneName name="keys" actor="user" band={layout.keys} layout={layout} />
      <LaneName name="think" actor="thinker" band={layout.think} layout={layout} />
      <LaneName name="write" actor="writer" band={layout.write} layout={layout} />
      <LaneName name="probe" actor="probe" band={layout.probe} layout={layout} />
      <LaneName name="state" band={layout.states} layout={layout} />
      <KeysLane {...props} />
      <StreamLane {...props} stream="thinker" band={layout.think} />
      <StreamLane {...props} stream="writer" band={layout.write} />
      <ProbeLane {...props} />
      <StatesLane {...props} />
      <Axis {...props} />
      <TurnLines {...props} />
    </>
  );
});

function middle({ top, height }: Band): number {
  return top + height / 2;
}

interface LaneNameProps {
  readonly name: string;
  readonly actor?: Actor;
  readonly band: Band;
  readonly layout: TimelineLayout;
}

function LaneName({ name, actor, band, layout }: LaneNameProps): ReactElement {
  const y = middle(band);
  return (
    <g data-actor={actor}>
      {actor !== undefined && <ActorGlyph actor={actor} x={7} y={y} />}
      <text className="timeline__name" x={17} y={y} dy="0.35em">
        {name}
      </text>
      <line className="timeline__track" x1={layout.left} x2={layout.left + layout.width} y1={y} y2={y} />
    </g>
  );
}

/** Small: text read; dashed: text changed; tall: Enter; a block: a remark. */
function KeysLane({ run, axis, scale, layout }: LanesProps): ReactElement {
  const { top, height } = layout.keys;
  const placeOfDraft = ({ step, elapsedMs }: TimedRun['drafts'][number]): number =>
    axis.kind === 'time' ? elapsedMs : axis.startOf(step) + 0.5;
  const edits = run.drafts.filter(({ removedTokens }) => removedTokens > 0);
  const reads = run.drafts.filter(({ removedTokens }) => removedTokens === 0);
  const half = axis.kind === 'time' ? 0 : 0.5;
  const sent = run.sentSteps.map((step) => axis.startOf(step) + half);
  const remarks = remarkSteps(run).map((step) => axis.startOf(step) + half);
  const label = (place: number, text: string): Label => ({ x: xOf(scale, place) + 5, text });
  const labels = [
    ...sent.map((place) => label(place, 'Enter')),
    ...remarks.map((place) => label(place, 'remark')),
    ...edits.map((edit) => label(placeOfDraft(edit), 'edit')),
  ].filter(({ x }) => x > scale.left);
  const marks = [...sent, ...remarks, ...run.drafts.map(placeOfDraft)].map((place) => xOf(scale, place));
  return (
    <g data-actor="user">
      <path
        className="timeline__tick"
        d={strokesPath(reads.map(placeOfDraft), scale, top + height * 0.3, top + height * 0.7)}
      />
      <path
        className="timeline__edit"
        d={strokesPath(edits.map(placeOfDraft), scale, top + height * 0.15, top + height * 0.85)}
      />
      <path className="timeline__sent" d={strokesPath(sent, scale, top + 1, top + height - 1)} />
      <path className="timeline__remark" d={strokesPath(remarks, scale, top + height * 0.3, top + height * 0.7)} />
      {labelsApart(labels, marks, layout.fontSize * 0.55, scale.left + scale.width).map(({ x, text }) => (
        <text key={x} className="timeline__label" x={x} y={top + height / 2} dy="0.35em">
          {text}
        </text>
      ))}
    </g>
  );
}

interface StreamLaneProps extends LanesProps {
  readonly stream: 'thinker' | 'writer';
  readonly band: Band;
}

function StreamLane({ run, axis, scale, stream, band }: StreamLaneProps): ReactElement {
  const { top, height } = band;
  const cuts = stream === 'thinker' ? run.cutSteps.map((step) => axis.startOf(step)) : [];
  return (
    <g data-actor={stream}>
      <path
        className="timeline__bar"
        data-testid={`timeline-${stream}`}
        d={barsPath(run.runs[stream].flatMap(axis.spansOf), scale, top + height * 0.25, height * 0.5)}
      />
      <path className="timeline__edit" d={strokesPath(cuts, scale, top + 1, top + height - 1)} />
    </g>
  );
}

/** Up and wide: yes; down and narrow: no; the line is the threshold. */
function ProbeLane({ run, axis, scale, layout }: LanesProps): ReactElement {
  const { top, height } = layout.probe;
  const base = top + height / 2;
  const bars = probeBars(run);
  const half = probeScale(bars);
  const drawn = { base, reach: height / 2 - 3, half };
  const measured = (isYes: boolean) =>
    bars
      .filter(({ yes }) => yes === isYes)
      .map(({ step, value }) => ({ place: (axis.startOf(step) + axis.endOf(step)) / 2, value }));
  const font = layout.fontSize * 0.85;
  return (
    <g data-actor="probe">
      <path className="timeline__no" d={marginsPath(measured(false), scale, drawn)} />
      <path className="timeline__yes" d={marginsPath(measured(true), scale, drawn)} />
      <line className="timeline__threshold" x1={scale.left} x2={scale.left + scale.width} y1={base} y2={base} />
      <text className="timeline__limit" x={scale.left - 4} y={top + font} fontSize={font} textAnchor="end">
        +{half}
      </text>
      <text className="timeline__limit" x={scale.left - 4} y={top + height - 3} fontSize={font} textAnchor="end">
        {'\u2212'}
        {half}
      </text>
    </g>
  );
}

const STATES: readonly TraceState[] = ['thinker_only', 'thinker_and_writer', 'writer_only'];
/** Pixels of a wait on the axis of steps, where it takes no room of its own. */
const WAIT_WIDTH = 4;

function StatesLane({ run, axis, scale, layout, hatchId }: LanesProps): ReactElement {
  const { top, height } = layout.states;
  const runs = stateRuns(run.traceSteps);
  const band = { top: top + height * 0.15, height: height * 0.7 };
  const spansOf = (state: TraceState) => runs.filter((part) => part.state === state).flatMap(axis.spansOf);
  const named = STATES.flatMap((state) => spansOf(state).map((span) => ({ ...span, text: STATE_LABELS[state] })));
  const waits = run.waits.map(({ step, fromMs, toMs }) => {
    if (axis.kind === 'time') return { from: fromMs, to: toMs ?? run.elapsedMs };
    const wide = (WAIT_WIDTH / scale.width) * (scale.range.to - scale.range.from);
    return { from: step - wide / 2, to: step + wide / 2 };
  });
  const texts = [...named, ...waits.map((span) => ({ ...span, text: 'waiting' }))];
  return (
    <g>
      {STATES.map((state) => (
        <path
          key={state}
          className="timeline__state"
          data-state={state}
          d={barsPath(spansOf(state), scale, band.top, band.height)}
        />
      ))}
      <path className="timeline__wait" d={barsPath(waits, scale, band.top, band.height)} fill={`url(#${hatchId})`} />
      {texts.flatMap(({ from, to, text }) => {
        const left = Math.max(scale.left, xOf(scale, from));
        const right = Math.min(scale.left + scale.width, xOf(scale, to));
        if (right - left < (text.length + 1) * layout.fontSize * 0.58) return [];
        return (
          <text
            key={`${text} ${from}`}
            className="timeline__state-name"
            x={(left + right) / 2}
            y={top + height / 2}
            dy="0.35em"
          >
            {text}
          </text>
        );
      })}
    </g>
  );
}

function Axis({ axis, scale, layout }: LanesProps): ReactElement {
  const { top } = layout.axis;
  const right = scale.left + scale.width;
  const unit = axis.kind === 'time' ? ' s' : ' steps';
  // The last one carries the unit, the others must keep clear of it.
  const charWidth = layout.fontSize * 0.6;
  const ticks = ticksIn(scale.range, Math.max(2, scale.width / (layout.fontSize * 6)));
  return (
    <g className="timeline__axis">
      <line x1={scale.left} x2={right} y1={top} y2={top} />
      {ticks.map((tick, index) => {
        const text = `${axis.kind === 'time' ? tickText(tick) : tick.toLocaleString('en')}${index === ticks.length - 1 ? unit : ''}`;
        const x = xOf(scale, tick);
        const half = (text.length * charWidth) / 2;
        const anchor = x + half > right + 6 ? 'end' : x - half < scale.left ? 'start' : 'middle';
        return (
          <g key={tick}>
            <line x1={x} x2={x} y1={top} y2={top + 4} />
            <text x={x} y={top + 5} dy="0.8em" textAnchor={anchor}>
              {text}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** Where later turns begin. */
function TurnLines({ run, axis, scale, layout }: LanesProps): ReactElement {
  const { top } = layout.axis;
  return (
    <path
      className="timeline__turn"
      d={strokesPath(
        run.turnSteps.map((step) => axis.startOf(step)),
        scale,
        0,
        top,
      )}
    />
  );
}
