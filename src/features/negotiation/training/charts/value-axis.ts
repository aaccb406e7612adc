/** Axes with round values. */
import type { StepRange } from '@/state/training-points.ts';

export interface ValueAxis {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly isLog: boolean;
}

interface AxisOptions {
  /** Where it is always the same. */
  readonly range: readonly [number, number] | null;
  /** All values have to be above 0 then. */
  readonly isLog: boolean;
}

const STEPS = 5;
/** What is nearer to each other, or to 0, is the same. */
const NEAR = { relative: 1e-9, absolute: 1e-15 };
const MOST_DECADES = 5;
const MOST_LOG_TICKS = 6;

/** An axis that holds all values; it begins at 0 unless that would make a flat line of them. */
export function valueAxis(values: readonly number[], { range, isLog }: AxisOptions): ValueAxis {
  if (values.length === 0) return linearAxis(range ?? [0, 1]);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (isLog) return logAxis(low, high);
  if (range !== null && isWithin(low, high, range)) return linearAxis(range);
  return linearAxis([low >= 0 && low <= high / 2 ? 0 : low, high]);
}

/** Running averages of equal values are a rounding error beside them. */
function isWithin(low: number, high: number, [from, to]: readonly [number, number]): boolean {
  const slack = NEAR.relative * (to - from);
  return low >= from - slack && high <= to + slack;
}

function linearAxis([low, high]: readonly [number, number]): ValueAxis {
  if (high - low < Math.max(NEAR.absolute, NEAR.relative * Math.abs(high))) return linearAxis(paddedAround(low));
  const step = roundStep((high - low) / STEPS);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  // Rounded, because sums of tenths are not tenths.
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(9)));
  return { domain: [ticks[0] ?? low, ticks.at(-1) ?? high], ticks, isLog: false };
}

function paddedAround(value: number): [number, number] {
  if (Math.abs(value) < NEAR.absolute) return [0, 1];
  return value > 0 ? [0, value * 1.2] : [value * 1.2, 0];
}

/** From 1, 2 or 5 times a power of ten to another; ticks at powers alone where there are many. */
function logAxis(low: number, high: number): ValueAxis {
  const first = Math.floor(Math.log10(low) - 1e-9);
  const last = Math.ceil(Math.log10(high) + 1e-9);
  const round: number[] = [];
  for (let power = first; power <= last; power += 1)
    round.push(...[1, 2, 5].map((factor) => Number(`${factor}e${power}`)));
  const from = round.findLast((value) => value <= low * (1 + 1e-9)) ?? low;
  const to = round.find((value) => value >= high * (1 - 1e-9) && value > from) ?? high;
  const inside = round.filter((value) => value >= from && value <= to);
  if (inside.length <= MOST_LOG_TICKS) return { domain: [from, to], ticks: inside, isLog: true };
  const stride = Math.ceil((last - first) / MOST_DECADES);
  const isPower = (_: number, index: number): boolean => index % (3 * stride) === 0;
  const ticks = round.filter(isPower).filter((value) => value >= from && value <= to);
  return { domain: [from, to], ticks, isLog: true };
}

/** The next of 1, 2, 5, 10 times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => power * factor >= least * (1 - 1e-9)) ?? 10);
}

/** Few whole steps of the range, among them the first and one near the last. */
export function stepTicks({ first, last }: StepRange): readonly number[] {
  const stride = Math.max(1, Math.round(roundStep((last - first) / STEPS)));
  const ticks = [first];
  for (let step = Math.ceil((first + stride / 2) / stride) * stride; step <= last; step += stride) {
    if (step > first) ticks.push(step);
  }
  return ticks;
}

/** Where a value is on an axis, from 0 (its lower end) to 1. */
export function placeOn({ domain: [low, high], isLog }: ValueAxis, value: number): number {
  const scale = isLog ? Math.log10 : (x: number): number => x;
  return (scale(value) - scale(low)) / (scale(high) - scale(low));
}

/**
 * Places for labels of some height, as near to where they belong as they go without overlapping.
 *
 * @param wanted  [labels]
 * @returns       [labels], within `from` and `to` as long as there is room
 */
export function spreadOut(
  wanted: readonly number[],
  { from, to, gap }: { readonly from: number; readonly to: number; readonly gap: number },
): readonly number[] {
  const order = [...wanted.keys()].toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const places = [...wanted];
  let least = from;
  for (const index of order) {
    places[index] = Math.max(least, places[index] ?? 0);
    least = (places[index] ?? 0) + gap;
  }
  let most = to;
  for (const index of order.toReversed()) {
    places[index] = Math.min(most, places[index] ?? 0);
    most = (places[index] ?? 0) - gap;
  }
  return places;
}
