/**
 * Judges over a chat model: by its probabilities where it has them, else by what it writes, held to a JSON schema where it
 * can be. What it thinks aloud never counts.
 */
import { CHAT_CAPABILITIES, type ChatAnswer, type ChatRequest } from '@/protocol/chat.ts';
import type { JudgedAnswer, PairwiseAnswer } from '@/protocol/negotiation-api.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { NegotiationPrompts, PairwiseSlots } from '@/protocol/negotiation-prompts.ts';
import type { AgreementVerdict, JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { AgreementJudge, AgreementQuestion } from './agreement.ts';
import type { ChatModel } from '../chat/chat-model.ts';
import { judgeSlots } from './engine-judge.ts';
import { expectedScore, type Judge, SCORES, unreadable } from './judge.ts';
import type { PairwiseJudge } from './pairwise.ts';
import { jsonOf, withoutThoughts } from './reply-text.ts';

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
/** For an answer behind thoughts that cannot be turned off. */
const THINKING_TOKENS = 1024;

const SCORE_SCHEMA = schemaOf({ score: { type: 'integer', enum: SCORES } });
const VERDICT_SCHEMA = schemaOf({ rationale: { type: 'string' }, verdict: { type: 'string', enum: ['A', 'B'] } });
const CONSENT_SCHEMA = schemaOf({ answer: { type: 'string', enum: ['YES', 'NO'] } });

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
    const asked = { maxTokens, topLogProbs, wanted: 'one integer from 0 to 5', schema: SCORE_SCHEMA };
    return this.#ask(messages, asked, scoreOf, signal);
  }

  async prefer(slots: PairwiseSlots, signal?: AbortSignal): Promise<PairwiseAnswer> {
    const wanted = '"Verdict: A" or "Verdict: B"';
    const messages = this.#options.prompts.pairwise(slots);
    const asked = { maxTokens: RATIONALE_TOKENS, wanted, schema: VERDICT_SCHEMA };
    return this.#ask(messages, asked, preferenceOf, signal);
  }

  async decide(questions: readonly AgreementQuestion[], signal?: AbortSignal): Promise<AgreementVerdict[]> {
    const verdicts: AgreementVerdict[] = [];
    for (const { dilemma, turn, exchange } of questions) {
      const [utterance1, utterance2] = [exchange[0].text, exchange[1].text];
      const messages = this.#options.prompts.agreement({ dilemma, utterance1, utterance2, yes: 'YES', no: 'NO' });
      const { maxTokens } = this.#options;
      const asked = { maxTokens, wanted: 'YES or NO in the first line', schema: CONSENT_SCHEMA };
      const read = await this.#ask(messages, asked, consentOf, signal);
      verdicts.push({ ...read, turn });
    }
    return verdicts;
  }

  /**
   * Asks until an answer can be read, a few times at most. The schema holds where no probabilities are asked for: they are
   * worth more than a form, and under a schema they are those of the form.
   */
  async #ask<Verdict>(
    messages: readonly ChatMessage[],
    asked: Question,
    read: (reply: ChatAnswer) => Verdict | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Verdict | ReturnType<typeof unreadable>> {
    const { maxAttempts = DEFAULT_ATTEMPTS } = this.#options;
    let reply: ChatAnswer | null = null;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      signal?.throwIfAborted();
      try {
        reply = await this.#chat.chat(this.#request(messages, asked, attempt, reply), { ...(signal && { signal }) });
        const verdict = read(reply);
        if (verdict !== undefined) return verdict;
      } catch (error) {
        return unreachable(error, reply === null ? '' : rawOf(reply));
      }
    }
    return unreadable(`None of ${maxAttempts} answers was ${asked.wanted}.`, reply === null ? '' : rawOf(reply));
  }

  #request(
    messages: readonly ChatMessage[],
    { maxTokens = DEFAULT_TOKENS, topLogProbs = 0, schema }: Question,
    attempt: number,
    last: ChatAnswer | null,
  ): ChatRequest {
    const { temperature = 0 } = this.#options;
    const usesSchema = CHAT_CAPABILITIES[this.#chat.kind].responseSchema.has && (topLogProbs === 0 || attempt > 0);
    // It thought, and came to no end, or not to the answer: less of the one, more room for the other.
    const isThinker = last !== null && last.thinking !== null;
    return {
      messages,
      maxTokens: isThinker ? Math.max(maxTokens, THINKING_TOKENS) : maxTokens,
      temperature: attempt === 0 ? temperature : RETRY_TEMPERATURE,
      ...(usesSchema ? { responseSchema: schema } : { topLogProbs }),
      ...(isThinker && { enableThinking: false }),
    };
  }
}

interface Question {
  readonly maxTokens?: number | undefined;
  readonly topLogProbs?: number;
  /** What an answer has to be, for a message. */
  readonly wanted: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** An object with these fields and no others: what every server's schemas can say. */
function schemaOf(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** All that it said, thoughts included. */
function rawOf({ text, thinking }: ChatAnswer): string {
  return thinking === null ? text : `<think>${thinking}</think>${text}`;
}

/** A server that gives no answer leaves a verdict that says so. @throws everything else */
function unreachable(error: unknown, raw: string): ReturnType<typeof unreadable> {
  if (!(error instanceof Failure) || error.code !== 'endpointFailed') throw error;
  return unreadable(error.message, raw);
}

function scoreOf(reply: ChatAnswer): JudgeVerdict | undefined {
  const digit = readScore(reply.text);
  if (digit === undefined) return undefined;
  const raw = rawOf(reply);
  const place = reply.tokens?.findLast(({ text, isThinking }) => !isThinking && text.trim() === String(digit));
  const masses = SCORES.map((score) =>
    (place?.top ?? []).reduce(
      (sum, { text, logProb }) => sum + (text.trim() === String(score) ? Math.exp(logProb) : 0),
      0,
    ),
  );
  const answerMass = masses.reduce((sum, mass) => sum + mass, 0);
  if (!(answerMass > 0)) return { state: 'scored', score: digit, raw };
  return { state: 'scored', ...expectedScore(masses.map((mass) => Math.log(mass))), answerMass, raw };
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

function preferenceOf(reply: ChatAnswer): PairwiseAnswer | undefined {
  const written = fieldOf(reply.text, 'verdict')?.trim().toUpperCase();
  const found =
    written === undefined
      ? [...reply.text.matchAll(/verdict\W{0,8}([ab])\b/gi)].map((match) => at(match, 1).toUpperCase())
      : [written];
  const [first] = found;
  if ((first !== 'A' && first !== 'B') || found.some((answer) => answer !== first)) return undefined;
  return { state: 'chosen', answer: first, raw: rawOf(reply) };
}

function consentOf({ text }: ChatAnswer): { readonly state: 'judged'; readonly agreed: boolean } | undefined {
  const word = /^\W*(yes|no)\b/i.exec(fieldOf(text, 'answer') ?? text.trim())?.[1]?.toLowerCase();
  return word === undefined ? undefined : { state: 'judged', agreed: word === 'yes' };
}

/** Of an answer that is JSON, which a schema was asked for. */
function fieldOf(text: string, field: string): string | undefined {
  const json = jsonOf(text);
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value : undefined;
}
