import type { CalibrationEvent } from '@/protocol/calibration.ts';

/** What the probe decides on: margins with the bias added. */
export function sums(margins: readonly number[], yesBias: number): number[] {
  return margins.map((margin) => margin + yesBias);
}

/** Of both passes together, 0 to 1. */
export function shareDone(event: CalibrationEvent | null): number {
  if (event === null || event.steps === 0 || event.questionCount === 0) return 0;
  const { pass, questionIndex, questionCount, step, steps } = event;
  return (pass - 1 + (questionIndex + step / steps) / questionCount) / 2;
}
