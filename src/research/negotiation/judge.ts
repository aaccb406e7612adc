import { at } from '@/lib/assert.ts';
import { logSumExp } from '@/lib/statistics.ts';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';

/** Scores a completion for Collective Agency. What cannot be read is a verdict too, and never a 0. */
export interface Judge {
  /** Tells judges, their models and their prompts apart, also between sessions. */
  readonly name: string;
  /** @throws {DOMException} 'AbortError' once the signal has fired */
  score(answer: JudgedAnswer, signal?: AbortSignal): Promise<JudgeVerdict>;
}

export const SCORES = [0, 1, 2, 3, 4, 5] as const;

export function unreadable(reason: string, raw = ''): Extract<JudgeVerdict, { readonly state: 'unreadable' }> {
  return { state: 'unreadable', reason, raw: raw.slice(0, 500) };
}

/**
 * The expected score under the judge's own probabilities.
 *
 *   p_s = softmax(z)_s,   E = sum_s s p_s
 *
 * @param logits  [6], of the scores 0 to 5; -Infinity where a score is out of the question
 * @see arXiv 2503.03064: the mean is a better judge than the mode
 */
export function expectedScore(logits: readonly number[]): { readonly score: number; readonly distribution: number[] } {
  const total = logSumExp(logits);
  const distribution = SCORES.map((score) => Math.exp(at(logits, score) - total));
  return { score: distribution.reduce((sum, p, score) => sum + score * p, 0), distribution };
}
