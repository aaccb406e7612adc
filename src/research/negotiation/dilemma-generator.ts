/**
 * New dilemmas by a chat model, as the paper makes them: goals first, then a text for each goal; what breaks a rule or
 * comes near a known one is asked for again, with the fault named, a few times at most.
 */
import { Failure } from '@/lib/failure.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import { DILEMMA_CATEGORIES, type Dilemma, type DilemmaCategory } from '@/protocol/negotiation.ts';
import type { GeneratorEvent, GeneratorReport } from '@/protocol/negotiation-api.ts';
import type { GeneratorPrompts } from '@/protocol/negotiation-prompts.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { CHAT_CAPABILITIES, type ChatRequest } from '@/protocol/chat.ts';
import type { ChatModel } from '../chat/chat-model.ts';
import { jsonOf, wordsOf } from './reply-text.ts';

/** What a dilemma has to look like, and when two are the same. */
export interface DilemmaRules {
  /** What is wrong with a dilemma, one sentence each. */
  readonly faultsOf: (dilemma: Pick<Dilemma, 'goal' | 'prompt'>) => readonly string[];
  /** An empty index of texts, asked for those that say nearly the same. */
  readonly createIndex: () => TextIndex;
}

export interface TextIndex {
  add(id: string, text: string): void;
  near(text: string): readonly { readonly id: string }[];
}

export interface GeneratorRequest {
  /** Default: the paper's shares of all three. */
  readonly category?: DilemmaCategory;
  readonly count: number;
  /** What there is already: nothing like it is made. */
  readonly known: readonly Dilemma[];
  readonly prompts: GeneratorPrompts;
  readonly rules: DilemmaRules;
  /** Texts that are asked for, for one goal. Default 3. */
  readonly maxAttempts?: number;
}

const GOALS_PER_CALL = 10;
/** Calls for goals without a new one, after which a category is given up. */
const MAX_FRUITLESS_CALLS = 3;
const DEFAULT_ATTEMPTS = 3;
/** Goals are to differ from call to call. */
const TEMPERATURE = 0.9;
const GOAL_TOKENS = 256;
const TEXT_TOKENS = 192;
/** Not every server keeps to a limit of tokens. */
const MAX_CHARACTERS = 4000;
const GOALS_SCHEMA = {
  type: 'object',
  properties: { goals: { type: 'array', items: { type: 'string' } } },
  required: ['goals'],
  additionalProperties: false,
} as const;

/**
 * Makes dilemmas for training. Ended early, the events have given everything that was accepted.
 *
 * @throws {DOMException} 'AbortError' once the signal has fired; {Failure} 'invalidConfig' for a count below 1; whatever
 *         the model throws
 */
export async function* generateDilemmas(
  chat: ChatModel,
  request: GeneratorRequest,
  signal?: AbortSignal,
): AsyncGenerator<GeneratorEvent, GeneratorReport> {
  const { category, count } = request;
  if (!Number.isInteger(count) || count < 1)
    throw new Failure<FailureCode>('invalidConfig', `count: It must be a whole number from 1 on, not ${count}.`);
  const generator = new Generator(chat, request, signal);
  const wanted = category === undefined ? shares(count) : [{ category, count }];
  for (const part of wanted) yield* generator.run(part.category, part.count);
  const { made, numCalls } = generator;
  return { dilemmas: made, missing: count - made.length, numCalls };
}

class Generator {
  readonly made: Dilemma[] = [];
  numCalls = 0;
  readonly #chat: ChatModel;
  readonly #request: GeneratorRequest;
  readonly #signal: AbortSignal | undefined;
  /** Also those that led to nothing: they are not tried twice. */
  readonly #goals: string[];
  readonly #goalIndex: TextIndex;
  readonly #textIndex: TextIndex;

  constructor(chat: ChatModel, request: GeneratorRequest, signal: AbortSignal | undefined) {
    this.#chat = chat;
    this.#request = request;
    this.#signal = signal;
    this.#goals = request.known.map(({ goal }) => goal);
    this.#goalIndex = request.rules.createIndex();
    this.#textIndex = request.rules.createIndex();
    for (const { id, goal, prompt } of request.known) {
      this.#goalIndex.add(id, goal);
      this.#textIndex.add(id, prompt);
    }
  }

  async *run(category: DilemmaCategory, count: number): AsyncGenerator<GeneratorEvent, void> {
    const end = this.made.length + count;
    for (let fruitless = 0; this.made.length < end && fruitless < MAX_FRUITLESS_CALLS; fruitless++) {
      const proposed = await this.#propose(category);
      yield { kind: 'goalsProposed', category, ...proposed };
      for (const goal of proposed.goals) {
        if (this.made.length >= end) break;
        this.#goals.push(goal);
        const before = this.made.length;
        yield* this.#write(category, goal);
        if (this.made.length > before) fruitless = -1;
      }
    }
  }

