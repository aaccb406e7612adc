import type { JudgedAnswer, PairwiseAnswer } from '@/protocol/negotiation-api.ts';
import type { Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type { JudgeSlots, NegotiationPrompts, PairwiseSlots } from '@/protocol/negotiation-prompts.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { expectedScore, type Judge, SCORES, unreadable } from './judge.ts';
import type { PairwiseJudge } from './pairwise.ts';
import { DEFAULT_READER_LIMITS, PromptReader, type ReaderLimits } from './prompt-reader.ts';
import { promptTokens, singleTokens, slotOf, withoutSlots } from './prompt-tokens.ts';

export interface EngineJudgeOptions {
  readonly tokenizer: ChatTokenizer;
  readonly prompts: Pick<NegotiationPrompts, 'judge' | 'pairwise'>;
  /** Of the model and the prompts' version. */
  readonly name: string;
  readonly seesDialogue?: boolean;
  /** How the answer to a comparison is begun for the model, and its two ends. Default "Verdict:", " A" and " B". */
  readonly verdict?: { readonly opening: string; readonly a: string; readonly b: string };
  readonly limits?: ReaderLimits;
}

/** The rationale in front of it is left out. */
const VERDICT = { opening: 'Verdict:', a: ' A', b: ' B' };

/**
 * The loaded model without its adapter, by the logits of the digits where its answer would begin: one reading, nothing
 * generated. Keeps what completions of one dilemma and pair have in common until it is disposed of.
 */
export class EngineJudge implements Judge, PairwiseJudge {
  readonly name: string;
  readonly #options: EngineJudgeOptions;
  readonly #reader: PromptReader;
  readonly #digitIds: readonly number[];

  /** @throws {Failure} 'unsupportedModel' if a digit from 0 to 5 is not one token */
  constructor(decoder: Decoder, options: EngineJudgeOptions) {
    this.name = options.name;
    this.#options = options;
    this.#digitIds = singleTokens(options.tokenizer, SCORES.map(String), 'the judge');
    this.#reader = new PromptReader(decoder, options.limits ?? DEFAULT_READER_LIMITS);
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }

  async score(answer: JudgedAnswer, signal?: AbortSignal): Promise<JudgeVerdict> {
    const { prompts, tokenizer, seesDialogue = false } = this.#options;
    const slots = judgeSlots(answer, seesDialogue);
    const messages = prompts.judge({ ...slots, completion: slotOf(0) });
    const prompt = promptTokens(tokenizer, messages, [tokenizer.encode(slots.completion, { parseSpecial: false })]);
    const answers = await this.#reader.answers('judge', [prompt], this.#digitIds, { signal });
    const { logits, logsumexp } = at(answers, 0);
    if (!logits.every(Number.isFinite))
      return unreadable('The model gave no numbers for the digits.', logits.join(' '));
    const answerMass = logits.reduce((sum, logit) => sum + Math.exp(logit - logsumexp), 0);
    return { state: 'scored', ...expectedScore(logits), answerMass };
  }

  async prefer(slots: PairwiseSlots, signal?: AbortSignal): Promise<PairwiseAnswer> {
    const { prompts, tokenizer, verdict = VERDICT } = this.#options;
    const ids = singleTokens(tokenizer, [verdict.a, verdict.b], 'the comparison');
    const answers = [slots.answerA, slots.answerB].map((text) => tokenizer.encode(text, { parseSpecial: false }));
    const messages = prompts.pairwise({ ...slots, answerA: slotOf(0), answerB: slotOf(1) });
    const prompt = promptTokens(tokenizer, messages, answers);
    const opened = [...prompt.ids, ...tokenizer.encode(verdict.opening, { parseSpecial: false })];
    const read = await this.#reader.answers('pairwise', [{ ...prompt, ids: opened }], ids, { signal });
    const { logits } = at(read, 0);
    const margin = at(logits, 0) - at(logits, 1);
    if (!Number.isFinite(margin) || margin === 0) return unreadable('The model prefers neither.', logits.join(' '));
    return { state: 'chosen', answer: margin > 0 ? 'A' : 'B', pA: 1 / (1 + Math.exp(-margin)) };
  }
}

/** The texts of a judge's prompt; the dialogue only where it is to be seen. */
export function judgeSlots(answer: JudgedAnswer, seesDialogue: boolean): JudgeSlots {
  const { dilemma, persona1, persona2, completion, dialogue = [] } = answer;
  const clean = {
    dilemma: withoutSlots(dilemma),
    persona1: withoutSlots(persona1),
    persona2: withoutSlots(persona2),
    completion: withoutSlots(completion),
  };
  if (!seesDialogue) return clean;
  return { ...clean, dialogue: dialogue.map(({ role, text }) => ({ role, text: withoutSlots(text) })) };
}
