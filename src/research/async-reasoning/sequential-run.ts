/**
 * The ways of answering that asynchronous thinking competes with: one stream, one block, ordinary decoding.
 *
 * - thinkThenAnswer: thoughts until `</think>` or the thought budget (half of all steps where there is none), then the
 *   answer. What the model did not write of `\n</think>\n\n` is put in, so every answer begins as the template has it.
 * - noThinking: behind an empty think section, as Qwen3's template writes it; a plain assistant turn where the model has
 *   no think tokens.
 * - interleaved: a piece of thought, the answer's next paragraph, and so on. The paper prompts its models for this and
 *   has no code for it, so this is a reading of ours: a piece of thought ends with its paragraph, with `</think>`, or
 *   after `probeInterval` tokens, as often as the probe would ask; each piece stands in a think section of its own.
 *
 * Prompt, forbidden tokens, seed, sampling and budget are those of the asynchronous run; a step is a token. The clock
 * begins before the prompt is read.
 */
import type { CacheBlock, Decoder, LogitBias } from '@/engine/generation/decoder.ts';
import { Failure } from '@/lib/failure.ts';
import type { ComparisonMode, TimedToken } from '@/protocol/comparison.ts';
import type { ReasoningSettings, ReasoningStopReason, StreamName } from '@/protocol/reasoning.ts';
import { STREAMS } from './block-layout.ts';
import { forbiddenIdsOf } from './forbidden-ids.ts';
import { INPUT_OPENING, THINKER_PENDING, THINKER_PREFIX, WRITER_PENDING } from './prompts.ts';
import type { ReasoningTokenizer, TextStream } from './reasoning-tokenizer.ts';

export type SequentialMode = Exclude<ComparisonMode, 'asynchronous'>;

export interface SequentialRequest {
  readonly mode: SequentialMode;
  /** Control tokens in it stay text. */
  readonly question: string;
  readonly settings: ReasoningSettings;
}

export interface SequentialIo {
  /** Honoured between two forwards. */
  readonly signal?: AbortSignal;
  /** Milliseconds of any steady clock. Default `performance.now`. */
  readonly now?: () => number;
}

export interface SequentialResult {
  readonly stop: ReasoningStopReason;
  readonly totalMs: number;
  /** What was sampled, end tokens included. */
  readonly tokenIds: Readonly<Record<StreamName, readonly number[]>>;
  readonly text: Readonly<Record<StreamName, string>>;
}

/** Tokens of one forward while the prompt is read, so that a long one can be stopped. */
const PREFILL_TOKENS = 64;
const TURN_END = '<|im_end|>';
const THINK_START = '<think>';
const THINK_END = '</think>';
const ASSISTANT_TURN = '<|im_end|>\n<|im_start|>assistant\n';
const NEWLINE = 0x0a;

/**
 * Runs one mode to its end. Stopped by `io.signal`, or with the context full, it still returns what there is; leaving the
 * generator early frees its block too.
 *
 * @throws whatever the decoder throws, except for 'contextFull'; {Failure} 'unsupportedModel' without ChatML turns
 */
export async function* runSequential(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  request: SequentialRequest,
  io: SequentialIo = {},
): AsyncGenerator<TimedToken, SequentialResult> {
  const now = io.now ?? (() => performance.now());
  const begun = now();
  const turn = new SequentialTurn(tokenizer, request);
  using line = new DecodingLine(decoder, tokenizer, request.settings, io.signal);
  line.feed(turn.promptIds);
  let stop: ReasoningStopReason = 'budget';
  for (let step = 0; step < request.settings.budget; step++) {
    const { stream } = turn;
    const outcome = await line.sample(stream, step);
    if (typeof outcome === 'string') {
      stop = outcome;
      break;
    }
    const text = turn.accept(outcome);
    yield { stream, text, step, elapsedMs: now() - begun };
    if (turn.hasEnded) {
      stop = 'writer_eos';
      break;
    }
    line.feed(turn.switchStream());
  }
  return { stop, totalMs: now() - begun, ...turn.result() };
}

/** One block and what is still to be encoded into it. Owns the block and the biases. */
class DecodingLine {
  readonly #decoder: Decoder;
  readonly #settings: ReasoningSettings;
  readonly #signal: AbortSignal | undefined;
  readonly #block: CacheBlock;
  readonly #biases = new Map<StreamName, LogitBias>();
  #pending: number[] = [];

