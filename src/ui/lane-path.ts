/** Paths of a lane's marks, in a box that is 100 wide (percent of the steps shown) and 20 high. */

export const LANE_HEIGHT = 20;
const BAR_TOP = 6;
const BAR_HEIGHT = 8;

/** Consecutive steps, both ends included. */
export interface StepSpan {
  readonly from: number;
  readonly to: number;
}

/** Steps that fit on the axis: 60, then doubled until the run fits, so that marks seldom change their place. */
export function stepsOnAxis(numSteps: number): number {
  let shown = 60;
  while (shown < numSteps) shown *= 2;
  return shown;
}

/** One bar per span. A path's length, and so its cost, follows the number of spans and not of steps. */
export function barsPath(spans: readonly StepSpan[], shown: number): string {
  let path = '';
  for (const { from, to } of spans) {
    const left = (from / shown) * 100;
    const width = ((to + 1 - from) / shown) * 100;
    path += `M${left.toFixed(3)} ${BAR_TOP}h${width.toFixed(3)}v${BAR_HEIGHT}h${(-width).toFixed(3)}z`;
  }
  return path;
}

/** One upright stroke per step, in the middle of its column. */
export function strokesPath(steps: readonly number[], shown: number, top: number, bottom: number): string {
  let path = '';
  for (const step of steps) path += `M${(((step + 0.5) / shown) * 100).toFixed(3)} ${top}V${bottom}`;
  return path;
}

/** The step under a position of 0 to 1 along the axis. */
export function stepAt(position: number, shown: number, numSteps: number): number {
  return Math.min(numSteps - 1, Math.max(0, Math.floor(position * shown)));
}
