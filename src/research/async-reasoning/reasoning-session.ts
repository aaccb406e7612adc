/**
 * Blocks, tokens and forwards of one run. It knows what a forward of each kind means (prefill, event, step, probe) and
 * nothing of the loop around them.
 */
import type { CacheBlock, CacheView, Decoder, DecoderRow, LogitBias, RowResult } from '@/engine/generation/decoder.ts';
import { assertNever, at } from '@/lib/assert.ts';
import type {
  ReasoningState,
  StreamName,
  TraceEventResult,
  TraceInputEvent,
  TracePrefill,
  TracePrefillResult,
  TraceProbe,
  TraceRow,
  TraceSetup,
} from '@/protocol/reasoning.ts';
import { STREAMS } from './block-layout.ts';
import { nextState, type ModeSignal, runningStreams } from './mode-switch.ts';
import { probeScore } from './probe.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { TextStream } from './reasoning-tokenizer.ts';

export interface ReasoningIo {
  /** Bytes of a token, for the paragraph rule. */
  readonly tokenBytes: (tokenId: number) => Uint8Array;
  readonly createTextStream: () => TextStream;
  /** Where prompts that stand alone are kept between runs. Default: they are encoded anew. */
  readonly prompts?: PromptCache;
  /** Ends the run between two forwards. */
  readonly signal?: AbortSignal;
  /** Milliseconds of any steady clock. Default `performance.now`. */
  readonly now?: () => number;
}

/** Thrown by a session in front of a forward once its signal has fired; never leaves this folder. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

const NEWLINE = 0x0a;

/** Owns its blocks and logit biases: dispose of it in all cases. */
export class ReasoningSession {
  state: ReasoningState = 'thinkerOnly';
  probeInterval: number;
  /** Whether rule 4 is evaluated. */
  isProbing = true;
  /** Whether the writer's prefix is in its block. */
  isWriterStarted: boolean;
  readonly setup: TraceSetup;
  readonly #decoder: Decoder;
  readonly #io: ReasoningIo;
  readonly #blocks = new Map<string, CacheBlock>();
  readonly #biases = new Map<StreamName, LogitBias>();
  readonly #tokens: Record<StreamName, number[]>;
  readonly #textStreams: Record<StreamName, TextStream>;
  readonly #newText: Record<StreamName, string> = { thinker: '', writer: '' };
  #yesBias: number;

