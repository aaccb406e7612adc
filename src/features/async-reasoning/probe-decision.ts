/** The probe's rule as the panel draws it: margin and bias against the threshold, which the hysteresis widens to a band. */
import type { ReasoningSettings } from '@/protocol/reasoning.ts';

export type ProbeRule = Pick<ReasoningSettings, 'yesBias' | 'marginThreshold' | 'hysteresis'>;

export interface ProbeLimits {
  /** A running writer goes on above this, */
  readonly stop: number;
  /** and a waiting one begins above that. */
  readonly start: number;
}

export function probeLimits({ marginThreshold, hysteresis }: ProbeRule): ProbeLimits {
  return { stop: marginThreshold - hysteresis, start: marginThreshold + hysteresis };
}

export type ProbeOutcome = 'yes' | 'no' | 'between';

/** What a margin would decide under a rule. Between the limits, what was going on goes on. */
export function outcomeOf(margin: number, rule: ProbeRule): ProbeOutcome {
  const { start, stop } = probeLimits(rule);
  const sum = margin + rule.yesBias;
  if (sum > start) return 'yes';
  return sum > stop ? 'between' : 'no';
}

/** Half the width of a scale around 0 that shows all values: 4 nats, or twice that, and so on. */
export function scaleFor(values: readonly number[]): number {
  let half = 4;
  while (values.some((value) => Math.abs(value) > half)) half *= 2;
  return half;
}

/** Limits of a vertical axis around the values, at least 2 nats apart. */
export function axisFor(values: readonly number[]): { readonly low: number; readonly high: number } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const padding = Math.max(0.15 * (high - low), (2 - (high - low)) / 2);
  return { low: low - padding, high: high + padding };
}