  constructor(
    decoder: Decoder,
    tokenizer: ReasoningTokenizer,
    settings: ReasoningSettings,
    signal: AbortSignal | undefined,
  ) {
    this.#decoder = decoder;
    this.#settings = settings;
    this.#signal = signal;
    this.#block = decoder.createBlock('sequential');
    const forbidden = forbiddenIdsOf(tokenizer, settings);
    try {
      for (const stream of STREAMS) {
        const ids = forbidden[stream];
        if (ids.length > 0)
          this.#biases.set(stream, decoder.createLogitBias(new Map(ids.map((id) => [id, -settings.forbiddenPenalty]))));
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const bias of this.#biases.values()) bias[Symbol.dispose]();
    this.#biases.clear();
    this.#block[Symbol.dispose]();
  }

  /** To be encoded in front of the next choice. */
  feed(tokenIds: readonly number[]): void {
    this.#pending.push(...tokenIds);
  }

  /** Encodes what is pending and chooses the next token, which is pending then; or says why it cannot. */
  async sample(stream: StreamName, step: number): Promise<number | 'stopped' | 'context_full'> {
    const view = [this.#block];
    const bias = this.#biases.get(stream);
    const { temperature, topK, topP, minP, seed } = this.#settings;
    try {
      for (let start = 0; ; start += PREFILL_TOKENS) {
        if (this.#signal?.aborted === true) return 'stopped';
        const tokenIds = this.#pending.slice(start, start + PREFILL_TOKENS);
        const isLast = start + PREFILL_TOKENS >= this.#pending.length;
        const output = isLast
          ? ({ kind: 'token', sampling: { temperature, topK, topP, minP, seed }, step, ...(bias && { bias }) } as const)
          : ({ kind: 'none' } as const);
        const [result] = await this.#decoder.forward([{ view, tokenIds, output }]);
        if (!isLast || result === undefined) continue;
        this.#pending = [result.tokenId];
        return result.tokenId;
      }
    } catch (error) {
      if (error instanceof Failure && error.code === 'contextFull') return 'context_full';
      throw error;
    }
  }
}

/** Which stream a token belongs to, and what stands between the streams. Knows tokens and texts, and no decoder. */
class SequentialTurn {
  readonly promptIds: readonly number[];
  /** Whose token comes next. */
  stream: StreamName;
  readonly #tokenizer: ReasoningTokenizer;
  readonly #request: SequentialRequest;
  readonly #thoughtLimit: number;
  readonly #turnEnd: number;
  readonly #tokenIds: Record<StreamName, number[]> = { thinker: [], writer: [] };
  readonly #texts: Record<StreamName, string> = { thinker: '', writer: '' };
  readonly #textStreams: Record<StreamName, TextStream>;
  /** Of the piece that is being made. */
  #piece: number[] = [];
  #pieceText = '';

  constructor(tokenizer: ReasoningTokenizer, request: SequentialRequest) {
    const { mode, question, settings } = request;
    this.#tokenizer = tokenizer;
    this.#request = request;
    this.#turnEnd = turnEndOf(tokenizer);
    this.stream = mode === 'noThinking' ? 'writer' : 'thinker';
    this.#textStreams = { thinker: tokenizer.createTextStream(), writer: tokenizer.createTextStream() };
    this.promptIds = [...questionIds(question, tokenizer), ...this.#encode(this.#opening())];
    const { thoughtBudget, budget } = settings;
    const half = Math.ceil(budget / 2);
    this.#thoughtLimit = thoughtBudget > 0 ? thoughtBudget : mode === 'interleaved' ? Infinity : half;
  }

  get hasEnded(): boolean {
    return this.#tokenIds.writer.at(-1) === this.#turnEnd;
  }

  /** Takes what the stream has chosen. @returns its text; end tokens have none */
  accept(tokenId: number): string {
    const { stream } = this;
    this.#tokenIds[stream].push(tokenId);
    this.#piece.push(tokenId);
    const text = tokenId === this.#endOf(stream) ? '' : this.#textStreams[stream].push(tokenId);
    this.#texts[stream] += text;
    this.#pieceText += text;
    return text;
  }

  /** Goes over to the other stream where it is its turn. @returns what is to be encoded behind the newest token */
  switchStream(): number[] {
    const between = this.stream === 'thinker' ? this.#behindThought() : this.#behindParagraph();
    if (between === undefined) return [];
    this.stream = this.stream === 'thinker' ? 'writer' : 'thinker';
    this.#piece = [];
    this.#pieceText = '';
    return this.#encode(between);
  }

  result(): Pick<SequentialResult, 'tokenIds' | 'text'> {
    const textOf = (stream: StreamName): string => this.#texts[stream] + this.#textStreams[stream].flush();
    return { tokenIds: this.#tokenIds, text: { thinker: textOf('thinker'), writer: textOf('writer') } };
  }

  #opening(): string {
    const { mode, settings } = this.#request;
    const thoughtStart = settings.thinkerStart === '' ? THINKER_PENDING : settings.thinkerStart;
    const answerStart = settings.writerStart === '' ? WRITER_PENDING : settings.writerStart;
    if (mode !== 'noThinking') return THINKER_PREFIX + thoughtStart;
    return this.#hasThinkTokens()
      ? `${THINKER_PREFIX}\n\n${THINK_END}${answerStart}`
      : ASSISTANT_TURN + settings.writerStart;
  }

  /** What closes the thoughts, if they are to be closed now. */
  #behindThought(): string | undefined {
    const { mode, settings } = this.#request;
    const closed = this.#closedText();
    const isParagraph = mode === 'interleaved' && this.#isAtParagraphEnd();
    const isLong = mode === 'interleaved' && this.#piece.length >= settings.probeInterval;
    const isSpent = this.#tokenIds.thinker.length >= this.#thoughtLimit;
    if (closed === undefined && !isParagraph && !isLong && !isSpent) return undefined;
    const isFirst = this.#tokenIds.writer.length === 0;
    const answerStart = isFirst && settings.writerStart !== '' ? settings.writerStart : WRITER_PENDING;
    if (closed !== undefined) return answerStart.startsWith(closed) ? answerStart.slice(closed.length) : answerStart;
    return `${this.#endingBytes().at(-1) === NEWLINE ? '' : '\n'}${THINK_END}${answerStart}`;
  }

  /** What opens the next thought, if the answer's paragraph has ended and there are thoughts left. */
  #behindParagraph(): string | undefined {
    const isSpent = this.#tokenIds.thinker.length >= this.#thoughtLimit;
    const isDue = this.#request.mode === 'interleaved' && !isSpent && this.#isAtParagraphEnd();
    return isDue ? `${THINK_START}\n` : undefined;
  }

  /** What the model wrote behind `</think>` in this piece; undefined if it has not closed its thoughts. */
  #closedText(): string | undefined {
    const id = this.#tokenizer.idOf(THINK_END);
    if (id !== undefined) return this.#piece.at(-1) === id ? '' : undefined;
    const found = this.#request.settings.allowThinkEnd ? this.#pieceText.indexOf(THINK_END) : -1;
    return found < 0 ? undefined : this.#pieceText.slice(found + THINK_END.length);
  }

  #isAtParagraphEnd(): boolean {
    const bytes = this.#endingBytes();
    return bytes.at(-1) === NEWLINE && bytes.at(-2) === NEWLINE;
  }

  /** Bytes of the piece's last two tokens. */
  #endingBytes(): number[] {
    return this.#piece.slice(-2).flatMap((id) => [...this.#tokenizer.tokenBytes(id)]);
  }

  #endOf(stream: StreamName): number | undefined {
    return stream === 'writer' ? this.#turnEnd : this.#tokenizer.idOf(THINK_END);
  }

  #hasThinkTokens(): boolean {
    return [THINK_START, THINK_END].every((piece) => this.#tokenizer.idOf(piece) !== undefined);
  }

  #encode(text: string): number[] {
    return this.#tokenizer.encode(text, { parseSpecial: true });
  }
}

/** The user turn, still open, as the asynchronous run of design B reads it. */
function questionIds(question: string, tokenizer: ReasoningTokenizer): number[] {
  const end = INPUT_OPENING.indexOf('>') + 1;
  return [
    ...tokenizer.encode(INPUT_OPENING.slice(0, end), { parseSpecial: true }),
    ...tokenizer.encode(`${INPUT_OPENING.slice(end)}${question}\n`, { parseSpecial: false }),
  ];
}

function turnEndOf(tokenizer: ReasoningTokenizer): number {
  const id = tokenizer.idOf(TURN_END);
  if (id === undefined)
    throw new Failure('unsupportedModel', 'The comparison needs a model with ChatML turns. Choose SmolLM2 or Qwen.');
  return id;
}
