import './step-timeline.css';
import { memo, useRef, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react';
import { ActorMark, type Actor } from './actor.tsx';
import { barsPath, LANE_HEIGHT, stepAt, stepsOnAxis, strokesPath, type StepSpan } from './lane-path.ts';

export type MarkShape = 'tick' | 'cut' | 'up' | 'down' | 'tall' | 'block';

export interface Lane {
  readonly name: string;
  readonly actor: Actor;
  readonly bars: readonly StepSpan[];
  /** Steps of the marks, by shape. */
  readonly marks: Partial<Readonly<Record<MarkShape, readonly number[]>>>;
}

interface StepTimelineProps {
  readonly lanes: readonly Lane[];
  readonly numSteps: number;
  /** Steps in front of which something new begins: a line through all lanes. */
  readonly boundaries: readonly number[];
  /** The step looked at; null = the newest. */
  readonly inspected: number | null;
  readonly onInspect: (step: number | null) => void;
  /** What happened in the inspected step. */
  readonly caption: string;
}

const LABEL_WIDTH = '4.2rem';

/** Lanes over the steps of a run. Point at a step, or focus it and use the arrow keys, to read what happened there. */
export function StepTimeline(props: StepTimelineProps): ReactElement {
  const { lanes, numSteps, boundaries, inspected, onInspect, caption } = props;
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
        {boundaries.map((step) => (
          <div key={step} className="timeline__boundary" style={{ left: leftOf(step / shown) }} />
        ))}
        {inspected !== null && <div className="timeline__cursor" style={{ left: leftOf((inspected + 0.5) / shown) }} />}
      </div>
      <div className="timeline__caption" data-testid="timeline-caption">
        {caption}
      </div>
    </>
  );
}

/** @param share  along the axis, 0 to 1 */
function leftOf(share: number): string {
  return `calc(${LABEL_WIDTH} + (100% - ${LABEL_WIDTH}) * ${share})`;
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

const LaneRow = memo(function LaneRow({ lane, shown }: { readonly lane: Lane; readonly shown: number }): ReactElement {
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
        {MARK_SHAPES.map((shape) => {
          const { top, bottom, width, dashes } = STROKES[shape];
          const steps = lane.marks[shape] ?? [];
          const isCrowded = steps.length > MANY_MARKS;
          return steps.length === 0 ? null : (
            <path
              key={shape}
              d={strokesPath(steps, shown, top, bottom)}
              stroke="var(--actor)"
              strokeWidth={isCrowded ? Math.min(width, 1.5) : width}
              strokeDasharray={dashes}
              vectorEffect="non-scaling-stroke"
            />
          );
        })}
      </svg>
    </div>
  );
});

/** Strokes do not scale, so a mark keeps its width while the lane is stretched. Yes stands up and is wide, no hangs down. */
const STROKES: Readonly<
  Record<MarkShape, { readonly top: number; readonly bottom: number; readonly width: number; readonly dashes?: string }>
> = {
  up: { top: 1, bottom: LANE_HEIGHT / 2, width: 5 },
  down: { top: LANE_HEIGHT / 2, bottom: LANE_HEIGHT - 1, width: 2 },
  cut: { top: 1, bottom: LANE_HEIGHT - 1, width: 2, dashes: '2 2' },
  tick: { top: 3, bottom: LANE_HEIGHT - 3, width: 2 },
  tall: { top: 0, bottom: LANE_HEIGHT, width: 3 },
  block: { top: 5, bottom: LANE_HEIGHT - 5, width: 8 },
};

/** More marks of one shape would run into each other at their full width. */
const MANY_MARKS = 60;

const MARK_SHAPES = Object.keys(STROKES) as MarkShape[];
