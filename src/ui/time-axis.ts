/** An axis of time in milliseconds, labelled in seconds. */
export interface TimeAxis {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ticksMs: readonly number[];
}

const STEPS_MS = [
  10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
];

/** Ticks at round times, at most `maxTicks` spaces apart; it begins exactly at `fromMs` and ends at a tick. */
export function timeAxis(fromMs: number, toMs: number, maxTicks: number): TimeAxis {
  const span = Math.max(toMs - fromMs, 1);
  const step = STEPS_MS.find((candidate) => span / candidate <= maxTicks) ?? Math.ceil(span / maxTicks);
  const first = Math.ceil(fromMs / step);
  const last = Math.max(Math.ceil(toMs / step), 1);
  // Without the sum a tick at zero would be -0.
  const ticksMs = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step + 0);
  return { fromMs, toMs: last * step, ticksMs };
}

/** Where the axis of a run under way ends: 1, 2 or 5 times a power of ten, so that marks seldom change their place. */
export function growingEnd(ms: number): number {
  let power = 1000;
  for (;;) {
    for (const factor of [1, 2, 5]) {
      if (ms <= factor * power) return factor * power;
    }
    power *= 10;
  }
}

/** A time on an axis: 0, 5, 0.2, −3. */
export function tickText(ms: number): string {
  const seconds = Math.round(Math.abs(ms)) / 1000;
  return ms < 0 ? `\u2212${seconds}` : String(seconds);
}
