/**
 * Blocks, tokens and forwards of one run. It knows what a forward of each kind means (prefill, step, probe, what an event
 * needs) and nothing of the loop around them.
 */
import type { CacheBlock, CacheView, Decoder, DecoderRow, LogitBias, RowResult } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type {
  ReasoningState,
  StreamName,
  TraceParams,
  TracePrefill,
  TracePrefillResult,
  TraceProbe,
  TraceRow,
  TraceSetup,
} from '@/protocol/reasoning.ts';
import { STREAMS, turnLayout, type Views } from './block-layout.ts';
import { nextState, type ModeSignal, runningStreams } from './mode-switch.ts';
import { probeAnswer } from './probe.ts';
import { type ReasoningIo, RunStopped } from './reasoning-io.ts';
import { type StreamContent, StreamLog } from './stream-log.ts';
import { type Choice, choiceOf, traceAttention } from './trace-row.ts';

/** A view as a forward left it. */
export interface ViewAfter {
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
}

/** A forward that encoded `encoded` and chose the next token. */
export type Injected = ViewAfter & Choice & { readonly encoded: readonly number[] };

/** Recorded tokens of a stream, at least one, and what is wanted of the last one that is encoded. */
export interface ReplayedRow extends Partial<Pick<DecoderRow, 'output' | 'attention'>> {
  readonly stream: StreamName;
  readonly tokens: readonly number[];
}

const NEWLINE = 0x0a;
/** One head's vectors are recorded in the first row of a stream and in every so many-th after it. */
const ROWS_PER_HEAD = 8;

/** Owns its blocks and logit biases: dispose of it in all cases. */
export class ReasoningSession {
  state: ReasoningState = 'thinkerOnly';
  /** The setup's, with what was changed since. */
  params: TraceParams;
  /** Whether rule 4 is evaluated. */
  isProbing = true;
  /** Whether the writer's prefix is in its block. */
  isWriterStarted: boolean;
  /** Whether the writer has to wait whatever the probe says. */
  isWriterHeld = false;
  /** Index of the thinker's token from which the thought budget counts. */
  thoughtsFrom: number;
  readonly setup: TraceSetup;
  readonly streams: Readonly<Record<StreamName, StreamLog>>;
  /** Of the present turn. */
  views: Views;
  /** Streams of finished turns. */
  readonly turns: Readonly<Record<`${StreamName}_tokens`, readonly number[]>>[] = [];
  readonly #decoder: Decoder;
  readonly #io: ReasoningIo;
  readonly #blocks = new Map<string, CacheBlock>();
  readonly #biases = new Map<StreamName, LogitBias>();
  #numDraws = 0;
  readonly #numRead: Record<StreamName, number> = { thinker: 0, writer: 0 };
  #isCut = false;

