/** An asynchronous run as timed tokens, for the comparison: what came when, counted from Enter. */
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { TimedToken } from '@/protocol/comparison.ts';
import type {
  ReasoningEvent,
  ReasoningSettings,
  ReasoningStopReason,
  ReasoningTrace,
  StreamName,
  TraceStep,
} from '@/protocol/reasoning.ts';
import { STREAMS } from './block-layout.ts';
import type { TimedRun } from '@/protocol/delays.ts';
import { type LiveInput, TimedInputs } from './input-queue.ts';
import type { PromptCache } from './prompt-cache.ts';
import { setupFromQuestion } from './reasoning-setup.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';
import { runLive } from './run-live.ts';
import { runReasoning } from './run-reasoning.ts';

export interface TimedReasoningRequest {
  readonly question: string;
  readonly settings: ReasoningSettings;
  /** Characters per second; 0: the question is there at once. */
  readonly typingRate: number;
}

export interface TimedReasoningIo {
  readonly signal?: AbortSignal;
  /** Prompts that are encoded already, as on the page. Default: all are read on the run's clock. */
  readonly prompts?: PromptCache;
  /** Milliseconds of any steady clock. Default `performance.now`. */
  readonly now?: () => number;
}

export interface TimedReasoningRun extends TimedRun {
  readonly trace: ReasoningTrace;
}

/** Someone who types steadily is read as often as the page reads the text box. */
const DRAFT_INTERVAL_MS = 400;

/**
 * Runs to the end. With a typing rate the question is read while it is typed, as in a live run, and Enter comes with its
 * last character; without, the clock begins before the prompts are read.
 *
 * @returns tokens without those that were cut back on the way
 */
export async function* runTimedReasoning(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  request: TimedReasoningRequest,
  io: TimedReasoningIo = {},
): AsyncGenerator<TimedToken, TimedReasoningRun> {
  const now = io.now ?? (() => performance.now());
  const clock = new EnterClock(now, typingMs(request));
  const run = startRun(decoder, tokenizer, request, clock, io);
  const tokens = new TokenLists();
  let stop: ReasoningStopReason = 'stopped';
  // Not `for await`: a consumer that leaves must close the run behind this generator too.
  try {
    for (;;) {
      const { done, value } = await run.next();
      if (done === true) return { tokens: tokens.inOrder(), stop, totalMs: clock.elapsedMs(), trace: value };
      if (value.kind === 'stopped') stop = value.reason;
      if (value.kind !== 'stepped') continue;
      yield* tokens.add(tokensOf(value, clock.elapsedMs()));
      tokens.cut(value);
    }
  } finally {
    await run.return(undefined as never);
  }
}

function startRun(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  { question, settings: given, typingRate }: TimedReasoningRequest,
  clock: EnterClock,
  { signal, prompts }: TimedReasoningIo,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  // The clock is for the method, not for what is recorded of it.
  const settings: ReasoningSettings = { ...given, readAttention: 'off' };
  const io = { now: clock.now, ...(signal && { signal }), ...(prompts && { prompts }) };
  // The voice is heard in live runs only.
  if (typingRate > 0 || settings.speechPause) {
    const alone = { ...settings, followUps: false };
    const inputs = new TimedInputs(typedInputs(question, typingRate), clock.startTyping);
    return runLive(decoder, tokenizer, () => alone, inputs, io);
  }
  return runReasoning(decoder, setupFromQuestion(question, settings, tokenizer), {
    ...io,
    tokenBytes: (id) => tokenizer.tokenBytes(id),
    createTextStream: () => tokenizer.createTextStream(),
  });
}

/** The drafts of someone who types without a rest and sends with the last character. */
export function typedInputs(question: string, typingRate: number): { atMs: number; input: LiveInput }[] {
  const characters = Array.from(question);
  const endMs = typingRate > 0 ? (characters.length / typingRate) * 1000 : 0;
  const drafts: { atMs: number; input: LiveInput }[] = [];
  for (let atMs = DRAFT_INTERVAL_MS; atMs < endMs; atMs += DRAFT_INTERVAL_MS) {
    const text = characters.slice(0, Math.floor((atMs / 1000) * typingRate)).join('');
    drafts.push({ atMs, input: { kind: 'draft', text, sent: false } });
  }
  return [...drafts, { atMs: endMs, input: { kind: 'draft', text: question, sent: true } }];
}

function typingMs({ question, typingRate }: TimedReasoningRequest): number {
  return typingRate > 0 ? (Array.from(question).length / typingRate) * 1000 : 0;
}

/** Time since Enter. Typing begins when the run first looks for a draft: what it reads before that is the same for all. */
class EnterClock {
  readonly now: () => number;
  readonly #typingMs: number;
  #typingFrom: number;
  #isTyping = false;

  constructor(now: () => number, duration: number) {
    this.now = now;
    this.#typingMs = duration;
    this.#typingFrom = now();
  }

  /** The clock of the typist. */
  readonly startTyping = (): number => {
    const time = this.now();
    if (!this.#isTyping && this.#typingMs > 0) this.#typingFrom = time;
    this.#isTyping = true;
    return time;
  };

  elapsedMs(): number {
    return this.now() - this.#typingFrom - this.#typingMs;
  }
}

type Stepped = Extract<ReasoningEvent, { readonly kind: 'stepped' }>;

/** Tokens of one step in the order of its rows; those sampled by input events come first and without text. */
function tokensOf(event: Stepped, elapsedMs: number): TimedToken[] {
  const { step } = event.step;
  const byEvents = (event.step.events ?? []).flatMap(({ stream, token }) =>
    stream === undefined || token === undefined ? [] : [stream],
  );
  const byRows = event.step.rows.map(({ stream }) => stream);
  const texts = { thinker: event.thinkerText, writer: event.writerText };
  const streams = [...byEvents, ...byRows];
  return streams.map((stream, i) => ({
    stream,
    step,
    elapsedMs,
    text: streams.lastIndexOf(stream) === i ? texts[stream] : '',
  }));
}

/** What both streams hold. */
class TokenLists {
  readonly #tokens: Record<StreamName, TimedToken[]> = { thinker: [], writer: [] };

  add(tokens: readonly TimedToken[]): readonly TimedToken[] {
    for (const token of tokens) this.#tokens[token.stream].push(token);
    return tokens;
  }

  /** @param event  when it cut the streams, tokens of this step are the last of what is left */
  cut({ cut, step }: Pick<Stepped, 'cut'> & { readonly step: TraceStep }): void {
    if (cut === undefined) return;
    for (const stream of STREAMS) {
      const made = this.#tokens[stream].filter((token) => token.step === step.step);
      const before = this.#tokens[stream].filter((token) => token.step !== step.step);
      const numKept = Math.max(cut[stream].tokens - made.length, 0);
      this.#tokens[stream] = [...before.slice(0, numKept), ...made];
    }
  }

  inOrder(): TimedToken[] {
    return [...this.#tokens.thinker, ...this.#tokens.writer].toSorted((a, b) => a.step - b.step);
  }
}