  async #propose(
    category: DilemmaCategory,
  ): Promise<{ readonly goals: string[]; readonly rejected: { readonly goal: string; readonly faults: string[] }[] }> {
    const messages = this.#request.prompts.goals({ category, count: GOALS_PER_CALL, known: this.#goals });
    const goals: string[] = [];
    const rejected: { readonly goal: string; readonly faults: string[] }[] = [];
    for (const goal of goalsIn(await this.#ask(messages, GOAL_TOKENS, GOALS_SCHEMA))) {
      const faults = this.#goalFaults(goal);
      if (faults.length > 0) rejected.push({ goal, faults });
      else {
        goals.push(goal);
        this.#goalIndex.add(goal, goal);
      }
    }
    return { goals, rejected };
  }

  async *#write(category: DilemmaCategory, goal: string): AsyncGenerator<GeneratorEvent, void> {
    const { prompts, rules, maxAttempts = DEFAULT_ATTEMPTS, count } = this.#request;
    let messages = prompts.dilemma({ category, goal });
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const text = textIn(await this.#ask(messages, TEXT_TOKENS));
      const faults = [...rules.faultsOf({ goal, prompt: text }), ...twinFaults(this.#textIndex, text)];
      if (faults.length > 0) {
        yield { kind: 'rejected', goal, text, faults, attempt };
        messages = prompts.repair({ goal, text, faults });
        continue;
      }
      const id = this.#idFor(goal);
      const dilemma: Dilemma = { id, category, goal, prompt: text, split: 'train', origin: 'generated' };
      this.made.push(dilemma);
      this.#textIndex.add(id, text);
      yield { kind: 'accepted', dilemma, done: this.made.length, total: count };
      return;
    }
  }

  /** Faults of the whole that an empty text alone does not explain. */
  #goalFaults(goal: string): string[] {
    const ofText = new Set(this.#request.rules.faultsOf({ goal: 'A goal like others', prompt: '' }));
    const own = this.#request.rules.faultsOf({ goal, prompt: '' }).filter((fault) => !ofText.has(fault));
    return [...own, ...twinFaults(this.#goalIndex, goal)];
  }

  /** @param responseSchema  for models that can keep to one */
  async #ask(
    messages: readonly ChatMessage[],
    maxTokens: number,
    responseSchema?: ChatRequest['responseSchema'],
  ): Promise<string> {
    this.#signal?.throwIfAborted();
    this.numCalls++;
    const signal = this.#signal;
    const keepsSchema = CHAT_CAPABILITIES[this.#chat.kind].responseSchema.has;
    const request: ChatRequest = {
      messages,
      maxTokens,
      temperature: TEMPERATURE,
      ...(keepsSchema && responseSchema && { responseSchema }),
    };
    const { text } = await this.#chat.chat(request, { ...(signal && { signal }) });
    return text.slice(0, MAX_CHARACTERS);
  }

  #idFor(goal: string): string {
    const taken = new Set([...this.#request.known, ...this.made].map(({ id }) => id));
    const stem = `generated-${wordsOf(goal).join('-')}`;
    for (let number = 1; ; number++) {
      const id = number === 1 ? stem : `${stem}-${number}`;
      if (!taken.has(id)) return id;
    }
  }
}

function twinFaults(index: TextIndex, text: string): string[] {
  const [twin] = index.near(text);
  return twin === undefined ? [] : [`It says nearly the same as "${twin.id}".`];
}

/** The entries of a list in JSON, also of one that was cut off. */
function listedIn(text: string): string[] {
  const json = /^\s*(?:```(?:json)?)?\s*([[{].*)$/s.exec(text)?.[1] ?? '';
  return [...json.matchAll(/"(?:[^"\\\n]|\\.)*"(?=\s*[,\]])/g)].flatMap(([literal]) => {
    const entry = jsonOf(literal);
    return typeof entry === 'string' ? [entry] : [];
  });
}

/** One goal a line, or a list in JSON; without numbers, bullets, quotes and full stops. */
function goalsIn(text: string): string[] {
  const listed = listedIn(text);
  return (listed.length > 0 ? listed : text.split('\n'))
    .map((line) =>
      line
        .replace(/^\s*(?:\d+[.):]|[-*•])\s*/u, '')
        .replaceAll(/["“”*_`]/gu, '')
        .trim()
        .replace(/[.,;:]+$/u, ''),
    )
    .filter((line) => line !== '')
    .slice(0, 2 * GOALS_PER_CALL);
}

/** On one line, without a label, and without quotes around all of it. */
function textIn(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const bare = line.replace(/^(?:\*\*)?(?:dilemma|prompt|scenario)(?:\*\*)?:(?:\*\*)?\s*/i, '');
  return bare.replace(/^["“](.*)["”]$/u, '$1').trim();
}

/** How many of `count` belong to each category: whole numbers that come nearest to the paper's shares. */
function shares(count: number): { readonly category: DilemmaCategory; readonly count: number }[] {
  const exact = Object.entries(DILEMMA_CATEGORIES).map(([category, { share }]) => ({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the record are the categories
    category: category as DilemmaCategory,
    share: share * count,
    count: Math.floor(share * count + 1e-9),
  }));
  const left = count - exact.reduce((sum, part) => sum + part.count, 0);
  const byRest = exact.toSorted((a, b) => b.share - b.count - (a.share - a.count));
  const favoured = new Set(byRest.slice(0, left).map(({ category }) => category));
  return exact
    .map((part) => ({ category: part.category, count: part.count + (favoured.has(part.category) ? 1 : 0) }))
    .filter((part) => part.count > 0);
}
