/**
 * Choosing the probe's threshold for a model. Small models lean to one answer whatever they have thought, so the writer
 * starves or floods; how far they lean is measured on a few warm-up questions.
 *
 * Pass 1 runs the questions as the settings are and collects the probes' margins. The threshold is put where the wanted
 * share of them, plus the bias, lies above it. Pass 2 runs the questions with it. The writer's text is part of what the
 * probe sees, so margins change once it runs: when pass 2 misses the share by more than `TOLERANCE`, the threshold is
 * chosen once more, from the margins of both passes, pass 2 is repeated, and the better threshold of the two is kept.
 */
import type { Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import {
  CALIBRATION_STEPS,
  CALIBRATION_TARGET_SHARE,
  WARM_UP_QUESTIONS,
  type CalibrationEvent,
  type CalibrationPass,
  type CalibrationReport,
} from '@/protocol/calibration.ts';
import type { ReasoningSettings, TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import { REASONING_FIELDS } from '@/protocol/reasoning-fields.ts';
import { probeMargin } from './probe.ts';
import type { PromptCache } from './prompt-cache.ts';
import { setupFromQuestion } from './reasoning-setup.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';
import { runReasoning } from './run-reasoning.ts';

export interface CalibrationRequest {
  readonly questions: readonly string[];
  /** Steps per question and pass, >= 1. */
  readonly steps: number;
  /** Of probes that are to say yes, 0 to 1. */
  readonly targetShare: number;
  readonly settings: ReasoningSettings;
}

export interface CalibrationIo {
  readonly signal?: AbortSignal;
  /** Prompts that are encoded already. */
  readonly prompts?: PromptCache;
  /** Milliseconds of any steady clock. Default `performance.now`. */
  readonly now?: () => number;
}

/** Choices: at the usual intervals about ten to twenty probes, and a writer that runs more often than not. */
export const CALIBRATION_DEFAULTS = {
  questions: WARM_UP_QUESTIONS,
  steps: CALIBRATION_STEPS,
  targetShare: CALIBRATION_TARGET_SHARE,
} as const satisfies Partial<CalibrationRequest>;

/** How far the share of yes may be from the wanted one before the threshold is chosen again: a choice. */
const TOLERANCE = 0.2 + 1e-9;

/**
 * Same request, same model: same report, unless the settings draw tokens with another seed.
 *
 * @throws {Failure} 'invalidConfig' if no probe was asked in pass 1; {DOMException} 'AbortError' once `io.signal` has
 *         fired; whatever the decoder throws, except for 'contextFull'
 */
export async function* runCalibration(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  request: CalibrationRequest,
  io: CalibrationIo = {},
): AsyncGenerator<CalibrationEvent, CalibrationReport> {
  const { questions, targetShare, settings } = request;
  const passes = new Passes(decoder, tokenizer, request, io);
  const before = yield* passes.run(1, settings.marginThreshold);
  const choose = (pool: readonly CalibrationPass[]): number =>
    chooseThreshold(
      pool.flatMap(({ margins }) => margins.flat()).map((margin) => margin + settings.yesBias),
      targetShare,
    );
  if (before.margins.flat().length === 0)
    throw new Failure(
      'invalidConfig',
      `calibrate: steps: no probe was asked within ${request.steps} steps; give more, or a shorter probe interval.`,
    );
  const first = yield* passes.run(2, choose([before]));
  const missed = (pass: CalibrationPass): number => Math.abs(pass.yesShare - targetShare);
  let after = first;
  if (missed(first) > TOLERANCE) {
    const again = choose([before, first]);
    const second = again === first.marginThreshold ? first : yield* passes.run(2, again);
    if (missed(second) < missed(first)) after = second;
  }
  return {
    questions,
    targetShare,
    settings,
    before,
    after,
    marginThreshold: after.marginThreshold,
    summary: summaryOf(request, before, first, after),
  };
}

/** Runs the questions, one pass after the other, on one clock. */
class Passes {
  readonly #decoder: Decoder;
  readonly #tokenizer: ReasoningTokenizer;
  readonly #request: CalibrationRequest;
  readonly #io: CalibrationIo;
  readonly #now: () => number;
  /** Time of steps and their number, all passes so far. */
  readonly #measured = { ms: 0, steps: 0 };

  constructor(decoder: Decoder, tokenizer: ReasoningTokenizer, request: CalibrationRequest, io: CalibrationIo) {
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#request = request;
    this.#io = io;
    this.#now = io.now ?? (() => performance.now());
  }

  async *run(pass: 1 | 2, marginThreshold: number): AsyncGenerator<CalibrationEvent, CalibrationPass> {
    const { questions, settings, steps } = this.#request;
    const counts = new PassCounts();
    for (const [questionIndex, question] of questions.entries()) {
      this.#io.signal?.throwIfAborted();
      const setup = setupFromQuestion(
        question,
        { ...settings, readAttention: 'off', marginThreshold, budget: steps },
        this.#tokenizer,
      );
      counts.beginQuestion();
      for await (const step of this.#stepsOf(setup)) {
        counts.add(step, setup);
        const done = step.step + 1;
        yield {
          kind: 'progressed',
          pass,
          question,
          questionIndex,
          questionCount: questions.length,
          step: done,
          steps,
          margins: counts.margins.flat(),
          marginThreshold,
          secondsLeft: this.#secondsLeft(pass, questionIndex, done),
        };
      }
      this.#io.signal?.throwIfAborted();
    }
    return { marginThreshold, margins: counts.margins, ...counts.shares() };
  }

  async *#stepsOf(setup: TraceSetup): AsyncGenerator<TraceStep, void> {
    const { signal, prompts } = this.#io;
    const run = runReasoning(this.#decoder, setup, {
      tokenBytes: (id) => this.#tokenizer.tokenBytes(id),
      createTextStream: () => this.#tokenizer.createTextStream(),
      now: this.#now,
      ...(signal && { signal }),
      ...(prompts && { prompts }),
    });
    let previous = this.#now();
    for await (const event of run) {
      if (event.kind !== 'stepped') continue;
      const time = this.#now();
      this.#measured.ms += time - previous;
      this.#measured.steps++;
      previous = time;
      yield event.step;
    }
  }

  /** If every question takes all its steps, and pass 2 is not repeated. */
  #secondsLeft(pass: 1 | 2, questionIndex: number, done: number): number {
    const { questions, steps } = this.#request;
    const questionsLeft = (2 - pass) * questions.length + questions.length - questionIndex;
    const { ms, steps: numMeasured } = this.#measured;
    return ((ms / numMeasured) * (questionsLeft * steps - done)) / 1000;
  }
}