  /** @param setup  checked by `parseTraceSetup`, or built by this folder */
  constructor(decoder: Decoder, setup: TraceSetup, io: ReasoningIo) {
    this.#decoder = decoder;
    this.#io = io;
    this.setup = setup;
    this.probeInterval = setup.params.probe_interval;
    this.#yesBias = setup.params.yes_bias;
    this.#tokens = { thinker: [...setup.stream_tokens.thinker], writer: [...setup.stream_tokens.writer] };
    this.#textStreams = { thinker: io.createTextStream(), writer: io.createTextStream() };
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

  /** All tokens of a stream: prefix, then what was sampled or injected; the last one is pending. */
  tokens(stream: StreamName): readonly number[] {
    return this.#tokens[stream];
  }

  lengths(): Record<string, number> {
    return Object.fromEntries([...this.#blocks].map(([name, block]) => [name, block.length]));
  }

  /** Text sampled since the last call; prefixes, injected text and end tokens are not part of it. */
  takeText(): Record<StreamName, string> {
    const text = { ...this.#newText };
    this.#newText.thinker = '';
    this.#newText.writer = '';
    return text;
  }

  signal(signal: ModeSignal): void {
    this.state = nextState(this.state, signal);
  }

  /** Whether the bytes of a stream's last two tokens, the pending one included, end with two newlines. */
  isAtParagraphEnd(stream: StreamName): boolean {
    const bytes = this.#tokens[stream].slice(-2).flatMap((id) => [...this.#io.tokenBytes(id)]);
    return bytes.at(-1) === NEWLINE && bytes.at(-2) === NEWLINE;
  }

  async prefill({ view, ids }: TracePrefill): Promise<TracePrefillResult> {
    const result = (await this.#prefillFromCache(view, ids)) ?? (await this.#prefillNow(view, ids));
    return {
      block: view.at(-1) ?? '',
      lengths: result.lengths,
      loc: result.rotaryOffsets,
      last_top: result.top,
      logsumexp: result.logsumexp,
    };
  }

  #prefillNow(view: readonly string[], ids: readonly number[]): Promise<RowResult> {
    return this.#forwardOne({ view: this.#blocksOf(view), tokenIds: ids, output: { kind: 'token' } });
  }

  /** A prompt that stands alone does not depend on the run. */
  async #prefillFromCache(view: readonly string[], ids: readonly number[]): Promise<RowResult | undefined> {
    const [name] = view;
    const block = this.#blocks.get(name ?? '');
    if (this.#io.prompts === undefined || name === undefined || view.length > 1 || block?.length !== 0)
      return undefined;
    if (this.#io.signal?.aborted === true) throw new RunStopped();
    const cached = await this.#io.prompts.get(ids);
    block[Symbol.dispose]();
    this.#blocks.set(name, cached.block.fork(name));
    return cached.result;
  }

  /** Rule 1: one forward of the running streams' pending tokens. */
  async step(): Promise<TraceRow[]> {
    const streams = runningStreams(this.state, this.setup.row_order);
    const rows = streams.map((stream) => this.#sampledRow(stream, [this.#pending(stream)]));
    const results = await this.#forward(rows);
    return streams.map((stream, r) => {
      const result = at(results, r);
      const input = this.#pending(stream);
      this.#accept(stream, result.tokenId);
      return { stream, input, lengths: result.lengths, loc: result.rotaryOffsets, ...choiceOf(result) };
    });
  }

  /** The question block is empty again afterwards, whatever happens. */
  async probe(why: TraceProbe['why']): Promise<TraceProbe> {
    const { question_ids: questionIds, yes_ids: yesIds, no_ids: noIds } = this.setup.params;
    const view = this.#view('probe');
    const question = at(view, view.length - 1);
    question.clear();
    try {
      const output = { kind: 'logitsOf', tokenIds: [...yesIds, ...noIds] } as const;
      const result = await this.#forwardOne({ view, tokenIds: questionIds, output });
      const yesLogits = result.logits.slice(0, yesIds.length);
      const noLogits = result.logits.slice(yesIds.length);
      const score = probeScore(yesLogits, noLogits, this.#yesBias);
      return {
        why,
        lengths: result.lengths,
        loc: result.rotaryOffsets,
        yes_logits: yesLogits,
        no_logits: noLogits,
        score,
        yes: score > 0,
        logsumexp: result.logsumexp,
      };
    } finally {
      question.clear();
    }
  }

  /** Rule 0. */
  async apply(event: TraceInputEvent): Promise<TraceEventResult> {
    switch (event.kind) {
      case 'append_input':
        return { kind: event.kind, ...(await this.#encode(this.#view('input'), event.ids)) };
      case 'edit_input': {
        const view = this.#view('input');
        at(view, view.length - 1).truncate(event.keep);
        return { kind: event.kind, ...(await this.#encode(view, event.ids)) };
      }
      case 'inject':
        return this.#inject(event.stream, event.ids);
      case 'start_thinker':
        return this.#startThinker(event.ids);
      case 'start_writer': {
        const encoded = await this.#startStream('writer', event.ids);
        this.isWriterStarted = true;
        this.signal({ kind: 'writerStarted' });
        return { kind: event.kind, ...encoded };
      }
      case 'set_params':
        this.isProbing = event.probing ?? this.isProbing;
        this.probeInterval = event.probe_interval ?? this.probeInterval;
        this.#yesBias = event.yes_bias ?? this.#yesBias;
        return { kind: event.kind, lengths: [], loc: [] };
      default:
        return assertNever(event);
    }
  }

  async #inject(stream: StreamName, ids: readonly number[]): Promise<TraceEventResult> {
    const encoded = [this.#pending(stream), ...ids];
    const result = await this.#forwardOne(this.#sampledRow(stream, encoded));
    this.#tokens[stream].push(...ids);
    this.#accept(stream, result.tokenId);
    return {
      kind: 'inject',
      stream,
      encoded,
      lengths: result.lengths,
      loc: result.rotaryOffsets,
      ...choiceOf(result),
    };
  }

  async #startThinker(ids: readonly number[]): Promise<TraceEventResult> {
    for (const stream of STREAMS) {
      const view = this.#view(stream);
      at(view, view.length - 1).clear();
      this.#tokens[stream] = [...this.setup.stream_tokens[stream]];
      this.#textStreams[stream] = this.#io.createTextStream();
    }
    this.isWriterStarted = false;
    const encoded = await this.#startStream('thinker', ids);
    this.signal({ kind: 'thinkerStarted' });
    return { kind: 'start_thinker', ...encoded };
  }

  async #startStream(stream: StreamName, ids: readonly number[]): Promise<ViewAfter> {
    const encoded = await this.#encode(this.#view(stream), ids.slice(0, -1));
    this.#tokens[stream] = [...ids];
    return encoded;
  }

  /** Nothing to encode is allowed: the view is reported as it stands. */
  async #encode(view: CacheView, ids: readonly number[]): Promise<ViewAfter> {
    if (ids.length > 0) {
      const result = await this.#forwardOne({ view, tokenIds: ids, output: { kind: 'none' } });
      return { lengths: result.lengths, loc: result.rotaryOffsets };
    }
    const lengths = view.map((block) => block.length);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    let start = 0;
    return { lengths, loc: lengths.map((length) => total - (start += length) + length) };
  }

  #accept(stream: StreamName, tokenId: number): void {
    this.#tokens[stream].push(tokenId);
    const { eos_ids: eosIds, end_of_think_ids: endOfThinkIds } = this.setup.params;
    const endIds = stream === 'writer' ? eosIds : endOfThinkIds;
    if (!endIds.includes(tokenId)) this.#newText[stream] += this.#textStreams[stream].push(tokenId);
  }

  #pending(stream: StreamName): number {
    const tokens = this.#tokens[stream];
    return at(tokens, tokens.length - 1);
  }

  #sampledRow(stream: StreamName, tokenIds: readonly number[]): DecoderRow {
    const bias = this.#biases.get(stream);
    return { view: this.#view(stream), tokenIds, output: { kind: 'token', ...(bias && { bias }) } };
  }

  #view(name: string): CacheView {
    return this.#blocksOf(this.setup.views[name] ?? []);
  }

  #blocksOf(names: readonly string[]): CacheView {
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

interface ViewAfter {
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
}

function choiceOf(result: RowResult): Pick<TraceRow, 'token' | 'margin' | 'top' | 'logsumexp'> {
  const [best, second] = result.top;
  return {
    token: result.tokenId,
    margin: (best?.[1] ?? NaN) - (second?.[1] ?? NaN),
    top: result.top,
    logsumexp: result.logsumexp,
  };
}
