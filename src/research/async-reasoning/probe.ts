/** The yes/no question that decides whether the writer may go on. */
import type { RowResult } from '@/engine/generation/decoder.ts';
import { Failure } from '@/lib/failure.ts';
import { logSumExp } from '@/lib/statistics.ts';
import type { ReasoningState, TraceParams, TraceProbe } from '@/protocol/reasoning.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';

type ScoreParams = Pick<TraceParams, 'yes_bias' | 'probe_rule'>;
type LimitParams = Pick<TraceParams, 'margin_threshold' | 'hysteresis'>;

/**
 * Decision value of a probe; the writer goes on when it is above {@link probeLimit}.
 *
 *   score = LSE(yes logits) - LSE(no logits) + yes_bias     when yes means that the writer goes on
 *   score = LSE(no logits) - LSE(yes logits) + yes_bias     when yes means that it pauses
 *
 * @param yesLogits  raw logits of the forms of "yes", nats
 * @param noLogits   raw logits of the forms of "no", nats
 */
export function probeScore(yesLogits: readonly number[], noLogits: readonly number[], params: ScoreParams): number {
  return probeMargin(yesLogits, noLogits, params) + params.yes_bias;
}

/** The score without the bias, nats. */
export function probeMargin(
  yesLogits: readonly number[],
  noLogits: readonly number[],
  { probe_rule: rule }: Pick<TraceParams, 'probe_rule'>,
): number {
  const margin = logSumExp(yesLogits) - logSumExp(noLogits);
  return rule === 'pause' ? -margin : margin;
}

/** What the score has to be above: the threshold, moved by the hysteresis against a change of state; nats. */
export function probeLimit(
  { margin_threshold: threshold = 0, hysteresis = 0 }: LimitParams,
  state: ReasoningState,
): number {
  return state === 'thinkerOnly' ? threshold + hysteresis : threshold - hysteresis;
}

/** What the logits of yes and no say in a state. @param result  its logits are those of yes, then those of no */
export function probeAnswer(
  result: Pick<RowResult, 'logits' | 'lengths' | 'rotaryOffsets' | 'logsumexp'>,
  why: TraceProbe['why'],
  params: TraceParams,
  state: ReasoningState,
): TraceProbe {
  const numYes = params.yes_ids.length;
  const yesLogits = result.logits.slice(0, numYes);
  const noLogits = result.logits.slice(numYes);
  const score = probeScore(yesLogits, noLogits, params);
  const limit = probeLimit(params, state);
  return {
    why,
    lengths: result.lengths,
    loc: result.rotaryOffsets,
    yes_logits: yesLogits,
    no_logits: noLogits,
    score,
    ...(limit !== 0 && { limit }),
    yes: score > limit,
    logsumexp: result.logsumexp,
  };
}

/**
 * Ids of the given words that are one token, each plain and with a leading space. Ascending.
 *
 * @throws {Failure} 'unsupportedModel' if the vocabulary has no such form of any of the words
 */
export function answerIdsOf(tokenizer: ReasoningTokenizer, words: readonly string[]): number[] {
  const ids = new Set<number>();
  for (const form of words.flatMap((word) => [word, ` ${word}`])) {
    const [id, ...rest] = tokenizer.encode(form, { parseSpecial: false });
    if (id !== undefined && rest.length === 0) ids.add(id);
  }
  if (ids.size === 0)
    throw new Failure(
      'unsupportedModel',
      `The vocabulary has no single token for "${words.join('", "')}", which the probe needs.`,
    );
  return [...ids].toSorted((a, b) => a - b);
}
