/** What a recomputation says, in words and on a scale. */
import { formatTiny } from '@/lib/format-tiny.ts';
import type { CheckReport, CheckRow } from '@/protocol/attention.ts';

export interface Verdict {
  /** 'defect': the method promises equality, and there is a difference. */
  readonly kind: 'equal' | 'stale' | 'defect';
  readonly text: string;
}

/** @param tolerance  largest logit difference that rounding explains */
export function verdictOf(row: CheckRow, tolerance: CheckReport['tolerance']): Verdict {
  const { maxLogitDifference, expected, reason, staleTokens } = row;
  const size = formatTiny(maxLogitDifference);
  const isEqual = maxLogitDifference <= tolerance;
  if (expected === 'exact') {
    return isEqual
      ? { kind: 'equal', text: `equal up to rounding: ${size}` }
      : { kind: 'defect', text: `differs by ${size} where it has to be equal: a defect` };
  }
  const tokens = staleTokens === 1 ? '1 token' : `${staleTokens.toLocaleString('en')} tokens`;
  if (!isEqual) {
    return { kind: 'stale', text: `stale on purpose: ${size}, from ${tokens} written in another context. ${reason}` };
  }
  return { kind: 'equal', text: `no more than rounding: ${size}, with ${tokens} written in another context` };
}

/** Powers of ten at both ends of the scale, so that every difference and the tolerance lie inside. */
export function scaleOf({ rows, tolerance, rebuildDifference }: CheckReport): {
  readonly from: number;
  readonly to: number;
} {
  const values = [...rows.map(({ maxLogitDifference }) => maxLogitDifference), tolerance, rebuildDifference];
  const powers = values.filter((value) => value > 0 && Number.isFinite(value)).map((value) => Math.log10(value));
  return { from: Math.min(-7, Math.floor(Math.min(...powers))), to: Math.max(1, Math.ceil(Math.max(...powers))) };
}

/** Where a difference stands, 0 to 1; no difference at all stands at the left end. */
export function placeOnScale(value: number, { from, to }: { readonly from: number; readonly to: number }): number {
  if (value <= 0) return 0;
  return Math.min(1, Math.max(0, (Math.log10(value) - from) / (to - from)));
}