class PassCounts {
  /** [question][probe] */
  readonly margins: number[][] = [];
  #numYes = 0;
  #numSteps = 0;
  #numWriting = 0;

  beginQuestion(): void {
    this.margins.push([]);
  }

  add({ probe, rows }: TraceStep, { params }: TraceSetup): void {
    this.#numSteps++;
    if (rows.some(({ stream }) => stream === 'writer')) this.#numWriting++;
    if (probe === undefined) return;
    this.margins.at(-1)?.push(probeMargin(probe.yes_logits, probe.no_logits, params));
    if (probe.yes) this.#numYes++;
  }

  shares(): Pick<CalibrationPass, 'yesShare' | 'writingShare'> {
    const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
    return {
      yesShare: share(this.#numYes, this.margins.flat().length),
      writingShare: share(this.#numWriting, this.#numSteps),
    };
  }
}

/**
 * The threshold above which the share of `scores` is nearest to `targetShare`; of two equally near shares the larger one.
 * It lies midway between two neighbouring scores, or one slider step outside of all, with no more digits than it needs.
 *
 * @param scores  margins with bias, nats; at least one
 */
export function chooseThreshold(scores: readonly number[], targetShare: number): number {
  const { min, max, step } = REASONING_FIELDS.marginThreshold;
  const sorted = scores.toSorted((a, b) => b - a);
  const count = sorted.length;
  let best = { threshold: at(sorted, 0) + step, distance: targetShare };
  for (let numAbove = 1; numAbove <= count; numAbove++) {
    const above = at(sorted, numAbove - 1);
    const below = sorted[numAbove] ?? above - 2 * step;
    const distance = Math.abs(numAbove / count - targetShare);
    // Equal scores cannot be parted.
    if (below < above && distance <= best.distance) best = { threshold: shortBetween(below, above), distance };
  }
  return Math.min(Math.max(best.threshold, min), max);
}

/** The middle, rounded to as few digits (two or more) as keep it between the two. */
function shortBetween(below: number, above: number): number {
  const middle = (below + above) / 2;
  for (let digits = 2; digits <= 6; digits++) {
    const rounded = Number(middle.toFixed(digits));
    if (below < rounded && rounded < above) return rounded;
  }
  return middle;
}

function summaryOf(
  { questions, targetShare, settings }: CalibrationRequest,
  before: CalibrationPass,
  first: CalibrationPass,
  after: CalibrationPass,
): string {
  const margins = before.margins.flat();
  const range = `margins from ${nats(Math.min(...margins))} to ${nats(Math.max(...margins))}`;
  const bias = settings.yesBias === 0 ? '' : ` for margin plus bias (${nats(settings.yesBias)})`;
  const again =
    after === first ? '' : `, chosen again after ${limit(first.marginThreshold)} had given ${percent(first.yesShare)},`;
  const wanted = Math.abs(after.yesShare - targetShare) > TOLERANCE ? ` (${percent(targetShare)} were asked for)` : '';
  return (
    `${counted(questions.length, 'question')}, ${counted(margins.length, 'probe')}: ${range}. ` +
    `Threshold ${limit(after.marginThreshold)}${bias}${again} lets the writer go on at ${percent(after.yesShare)} of the ` +
    `probes${wanted}; it ran in ${percent(after.writingShare)} of the steps instead of ${percent(before.writingShare)}.`
  );
}

/** Two digits, and no negative zero. */
function nats(value: number): string {
  return (Math.round(value * 100) / 100 + 0).toFixed(2);
}

/** Thresholds between two close margins have more digits. */
function limit(threshold: number): string {
  const text = nats(threshold);
  return Number(text) === threshold ? text : String(threshold);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
