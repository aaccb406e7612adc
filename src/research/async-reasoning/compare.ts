/** The same question by asynchronous thinking and by the ways that it competes with, one after the other. */
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { Comparison, ComparisonEvent, ComparisonMode, ComparisonRun, TimedToken } from '@/protocol/comparison.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { forbiddenIdsOf } from './forbidden-ids.ts';
import { type ModeRun, runMode } from './mode-run.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';
import type { TimedReasoningIo } from './timed-reasoning.ts';

export interface ComparisonRequest {
  readonly question: string;
  /** Without repetition. */
  readonly modes: readonly ComparisonMode[];
  readonly settings: ReasoningSettings;
  /** Characters per second; 0: the question is there at once. */
  readonly typingRate: number;
}

/** What the runs gave; where they ran is for the caller to add. */
export type ComparisonFindings = Omit<Comparison, 'createdAt' | 'model' | 'device'>;

/**
 * Runs the modes in the order given. Each has the decoder to itself and reads its prompts on its own clock, but for those
 * in `io.prompts`. What is read before the typing begins is not waited for.
 *
 * @throws {DOMException} 'AbortError' once `io.signal` has fired; whatever the decoder throws, except for 'contextFull'
 */
export async function* runComparison(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  request: ComparisonRequest,
  io: TimedReasoningIo = {},
): AsyncGenerator<ComparisonEvent, ComparisonFindings> {
  const { question, modes, settings, typingRate } = request;
  // Scans the vocabulary once per model; the first mode is not to pay for it.
  forbiddenIdsOf(tokenizer, settings);
  const progress = new ComparisonProgress(modes.length, settings.budget);
  const runs: ComparisonRun[] = [];
  for (const [index, mode] of modes.entries()) {
    io.signal?.throwIfAborted();
    yield { kind: 'modeStarted', mode, index, count: modes.length };
    progress.begin(index);
    const { run } = yield* forwarded(runMode(decoder, tokenizer, mode, request, io), mode, progress);
    runs.push(run);
    yield { kind: 'modeEnded', run };
  }
  return { format: 'duet-comparison-1', question, typingRate, settings, runs };
}

async function* forwarded(
  running: AsyncGenerator<TimedToken, ModeRun>,
  mode: ComparisonMode,
  progress: ComparisonProgress,
): AsyncGenerator<ComparisonEvent, ModeRun> {
  try {
    for (;;) {
      const { done, value } = await running.next();
      if (done === true) return value;
      progress.add(value);
      yield { kind: 'progressed', mode, token: value, share: progress.share, secondsLeft: progress.secondsLeft };
    }
  } finally {
    await running.return(undefined as never);
  }
}

/** Share and time left, if every mode took its whole budget. Steps before Enter do not count. */
class ComparisonProgress {
  readonly #count: number;
  readonly #budget: number;
  #index = 0;
  #begunAt: number | undefined;
  #done = 0;
  #previous: TimedToken | undefined;
  /** Time between steps and their number, all modes so far. */
  readonly #measured = { ms: 0, steps: 0 };

  constructor(count: number, budget: number) {
    this.#count = count;
    this.#budget = budget;
  }

  begin(index: number): void {
    this.#index = index;
    this.#begunAt = undefined;
    this.#done = 0;
    this.#previous = undefined;
  }

  add(token: TimedToken): void {
    if (token.elapsedMs < 0) return;
    this.#begunAt ??= token.step;
    this.#done = Math.min(token.step - this.#begunAt + 1, this.#budget);
    if (this.#previous !== undefined) {
      this.#measured.ms += token.elapsedMs - this.#previous.elapsedMs;
      this.#measured.steps += token.step - this.#previous.step;
    }
    this.#previous = token;
  }

  get share(): number {
    return (this.#index + this.#done / this.#budget) / this.#count;
  }

  /** null until two steps tell how long one takes. */
  get secondsLeft(): number | null {
    const { ms, steps } = this.#measured;
    const stepsLeft = this.#budget * (this.#count - this.#index) - this.#done;
    return steps === 0 ? null : ((ms / steps) * stepsLeft) / 1000;
  }
}
