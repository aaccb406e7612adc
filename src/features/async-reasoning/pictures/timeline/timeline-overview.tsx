import { memo, type ReactElement } from 'react';
import { barsPath, strokesPath, xOf, type Scale } from './lane-paths.ts';
import type { LanesProps } from './timeline-lanes.tsx';

/** The whole run in one strip: above, thinking; below, writing; between them the turns. */
export const TimelineOverview = memo(function TimelineOverview({
  run,
  axis,
  scale,
  layout,
}: Omit<LanesProps, 'hatchId'>): ReactElement {
  const { top, height } = layout.overview;
  const whole: Scale = { ...scale, range: { from: 0, to: axis.extent.full } };
  return (
    <g className="timeline__overview">
      <rect x={scale.left} y={top} width={scale.width} height={height} />
      <path
        data-actor="thinker"
        className="timeline__bar"
        d={barsPath(run.runs.thinker.flatMap(axis.spansOf), whole, top + 2, height / 2 - 3)}
      />
      <path
        data-actor="writer"
        className="timeline__bar"
        d={barsPath(run.runs.writer.flatMap(axis.spansOf), whole, top + height / 2 + 1, height / 2 - 3)}
      />
      <path
        className="timeline__turn"
        d={strokesPath(
          run.turnSteps.map((step) => axis.startOf(step)),
          whole,
          top,
          top + height,
        )}
      />
    </g>
  );
});

/** The part of the run that the lanes show. */
export function OverviewWindow({ axis, scale, layout }: Pick<LanesProps, 'axis' | 'scale' | 'layout'>): ReactElement {
  const { top, height } = layout.overview;
  const whole: Scale = { ...scale, range: { from: 0, to: axis.extent.full } };
  const left = xOf(whole, scale.range.from);
  const right = Math.min(scale.left + scale.width, xOf(whole, scale.range.to));
  return (
    <rect
      className="timeline__window"
      x={left}
      y={top}
      width={Math.max(4, right - left)}
      height={height}
      data-export="no"
    />
  );
}
