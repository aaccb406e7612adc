/**
 * A side that thinks in private while the other one speaks, on the machinery of asynchronous thinking: what it hears and
 * what it thinks are blocks of their own, so that both grow at the same time and nothing is encoded twice.
 *
 *   hears    [context | heard]                  a token of the other side's with each forward
 *   thinks   [context | heard | thoughts]       one token with each forward, over what was heard by then
 *   speaks   [context | heard | thoughts | speech]
 *
 * It hears tokens, not the other side's cache: what the other side's context says of its goal does not come over.
 */
import type { AdapterUse, CacheBlock, CacheView, Decoder, DecoderRow, RowResult } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type { NegotiationRole, Thoughts, ThoughtToken } from '@/protocol/negotiation-run.ts';
import type { SamplingSettings } from '@/protocol/generation.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { thoughtStepOf } from './dialogue-course.ts';
import type { Listening } from './dialogue-prompts.ts';
import type { Context, PromptReader } from './prompt-reader.ts';

export interface ListenerOptions {
  readonly tokenizer: ChatTokenizer;
  readonly role: NegotiationRole;
  readonly row: number;
  /** Of the utterance that the thoughts lead to. */
  readonly turn: number;
  /** Utterances before that one. */
  readonly place: number;
  readonly limit: number;
  readonly sampling: SamplingSettings;
  readonly adapter: AdapterUse;
  readonly signal: AbortSignal | undefined;
}

export class Listener {
  readonly role: NegotiationRole;
  readonly #reader: PromptReader;
  readonly #context: Context;
  readonly #heard: CacheBlock;
  readonly #thoughts: CacheBlock;
  readonly #listening: Listening;
  readonly #options: ListenerOptions;
  readonly #stream: ReturnType<ChatTokenizer['createTextStream']>;
  readonly #heardIds: number[] = [];
  readonly #tokenIds: number[] = [];
  readonly #logProbs: number[] = [];
  readonly #heardBy: number[] = [];
  #text = '';
  #hasStopped = false;

  /** @param context  holds `before` but for its last token; taken */
  constructor(
    decoder: Decoder,
    reader: PromptReader,
    context: Context,
    listening: Listening,
    options: ListenerOptions,
  ) {
    this.role = options.role;
    this.#reader = reader;
    this.#context = context;
    this.#listening = listening;
    this.#options = options;
    this.#stream = options.tokenizer.createTextStream();
    this.#heard = decoder.createBlock(`${options.role} hears`);
    this.#thoughts = decoder.createBlock(`${options.role} thinks`);
  }

  [Symbol.dispose](): void {
    this.#context.block[Symbol.dispose]();
    this.#heard[Symbol.dispose]();
    this.#thoughts[Symbol.dispose]();
  }

  /** Encodes what stands between what is heard and the thoughts. */
  async begin(): Promise<void> {
    const { before, bridge } = this.#listening;
    await this.#read([this.#context.block, this.#heard], before.slice(-1));
    await this.#read(this.view, bridge.slice(0, -1));
  }

  /** Rows of the next forward. @param said  what the other side's row encodes in it; undefined before its first word */
  rows(said: number | undefined): DecoderRow[] {
    if (said === undefined) return [];
    this.#heardIds.push(said);
    const { adapter, sampling, place } = this.#options;
    const hears: DecoderRow = {
      view: [this.#context.block, this.#heard],
      tokenIds: [said],
      output: { kind: 'none' },
      adapter,
    };
    if (this.#isSilent) return [hears];
    const step = thoughtStepOf(place, this.#tokenIds.length);
    const output = { kind: 'token', sampling, step } as const;
    return [hears, { view: this.view, tokenIds: [this.#pendingId], output, adapter }];
  }

  /** Takes the results of `rows`. */
  take([, thought]: readonly RowResult[]): ThoughtToken | undefined {
    if (thought === undefined) return undefined;
    const { tokenizer, row, role } = this.#options;
    const { tokenId, logProb } = thought;
    this.#hasStopped = tokenizer.stopTokenIds.includes(tokenId);
    const text = this.#hasStopped ? '' : this.#stream.push(tokenId);
    this.#text += text;
    this.#tokenIds.push(tokenId);
    this.#logProbs.push(logProb);
    const heard = this.#heardIds.length;
    this.#heardBy.push(heard);
    return { row, role, tokenId, logProb, text, heard };
  }

  /** The other side has spoken. @param said  all of it, without a stop token */
  async finish(said: readonly number[]): Promise<Thoughts> {
    const rest = said.slice(this.#heardIds.length);
    await this.#read([this.#context.block, this.#heard], rest);
    this.#heardIds.push(...rest);
    const { role, turn, limit } = this.#options;
    this.#text += this.#stream.flush();
    return {
      role,
      turn,
      tokenIds: this.#tokenIds,
      logProbs: this.#logProbs,
      heard: this.#heardBy,
      text: this.#text,
      stop: this.#hasStopped ? 'stopToken' : this.#tokenIds.length >= limit ? 'maxTokens' : 'cut',
    };
  }

  /**
   * What the side speaks from: a context whose block holds what stands behind the thoughts but for its last token, seen
   * behind `view`; the context is the caller's. And how many tokens of the prompt had been encoded before.
   */
  async speak(
    speech: CacheBlock,
  ): Promise<{ readonly context: Context; readonly promptIds: readonly number[]; readonly numReused: number }> {
    const { before, bridge, behind } = this.#listening;
    const thought = this.#hasStopped ? this.#tokenIds.slice(0, -1) : this.#tokenIds;
    // The last thought was chosen and not encoded; without any, the bridge's last token was not.
    const pending = this.#hasStopped ? [] : [this.#pendingId];
    const rest = [...pending, ...behind.slice(0, -1)];
    await this.#read([...this.view, speech], rest);
    const promptIds = [...before, ...this.#heardIds, ...bridge, ...thought, ...behind];
    return { context: { block: speech, ids: [] }, promptIds, numReused: promptIds.length - rest.length - 1 };
  }

  /** Keeps the context alone, which the side's next prompt begins with. */
  release(): Context {
    this.#heard[Symbol.dispose]();
    this.#thoughts[Symbol.dispose]();
    return this.#context;
  }

  /** What the side's own words are seen behind. */
  get view(): CacheView {
    return [this.#context.block, this.#heard, this.#thoughts];
  }

  get #pendingId(): number {
    const { bridge } = this.#listening;
    return this.#tokenIds.at(-1) ?? at(bridge, bridge.length - 1);
  }

  get #isSilent(): boolean {
    return this.#hasStopped || this.#tokenIds.length >= this.#options.limit;
  }

  async #read(view: CacheView, ids: readonly number[]): Promise<void> {
    const { adapter, signal } = this.#options;
    await this.#reader.append(view, ids, { adapter, ...(signal && { signal }) });
  }
}
