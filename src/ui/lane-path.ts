/** Paths of a lane's marks, in a box that is 100 wide (percent of the steps shown) and 20 high. */

export const LANE_HEIGHT = 20;
const BAR_TOP = 6;
const BAR_HEIGHT = 8;

/** Steps that fit on the axis: 60, then doubled until the run fits, so that marks seldom change their place. */
export function stepsOnAxis(numSteps: number): number {
  let shown = 60;
  while (shown < numSteps) shown *= 2;
  return shown;
}

/** One bar per run of consecutive steps. `steps` ascend. */
export function barsPath(steps: readonly number[], shown: number): string {
  let path = '';
  let start: number | undefined;
  let previous = -2;
  const close = (): void => {
    if (start === undefined) return;
    const left = (start / shown) * 100;
    const width = ((previous + 1 - start) / shown) * 100;
    path += `M${left.toFixed(3)} ${BAR_TOP}h${width.toFixed(3)}v${BAR_HEIGHT}h${(-width).toFixed(3)}z`;
  };
  for (const step of steps) {
    if (step !== previous + 1) {
      close();
      start = step;
    }
    previous = step;
  }
  close();
  return path;
}

/** The step under a position of 0 to 1 along the axis. */
export function stepAt(position: number, shown: number, numSteps: number): number {
  return Math.min(numSteps - 1, Math.max(0, Math.floor(position * shown)));
}
