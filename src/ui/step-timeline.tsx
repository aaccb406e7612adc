import './step-timeline.css';
import { useRef, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react';
import { ActorMark, type Actor } from './actor.tsx';
import { barsPath, LANE_HEIGHT, stepAt, stepsOnAxis } from './lane-path.ts';

export interface LaneMark {
  readonly step: number;
  readonly shape: 'tick' | 'cut' | 'up' | 'down';
}

export interface Lane {
  readonly name: string;
  readonly actor: Actor;
  /** Steps that are filled, ascending. */
  readonly bars: readonly number[];
  readonly marks: readonly LaneMark[];
}

interface StepTimelineProps {
  readonly lanes: readonly Lane[];
  readonly numSteps: number;
  /** The step looked at; null = the newest. */
  readonly inspected: number | null;
  readonly onInspect: (step: number | null) => void;
  /** What happened in the inspected step. */
  readonly caption: string;
}

const LABEL_WIDTH = '4.2rem';

/** Lanes over the steps of a run. Point at a step, or focus it and use the arrow keys, to read what happened there. */
export function StepTimeline({ lanes, numSteps, inspected, onInspect, caption }: StepTimelineProps): ReactElement {
  const shown = stepsOnAxis(numSteps);
  const tracks = useRef<HTMLDivElement>(null);

  const onPointerMove = (event: PointerEvent): void => {
    const box = tracks.current?.getBoundingClientRect();
    if (box === undefined || numSteps === 0) return;
    onInspect(stepAt((event.clientX - box.left) / box.width, shown, numSteps));
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const current = inspected ?? numSteps - 1;
    const target = stepForKey(event.key, current, numSteps);
    if (target === undefined || numSteps === 0) return;
    event.preventDefault();
    onInspect(target);
  };

  return (
    <>
      <div
        className="timeline"
        role="slider"
        tabIndex={0}
        aria-label="Steps of the run"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, numSteps - 1)}
        aria-valuenow={Math.max(0, inspected ?? numSteps - 1)}
        aria-valuetext={caption}
        onPointerMove={onPointerMove}
        onPointerLeave={() => onInspect(null)}
        onKeyDown={onKeyDown}
        onBlur={() => onInspect(null)}
      >
        {lanes.map((lane) => (
          <LaneRow key={lane.name} lane={lane} shown={shown} />
        ))}
        <div className="timeline__axis" ref={tracks}>
          <span>0</span>
          <span>{shown / 2}</span>
          <span>{shown} steps</span>
        </div>
        {inspected !== null && (
          <div
            className="timeline__cursor"
            style={{ left: `calc(${LABEL_WIDTH} + (100% - ${LABEL_WIDTH}) * ${(inspected + 0.5) / shown})` }}
          />
        )}
      </div>
      <div className="timeline__caption" data-testid="timeline-caption">
        {caption}
      </div>
    </>
  );
}

function stepForKey(key: string, current: number, numSteps: number): number | null | undefined {
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, current - 1);
    case 'ArrowRight':
      return Math.min(numSteps - 1, current + 1);
    case 'Home':
      return 0;
    case 'End':
      return numSteps - 1;
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}

function LaneRow({ lane, shown }: { readonly lane: Lane; readonly shown: number }): ReactElement {
  return (
    <div className="timeline__lane" data-actor={lane.actor}>
      <span className="timeline__name">
        <ActorMark actor={lane.actor} />
        {lane.name}
      </span>
      <svg className="timeline__marks" viewBox={`0 0 100 ${LANE_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <line
          className="timeline__track"
          x1="0"
          x2="100"
          y1={LANE_HEIGHT / 2}
          y2={LANE_HEIGHT / 2}
          vectorEffect="non-scaling-stroke"
        />
        <path d={barsPath(lane.bars, shown)} fill="var(--actor)" />
        {lane.marks.map((mark, index) => (
          // Marks are only ever appended: the index is their identity.
          <Mark key={index} mark={mark} shown={shown} />
        ))}
      </svg>
    </div>
  );
}

/** Strokes do not scale, so a mark keeps its width while the lane is stretched. Yes stands up and is wide, no hangs down. */
function Mark({ mark, shown }: { readonly mark: LaneMark; readonly shown: number }): ReactElement {
  const x = ((mark.step + 0.5) / shown) * 100;
  switch (mark.shape) {
    case 'up':
      return <MarkLine x={x} from={1} to={LANE_HEIGHT / 2} width={5} />;
    case 'down':
      return <MarkLine x={x} from={LANE_HEIGHT / 2} to={LANE_HEIGHT - 1} width={2} />;
    case 'cut':
      return <MarkLine x={x} from={1} to={LANE_HEIGHT - 1} width={2} dashes="2 2" />;
    case 'tick':
      return <MarkLine x={x} from={3} to={LANE_HEIGHT - 3} width={2} />;
    default:
      return mark.shape satisfies never;
  }
}

interface MarkLineProps {
  readonly x: number;
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly dashes?: string;
}

function MarkLine({ x, from, to, width, dashes }: MarkLineProps): ReactElement {
  return (
    <line
      x1={x}
      x2={x}
      y1={from}
      y2={to}
      stroke="var(--actor)"
      strokeWidth={width}
      strokeDasharray={dashes}
      vectorEffect="non-scaling-stroke"
    />
  );
}
