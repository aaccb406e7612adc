import { useId, useMemo, useRef, type KeyboardEvent, type ReactElement } from 'react';
import type { PictureSize } from '@/ui/picture.tsx';
import { xOf, type Scale } from './lane-paths.ts';
import type { RunAxis } from './run-axis.ts';
import type { TimedRun } from './run-lanes.ts';
import { keyAction } from './timeline-keys.ts';
import { TimelineLanes } from './timeline-lanes.tsx';
import { timelineLayout } from './timeline-layout.ts';
import { OverviewWindow, TimelineOverview } from './timeline-overview.tsx';
import { useTimelineGestures } from './use-timeline-gestures.ts';
import { panned, rangeOf, WHOLE_RUN, type Viewport } from './viewport.ts';

interface TimelineDrawingProps {
  readonly size: PictureSize;
  readonly run: TimedRun;
  readonly axis: RunAxis;
  readonly viewport: Viewport;
  readonly chosen: number | null;
  /** The chosen step in words. */
  readonly valueText: string;
  readonly onViewport: (viewport: Viewport) => void;
  readonly onChoose: (step: number | null) => void;
  readonly onPoint: (step: number | null) => void;
  readonly onZoom: (factor: number) => void;
}

/** The lanes with a playhead: a slider over the steps of the run. */
export function TimelineDrawing(props: TimelineDrawingProps): ReactElement {
  const { size, run, axis, viewport, chosen, valueText, onViewport, onChoose, onPoint, onZoom } = props;
  const svg = useRef<SVGSVGElement>(null);
  const hatchId = useId();
  const numSteps = run.steps.length;
  const { width, height } = size;
  const layout = useMemo(() => timelineLayout({ width, height }), [width, height]);
  const { from, to } = rangeOf(viewport, axis.extent);
  const scale: Scale = useMemo(
    () => ({ range: { from, to }, left: layout.left, width: layout.width }),
    [from, to, layout],
  );
  const playhead = chosen === null ? null : (axis.startOf(chosen) + axis.endOf(chosen)) / 2;
  const { pointed, handlers } = useTimelineGestures({
    svg,
    layout,
    scale,
    extent: axis.extent,
    viewport,
    playhead,
    onViewport,
    onPlace: (place) => {
      if (numSteps > 0) onChoose(axis.stepAt(place));
    },
    onPoint: (place) => onPoint(place === null || numSteps === 0 ? null : axis.stepAt(place)),
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || numSteps === 0) return;
    const page = Math.max(2, Math.round((axis.stepAt(to) - axis.stepAt(from)) / 5));
    const action = keyAction(event, chosen, numSteps, page);
    if (action === undefined) return;
    event.preventDefault();
    // In a dialog, Escape goes back to now first and closes it only then.
    if (event.key === 'Escape' && chosen !== null) event.stopPropagation();
    if (action.kind === 'choose') onChoose(action.step);
    else if (action.kind === 'zoom') onZoom(action.factor);
    else onViewport(action.kind === 'fit' ? WHOLE_RUN : panned(viewport, axis.extent, action.share * (to - from)));
  };

  return (
    <svg
      ref={svg}
      className="timeline"
      width={width}
      height={layout.overview.top + layout.overview.height}
      style={{ fontSize: layout.fontSize }}
      role="slider"
      tabIndex={0}
      aria-label="Steps of the run"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, numSteps - 1)}
      aria-valuenow={Math.max(0, chosen ?? numSteps - 1)}
      aria-valuetext={valueText}
      onKeyDown={onKeyDown}
      {...handlers}
    >
      <pattern id={hatchId} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line className="timeline__hatch" x1="0" x2="0" y1="0" y2="5" />
      </pattern>
      <TimelineLanes run={run} axis={axis} scale={scale} layout={layout} hatchId={hatchId} />
      <TimelineOverview run={run} axis={axis} scale={scale} layout={layout} />
      {viewport.span !== null && <OverviewWindow axis={axis} scale={scale} layout={layout} />}
      {pointed !== null && (
        <line
          className="timeline__pointed"
          x1={xOf(scale, pointed)}
          x2={xOf(scale, pointed)}
          y1={0}
          y2={layout.axis.top}
          data-export="no"
        />
      )}
      {playhead !== null && playhead >= from && playhead <= to && (
        <Playhead x={xOf(scale, playhead)} bottom={layout.axis.top} />
      )}
    </svg>
  );
}

function Playhead({ x, bottom }: { readonly x: number; readonly bottom: number }): ReactElement {
  return (
    <g className="timeline__playhead" data-testid="playhead">
      <line x1={x} x2={x} y1={0} y2={bottom} />
      <path d={`M${x - 5} ${bottom}l5 -7l5 7z`} />
    </g>
  );
}
