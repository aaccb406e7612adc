/** Judges over a chat model, by what it writes and, where it has them, its probabilities. */
import type { ChatReply } from '@/protocol/chat.ts';
import type { JudgedAnswer, PairwiseAnswer } from '@/protocol/negotiation-api.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { NegotiationPrompts, PairwiseSlots } from '@/protocol/negotiation-prompts.ts';
import type { AgreementVerdict, JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { AgreementJudge, AgreementQuestion } from './agreement.ts';
import type { ChatModel } from './chat-model.ts';
import { judgeSlots } from './engine-judge.ts';
import { expectedScore, type Judge, SCORES, unreadable } from './judge.ts';
import type { PairwiseJudge } from './pairwise.ts';
import { withoutThoughts } from './reply-text.ts';

export interface ChatJudgeOptions {
  readonly prompts: Pick<NegotiationPrompts, 'judge' | 'pairwise' | 'agreement'>;
  readonly seesDialogue?: boolean;
  /** Whether probabilities are asked for; without them, or without all of them, the written digit counts. Default true. */
  readonly usesLogProbs?: boolean;
  /** Of the first answer. Default 0; above it, the same question may have another answer. */
  readonly temperature?: number;
  /** Answers that are asked for until one can be read. Default 3. */
  readonly maxAttempts?: number;
  /** Of a score or a yes; models that think aloud need more. Default 16. */
  readonly maxTokens?: number;
}

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_TOKENS = 16;
/** For a comparison with its reasons. */
const RATIONALE_TOKENS = 256;
/** web-llm gives no more. */
const TOP_LOG_PROBS = 5;
/** The same question at temperature 0 would have the same answer. */
const RETRY_TEMPERATURE = 0.7;

export class ChatJudge implements Judge, PairwiseJudge, AgreementJudge {
  readonly name: string;
  readonly #chat: ChatModel;
  readonly #options: ChatJudgeOptions;

  constructor(chat: ChatModel, options: ChatJudgeOptions) {
    this.name = chat.name;
    this.#chat = chat;
    this.#options = options;
  }

  async score(transcript: JudgedAnswer, signal?: AbortSignal): Promise<JudgeVerdict> {
    const { prompts, seesDialogue = false, usesLogProbs = true, maxTokens } = this.#options;
    const messages = prompts.judge(judgeSlots(transcript, seesDialogue));
    const topLogProbs = usesLogProbs ? TOP_LOG_PROBS : 0;
    return this.#ask(messages, { maxTokens, topLogProbs, wanted: 'one integer from 0 to 5' }, scoreOf, signal);
  }

  async prefer(slots: PairwiseSlots, signal?: AbortSignal): Promise<PairwiseAnswer> {
    const wanted = '"Verdict: A" or "Verdict: B"';
    const messages = this.#options.prompts.pairwise(slots);
    return this.#ask(messages, { maxTokens: RATIONALE_TOKENS, wanted }, preferenceOf, signal);
  }

  async decide(questions: readonly AgreementQuestion[], signal?: AbortSignal): Promise<AgreementVerdict[]> {
    const verdicts: AgreementVerdict[] = [];
    for (const { dilemma, turn, exchange } of questions) {
      const [utterance1, utterance2] = [exchange[0].text, exchange[1].text];
      const messages = this.#options.prompts.agreement({ dilemma, utterance1, utterance2, yes: 'YES', no: 'NO' });
      const { maxTokens } = this.#options;
      const read = await this.#ask(messages, { maxTokens, wanted: 'YES or NO in the first line' }, consentOf, signal);
      verdicts.push({ ...read, turn });
    }
    return verdicts;
  }

  /** Asks until an answer can be read, a few times at most. */
  async #ask<Verdict>(
    messages: readonly ChatMessage[],
    asked: { readonly maxTokens?: number | undefined; readonly topLogProbs?: number; readonly wanted: string },
    read: (reply: ChatReply) => Verdict | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Verdict | ReturnType<typeof unreadable>> {
    const { maxAttempts = DEFAULT_ATTEMPTS, temperature = 0 } = this.#options;
    const { maxTokens = DEFAULT_TOKENS, topLogProbs = 0, wanted } = asked;
    let raw = '';
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      signal?.throwIfAborted();
      try {
        const reply = await this.#chat.complete(messages, {
          maxTokens,
          temperature: attempt === 0 ? temperature : RETRY_TEMPERATURE,
          topLogProbs,
          ...(signal && { signal }),
        });
        const verdict = read(reply);
        if (verdict !== undefined) return verdict;
        raw = reply.text;
      } catch (error) {
        return unreachable(error, raw);
      }
    }
    return unreadable(`None of ${maxAttempts} answers was ${wanted}.`, raw);
  }
}

/** A server that gives no answer leaves a verdict that says so. @throws everything else */
function unreachable(error: unknown, raw: string): ReturnType<typeof unreadable> {
  if (!(error instanceof Failure) || error.code !== 'endpointFailed') throw error;
  return unreadable(error.message, raw);
}

function scoreOf({ text, tokens = [] }: ChatReply): JudgeVerdict | undefined {
  const digit = readScore(text);
  if (digit === undefined) return undefined;
  const place = tokens.findLast(({ token }) => token.trim() === String(digit));
  const masses = SCORES.map((score) =>
    (place?.top ?? []).reduce(
      (sum, { token, logProb }) => sum + (token.trim() === String(score) ? Math.exp(logProb) : 0),
      0,
    ),
  );
  const answerMass = masses.reduce((sum, mass) => sum + mass, 0);
  if (!(answerMass > 0)) return { state: 'scored', score: digit, raw: text };
  return { state: 'scored', ...expectedScore(masses.map((mass) => Math.log(mass))), answerMass, raw: text };
}

/**
 * The score in an answer: its only number, an integer from 0 to 5. "4/5", "between 3 and 4", "3.5" and "10" are none;
 * thoughts in front of the answer do not count.
 */
export function readScore(text: string): number | undefined {
  const numbers = withoutThoughts(text).match(/[-+]?\d+(?:[.,]\d+)*/g) ?? [];
  const [only] = numbers;
  return numbers.length === 1 && only !== undefined && /^\+?[0-5]$/.test(only) ? Number(only) : undefined;
}

function preferenceOf({ text }: ChatReply): PairwiseAnswer | undefined {
  const found = [...withoutThoughts(text).matchAll(/verdict\W{0,8}([ab])\b/gi)].map((match) =>
    at(match, 1).toUpperCase(),
  );
  const [first] = found;
  if ((first !== 'A' && first !== 'B') || found.some((answer) => answer !== first)) return undefined;
  return { state: 'chosen', answer: first, raw: text };
}

function consentOf({ text }: ChatReply): { readonly state: 'judged'; readonly agreed: boolean } | undefined {
  const word = /^\W*(yes|no)\b/i.exec(withoutThoughts(text).trim())?.[1]?.toLowerCase();
  return word === undefined ? undefined : { state: 'judged', agreed: word === 'yes' };
}
