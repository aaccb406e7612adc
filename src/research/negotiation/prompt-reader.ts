import type { AdapterUse, CacheBlock, CacheView, Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { commonLength, type Prompt } from './prompt-tokens.ts';

/** A block and the ids that it holds. Owned by whoever opened it. */
export interface Context {
  readonly block: CacheBlock;
  readonly ids: number[];
}

/** What a model answers with one token. */
export interface Answer {
  /** Raw logits of the ids asked for. */
  readonly logits: readonly number[];
  /** ln sum exp over the vocabulary. */
  readonly logsumexp: number;
}

export interface ReaderLimits {
  /** Rows of one forward. */
  readonly rowsPerForward: number;
  /** Most tokens of one forward while a prompt is read. */
  readonly maxForwardTokens: number;
}

/** The decoder takes no more rows than this in one forward. */
export const MAX_ROWS = 16;
/** Enough to be quick, and short enough to be stopped in between, on any adapter. */
export const DEFAULT_READER_LIMITS: ReaderLimits = { rowsPerForward: MAX_ROWS, maxForwardTokens: 64 };

/**
 * Reads prompts into blocks. What prompts of one kind have in common is encoded once and forked. Owns the common parts;
 * they hold what the adapter was when they were read.
 */
export class PromptReader {
  readonly #decoder: Decoder;
  readonly #limits: ReaderLimits;
  readonly #shared = new Map<string, Context>();

  constructor(decoder: Decoder, limits: ReaderLimits = DEFAULT_READER_LIMITS) {
    this.#decoder = decoder;
    this.#limits = limits;
  }

  [Symbol.dispose](): void {
    for (const { block } of this.#shared.values()) block[Symbol.dispose]();
    this.#shared.clear();
  }

  /**
   * A context that holds the prompt but for its last token, which is to be encoded with the first choice.
   *
   * @param kind    names what the common part belongs to
   * @param shared  the common part; encoded when it is first seen, or when it is another one than before
   * @param held    a context to go on from; taken, whether or not it helps
   * @returns       the context, and how many tokens had been encoded before
   */
  async open(
    kind: string,
    shared: readonly number[],
    ids: readonly number[],
    options: { readonly adapter: AdapterUse; readonly held?: Context | undefined; readonly signal?: AbortSignal },
  ): Promise<{ readonly context: Context; readonly numReused: number }> {
    const wanted = ids.slice(0, -1);
    const context = await this.#start(kind, shared, wanted, options);
    const numReused = context.ids.length;
    try {
      await this.#read(context, wanted, options);
    } catch (error) {
      context.block[Symbol.dispose]();
      throw error;
    }
    return { context, numReused };
  }

  /**
   * What the model, without its adapter unless asked for, would answer to each prompt.
   *
   * @param answerIds  ids whose logits are wanted
   * @returns          [prompts]
   */
  async answers(
    kind: string,
    prompts: readonly Prompt[],
    answerIds: readonly number[],
    options: { readonly adapter?: AdapterUse; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let start = 0; start < prompts.length; start += this.#limits.rowsPerForward)
      answers.push(
        ...(await this.#answersAtOnce(
          kind,
          prompts.slice(start, start + this.#limits.rowsPerForward),
          answerIds,
          options,
        )),
      );
    return answers;
  }

  async #answersAtOnce(
    kind: string,
    prompts: readonly Prompt[],
    tokenIds: readonly number[],
    { adapter = 'off', signal }: { readonly adapter?: AdapterUse; readonly signal?: AbortSignal | undefined },
  ): Promise<Answer[]> {
    const contexts: Context[] = [];
    try {
      for (const { ids, numShared } of prompts) {
        const shared = ids.slice(0, Math.min(numShared, ids.length - 1));
        const { context } = await this.open(kind, shared, ids, { adapter, ...(signal && { signal }) });
        contexts.push(context);
      }
      signal?.throwIfAborted();
      const results = await this.#decoder.forward(
        contexts.map(({ block }, row) => ({
          view: [block],
          tokenIds: at(prompts, row).ids.slice(-1),
          output: { kind: 'logitsOf', tokenIds },
          adapter,
        })),
      );
      return results.map(({ logits, logsumexp }) => ({ logits, logsumexp }));
    } finally {
      for (const { block } of contexts) block[Symbol.dispose]();
    }
  }

  /** A context whose ids are a start of `wanted`. */
  async #start(
    kind: string,
    sharedIds: readonly number[],
    wanted: readonly number[],
    options: { readonly adapter: AdapterUse; readonly held?: Context | undefined; readonly signal?: AbortSignal },
  ): Promise<Context> {
    const { held } = options;
    const kept = held === undefined ? 0 : commonLength(held.ids, wanted);
    const numShared = commonLength(sharedIds, wanted);
    if (held !== undefined && kept >= numShared) {
      held.block.truncate(kept);
      held.ids.length = kept;
      return held;
    }
    held?.block[Symbol.dispose]();
    const shared = await this.#sharedOf(kind, sharedIds, options);
    return { block: shared.block.fork(kind, numShared), ids: wanted.slice(0, numShared) };
  }

  async #sharedOf(
    kind: string,
    ids: readonly number[],
    options: { readonly adapter: AdapterUse; readonly signal?: AbortSignal },
  ): Promise<Context> {
    const known = this.#shared.get(kind);
    if (known !== undefined && known.ids.length === ids.length && commonLength(known.ids, ids) === ids.length)
      return known;
    known?.block[Symbol.dispose]();
    this.#shared.delete(kind);
    const context: Context = { block: this.#decoder.createBlock(`${kind} shared`), ids: [] };
    try {
      await this.#read(context, ids, options);
    } catch (error) {
      context.block[Symbol.dispose]();
      throw error;
    }
    this.#shared.set(kind, context);
    return context;
  }

  /** Appends ids to the view's last block, in pieces. */
  async append(
    view: CacheView,
    ids: readonly number[],
    { adapter, signal }: { readonly adapter: AdapterUse; readonly signal?: AbortSignal },
    onPiece: (ids: readonly number[]) => void = () => undefined,
  ): Promise<void> {
    for (let start = 0; start < ids.length; start += this.#limits.maxForwardTokens) {
      signal?.throwIfAborted();
      const tokenIds = ids.slice(start, start + this.#limits.maxForwardTokens);
      await this.#decoder.forward([{ view, tokenIds, output: { kind: 'none' }, adapter }]);
      onPiece(tokenIds);
    }
  }

  /** Appends what `ids` has more than the context. */
  async #read(
    { block, ids: held }: Context,
    ids: readonly number[],
    options: { readonly adapter: AdapterUse; readonly signal?: AbortSignal },
  ): Promise<void> {
    await this.append([block], ids.slice(held.length), options, (piece) => held.push(...piece));
  }
}
