/** Where the steps of a run stand along an axis of steps or of time. */
import type { StepCell, StepRun } from '@/state/reasoning-view.ts';
import type { WaitSpan } from '@/state/wait-spans.ts';
import { roomyEnd, type Extent, type Range } from './viewport.ts';

export type AxisKind = 'steps' | 'time';

export interface RunAxis {
  readonly kind: AxisKind;
  readonly extent: Extent;
  /** Where a step begins; of the step that comes next: where the newest ends. */
  readonly startOf: (step: number) => number;
  readonly endOf: (step: number) => number;
  /** The step at a place; the nearest one where none is. -1 before the first. */
  readonly stepAt: (place: number) => number;
  /** Steps that were made without a wait among them, as places. */
  readonly spansOf: (run: StepRun) => readonly Range[];
}

const LEAST_STEPS = 60;
const LEAST_MS = 5000;

/**
 * @param isGrowing  the axis then has room for what comes
 * @param elapsedMs  the run's clock at its newest event
 */
export function runAxis(
  kind: AxisKind,
  steps: readonly StepCell[],
  waits: readonly WaitSpan[],
  isGrowing: boolean,
  elapsedMs: number,
): RunAxis {
  return kind === 'steps' ? stepsAxis(steps, isGrowing) : timeAxis(steps, waits, isGrowing, elapsedMs);
}

function stepsAxis({ length }: readonly StepCell[], isGrowing: boolean): RunAxis {
  const full = isGrowing || length === 0 ? roomyEnd(length, LEAST_STEPS) : Math.max(length, 10);
  return {
    kind: 'steps',
    extent: { end: length, full, least: 10 },
    startOf: (step) => step,
    endOf: (step) => step + 1,
    stepAt: (place) => Math.min(length - 1, Math.max(0, Math.floor(place))),
    spansOf: ({ from, to }) => [{ from, to: to + 1 }],
  };
}

/** A step takes from the end of the one before, or of the wait before it, to its own end. */
function timeAxis(
  steps: readonly StepCell[],
  waits: readonly WaitSpan[],
  isGrowing: boolean,
  elapsedMs: number,
): RunAxis {
  const waitEnds = new Map<number, number>();
  for (const { step, toMs } of waits) if (toMs !== null) waitEnds.set(step, toMs);
  const endOf = (step: number): number => steps[step]?.elapsedMs ?? 0;
  const startOf = (step: number): number => Math.max(endOf(step - 1), waitEnds.get(step) ?? 0);
  const brokenAt = [...waitEnds.keys()];
  const end = Math.max(endOf(steps.length - 1), elapsedMs);
  const full = isGrowing || end === 0 ? roomyEnd(end, LEAST_MS) : Math.max(end, 100);
  return {
    kind: 'time',
    extent: { end, full, least: 200 },
    startOf,
    endOf,
    stepAt: (place) => firstEndingAt(steps, place),
    spansOf: ({ from, to }) => {
      const cuts = brokenAt.filter((step) => step > from && step <= to);
      return [from, ...cuts].map((first, index) => ({ from: startOf(first), to: endOf((cuts[index] ?? to + 1) - 1) }));
    },
  };
}

/** Step times ascend. */
function firstEndingAt(steps: readonly StepCell[], place: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.elapsedMs ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, steps.length - 1);
}
