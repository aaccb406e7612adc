/** The yes/no question that decides whether the writer may go on. */
import { Failure } from '@/lib/failure.ts';
import { logSumExp } from '@/lib/statistics.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';

/**
 * Decision value of a probe; the writer goes on when it is above 0.
 *
 *   score = LSE(yes logits) - LSE(no logits) + yesBias
 *
 * @param yesLogits  raw logits of the forms of "yes", nats
 * @param noLogits   raw logits of the forms of "no", nats
 * @param yesBias    nats, any sign
 */
export function probeScore(yesLogits: readonly number[], noLogits: readonly number[], yesBias: number): number {
  return logSumExp(yesLogits) - logSumExp(noLogits) + yesBias;
}

/**
 * Ids of the forms of "yes" and "no" that are one token: plain, with a leading space, capitalised, both. Ascending.
 *
 * @throws {Failure} 'unsupportedModel' if the vocabulary has no such form of one of the words
 */
export function answerIdsOf(tokenizer: ReasoningTokenizer): { readonly yesIds: number[]; readonly noIds: number[] } {
  return { yesIds: formsOf(tokenizer, 'yes'), noIds: formsOf(tokenizer, 'no') };
}

function formsOf(tokenizer: ReasoningTokenizer, word: string): number[] {
  const capitalised = word.charAt(0).toUpperCase() + word.slice(1);
  const ids = new Set<number>();
  for (const form of [word, ` ${word}`, capitalised, ` ${capitalised}`]) {
    const [id, ...rest] = tokenizer.encode(form, { parseSpecial: false });
    if (id !== undefined && rest.length === 0) ids.add(id);
  }
  if (ids.size === 0)
    throw new Failure('unsupportedModel', `The vocabulary has no single token for "${word}", which the probe needs.`);
  return [...ids].toSorted((a, b) => a - b);
}