  /** @param setup  checked by `parseTraceSetup`, or built by this folder */
  constructor(decoder: Decoder, setup: TraceSetup, io: ReasoningIo) {
    this.#decoder = decoder;
    this.#io = io;
    this.setup = setup;
    this.params = setup.params;
    this.views = setup.views;
    const { thinker, writer } = setup.stream_tokens;
    this.streams = {
      thinker: new StreamLog(thinker, io.createTextStream),
      writer: new StreamLog(writer, io.createTextStream),
    };
    this.thoughtsFrom = thinker.length;
    const writerBlock = setup.views['writer']?.at(-1);
    this.isWriterStarted = setup.prefill.some(({ view }) => view.at(-1) === writerBlock);
    try {
      for (const name of setup.blocks) this.#blocks.set(name, decoder.createBlock(name));
      for (const stream of STREAMS) {
        const forbidden = setup.params.forbidden[stream];
        const penalty = -setup.params.forbidden_penalty;
        if (forbidden.length > 0)
          this.#biases.set(stream, decoder.createLogitBias(new Map(forbidden.map((id) => [id, penalty]))));
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const bias of this.#biases.values()) bias[Symbol.dispose]();
    for (const block of this.#blocks.values()) block[Symbol.dispose]();
    this.#biases.clear();
    this.#blocks.clear();
  }

  /** Block names of a view; empty if there is none of that name. */
  viewOf(name: string): readonly string[] {
    return this.views[name] ?? [];
  }

  /** Tokens that can still be appended over all blocks. */
  get freeTokens(): number {
    return this.#decoder.freeTokens;
  }

  lengths(): Record<string, number> {
    return Object.fromEntries([...this.#blocks].map(([name, block]) => [name, block.length]));
  }

  /** Text sampled since the last call, and what the streams hold if they were cut since. */
  takeText(): {
    readonly added: Readonly<Record<StreamName, string>>;
    readonly cut: Readonly<Record<StreamName, StreamContent>> | undefined;
  } {
    const { thinker, writer } = this.streams;
    const added = { thinker: thinker.takeText(), writer: writer.takeText() };
    const cut = this.#isCut ? { thinker: thinker.content(), writer: writer.content() } : undefined;
    this.#isCut = false;
    return { added, cut };
  }

  signal(signal: ModeSignal): void {
    this.state = nextState(this.state, signal);
  }

  pending(stream: StreamName): number {
    const { tokens } = this.streams[stream];
    return at(tokens, tokens.length - 1);
  }

  /** Rule 5. */
  get hasWriterEnded(): boolean {
    return this.isWriterStarted && this.#isEnd('writer', this.pending('writer'));
  }

  /** Whether the bytes of a stream's last two tokens, the pending one included, end with two newlines. */
  isAtParagraphEnd(stream: StreamName): boolean {
    const bytes = this.streams[stream].tokens.slice(-2).flatMap((id) => [...this.#io.tokenBytes(id)]);
    return bytes.at(-1) === NEWLINE && bytes.at(-2) === NEWLINE;
  }

  async prefill({ view, ids }: TracePrefill): Promise<TracePrefillResult> {
    const result =
      this.#prefillFromCache(view, ids) ??
      (await this.#forwardOne({ view: this.blocksOf(view), tokenIds: ids, output: { kind: 'token' } }));
    return {
      block: view.at(-1) ?? '',
      lengths: result.lengths,
      loc: result.rotaryOffsets,
      last_top: result.top,
      logsumexp: result.logsumexp,
    };
  }

  /** A prompt that stands alone does not depend on the run. */
  #prefillFromCache(view: readonly string[], ids: readonly number[]): RowResult | undefined {
    const [name] = view;
    const block = this.#blocks.get(name ?? '');
    const isAlone = name !== undefined && view.length === 1;
    if (this.#io.prompts === undefined || !isAlone || block?.length !== 0) return undefined;
    if (this.#io.signal?.aborted === true) throw new RunStopped();
    const cached = this.#io.prompts.find(ids);
    if (cached === undefined) return undefined;
    block[Symbol.dispose]();
    this.#blocks.set(name, cached.block.fork(name));
    return cached.result;
  }

  /**
   * Rule 1: one forward of the running streams' pending tokens.
   *
   * @param why  asks the probe in the same forward, for these reasons
   */
  async step(why?: TraceProbe['why']): Promise<{ rows: TraceRow[]; probe: TraceProbe | undefined }> {
    const streams = runningStreams(this.state, this.setup.row_order);
    const rows = streams.map((stream) => ({
      ...this.#sampledRow(stream, [this.pending(stream)]),
      ...this.#attentionQuestion(stream),
    }));
    const question = why === undefined ? [] : [this.#questionRow()];
    const results = await this.#askingForward([...rows, ...question]);
    return {
      rows: streams.map((stream, r) => {
        const result = at(results, r);
        const input = this.pending(stream);
        this.#accept(stream, result.tokenId);
        const { lengths, rotaryOffsets: loc, attention } = result;
        const read = attention && { attention: traceAttention(attention, lengths) };
        return { stream, input, lengths, loc, ...choiceOf(result), ...read };
      }),
      probe: why === undefined ? undefined : probeAnswer(at(results, rows.length), why, this.params, this.state),
    };
  }

  /**
   * One forward of recorded tokens instead of chosen ones: of each stream its pending token and all of `tokens` but the
   * last, which is pending then.
   */
  async replay(rows: readonly ReplayedRow[]): Promise<RowResult[]> {
    const results = await this.#forward(
      rows.map(({ stream, tokens, output = { kind: 'none' }, attention }) => ({
        view: this.blocksOf(this.viewOf(stream)),
        tokenIds: [this.pending(stream), ...tokens.slice(0, -1)],
        output,
        ...(attention && { attention }),
      })),
    );
    for (const { stream, tokens } of rows) for (const id of tokens) this.#accept(stream, id);
    return results;
  }

  async probe(why: TraceProbe['why']): Promise<TraceProbe> {
    const result = at(await this.#askingForward([this.#questionRow()]), 0);
    return probeAnswer(result, why, this.params, this.state);
  }

  /** The question block is empty before and after, whatever happens. */
  async #askingForward(rows: readonly DecoderRow[]): Promise<RowResult[]> {
    const view = this.blocksOf(this.viewOf('probe'));
    const question = at(view, view.length - 1);
    question.clear();
    try {
      return await this.#forward(rows);
    } finally {
      question.clear();
    }
  }

  #questionRow(): DecoderRow {
    const { question_ids: tokenIds, yes_ids: yesIds, no_ids: noIds } = this.params;
    const output = { kind: 'logitsOf', tokenIds: [...yesIds, ...noIds] } as const;
    return { view: this.blocksOf(this.viewOf('probe')), tokenIds, output };
  }

  /** Nothing to encode is allowed: the view is reported as it stands. */
  async append(view: readonly string[], ids: readonly number[]): Promise<ViewAfter> {
    const blocks = this.blocksOf(view);
    if (ids.length > 0) {
      const result = await this.#forwardOne({ view: blocks, tokenIds: ids, output: { kind: 'none' } });
      return { lengths: result.lengths, loc: result.rotaryOffsets };
    }
    const lengths = blocks.map((block) => block.length);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    let start = 0;
    return { lengths, loc: lengths.map((length) => total - (start += length) + length) };
  }

  /** Keeps the first tokens of a view's last block, then appends. */
  replace(view: readonly string[], keep: number, ids: readonly number[]): Promise<ViewAfter> {
    const blocks = this.blocksOf(view);
    at(blocks, blocks.length - 1).truncate(keep);
    return this.append(view, ids);
  }

  /** One forward of the pending token and `ids` in a stream's view; what is chosen then is pending. */
  async inject(stream: StreamName, ids: readonly number[]): Promise<Injected> {
    const encoded = [this.pending(stream), ...ids];
    const result = await this.#forwardOne(this.#sampledRow(stream, encoded));
    this.streams[stream].give(ids);
    this.#accept(stream, result.tokenId);
    return { encoded, lengths: result.lengths, loc: result.rotaryOffsets, ...choiceOf(result) };
  }

  /** Encodes the pending token, unless it is an end token, and `ids`, the last of which is pending then. */
  async tell(stream: StreamName, ids: readonly number[]): Promise<ViewAfter & Pick<Injected, 'encoded'>> {
    const log = this.streams[stream];
    const hasEnded = this.#isEnd(stream, this.pending(stream));
    const encoded = [...(hasEnded ? [] : [this.pending(stream)]), ...ids.slice(0, -1)];
    const after = await this.append(this.viewOf(stream), encoded);
    if (hasEnded) log.dropLast();
    log.give(ids);
    return { encoded, ...after };
  }

  /** Empties both streams. */
  clearStreams(): void {
    for (const stream of STREAMS) {
      this.#outputBlock(stream).clear();
      this.streams[stream].restart(this.setup.stream_tokens[stream]);
    }
    this.isWriterStarted = false;
    this.#isCut = true;
  }

  /** Encodes all of `ids` but the last one behind what the stream holds. */
  async startStream(stream: StreamName, ids: readonly number[]): Promise<ViewAfter> {
    const encoded = await this.append(this.viewOf(stream), ids.slice(0, -1));
    this.streams[stream].restart(ids);
    return encoded;
  }

  /** @param length  tokens to keep, the pending one included; 0 empties the block and leaves the stream not started */
  rewind(stream: StreamName, length: number): void {
    const block = this.#outputBlock(stream);
    const log = this.streams[stream];
    block.truncate(Math.min(block.length, Math.max(0, length - 1)));
    if (length === 0) log.restart(this.setup.stream_tokens[stream]);
    else if (length < log.tokens.length) log.cut(length);
    if (length === 0 && stream === 'writer') this.isWriterStarted = false;
    this.#isCut = true;
  }

  /** Makes the streams' blocks history and begins a turn with empty ones. @param ids  the opening of the new turn */
  async nextTurn(keepThoughts: boolean, ids: readonly number[]): Promise<ViewAfter> {
    const { thinker, writer } = this.streams;
    const pending = this.pending('writer');
    const opening = this.params.eos_ids.includes(pending) || !this.isWriterStarted ? ids : [pending, ...ids];
    if (!keepThoughts) {
      const block = this.#outputBlock('thinker');
      block.truncate(Math.min(block.length, thinker.startLength));
    }
    this.turns.push({ thinker_tokens: [...thinker.tokens], writer_tokens: [...writer.tokens] });
    const layout = turnLayout(this.setup.design, this.views, this.turns.length, keepThoughts);
    for (const name of layout.newBlocks) this.#blocks.set(name, this.#decoder.createBlock(name));
    this.views = layout.views;
    const encoded: ViewAfter[] = [];
    for (const view of layout.openings) encoded.push(await this.append(view, opening));
    for (const stream of STREAMS) this.streams[stream].restart(this.setup.stream_tokens[stream]);
    this.isWriterStarted = false;
    this.state = 'thinkerOnly';
    return at(encoded, 0);
  }

  #attentionQuestion(stream: StreamName): Pick<DecoderRow, 'attention'> {
    if (this.params.read_attention?.includes(stream) !== true) return {};
    const withHead = this.#numRead[stream]++ % ROWS_PER_HEAD === 0;
    return { attention: { keys: 'overall', withHead } };
  }

  #accept(stream: StreamName, tokenId: number): void {
    this.streams[stream].accept(tokenId, this.#isEnd(stream, tokenId));
  }

  #isEnd(stream: StreamName, tokenId: number): boolean {
    const { eos_ids: eosIds, end_of_think_ids: endOfThinkIds } = this.params;
    return (stream === 'writer' ? eosIds : endOfThinkIds).includes(tokenId);
  }

  #sampledRow(stream: StreamName, tokenIds: readonly number[]): DecoderRow {
    const bias = this.#biases.get(stream);
    const { sampling } = this.params;
    const drawn = sampling && {
      step: this.#numDraws++,
      sampling: {
        temperature: sampling.temperature,
        topK: sampling.top_k,
        topP: sampling.top_p,
        minP: sampling.min_p,
        seed: sampling.seed,
      },
    };
    return {
      view: this.blocksOf(this.viewOf(stream)),
      tokenIds,
      output: { kind: 'token', ...(bias && { bias }), ...drawn },
    };
  }

  #outputBlock(stream: StreamName): CacheBlock {
    const view = this.blocksOf(this.viewOf(stream));
    return at(view, view.length - 1);
  }

  blocksOf(names: readonly string[]): CacheView {
    return names.map((name) => {
      const block = this.#blocks.get(name);
      if (block === undefined) throw new Error(`There is no block "${name}".`);
      return block;
    });
  }

  async #forwardOne(row: DecoderRow): Promise<RowResult> {
    return at(await this.#forward([row]), 0);
  }

  async #forward(rows: readonly DecoderRow[]): Promise<RowResult[]> {
    if (this.#io.signal?.aborted === true) throw new RunStopped();
    return this.#decoder.forward(rows);
  }
}
