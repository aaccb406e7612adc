/**
 * Comparison and calibration of the scripted engine: written words with made-up times and margins, reckoned as real ones
 * are. `&state=` picks the script: `studies-fail` loses the GPU half way, `studies-slow` leaves time to look and cancel.
 */
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import {
  CALIBRATION_STEPS,
  CALIBRATION_TARGET_SHARE,
  WARM_UP_QUESTIONS,
  type CalibrationConfig,
  type CalibrationEvent,
  type CalibrationPass,
  type CalibrationReport,
} from '@/protocol/calibration.ts';
import {
  COMPARISON_MODES,
  type Comparison,
  type ComparisonConfig,
  type ComparisonEvent,
  type ComparisonMode,
  type ComparisonRun,
  type TimedToken,
} from '@/protocol/comparison.ts';
import type { Run } from '@/protocol/engine-api.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings, StreamName } from '@/protocol/reasoning.ts';
import { delayMetrics } from '@/protocol/delays.ts';

const STEP_MS = 150;
const PREFILL_MS = 420;

const THOUGHTS = `The user asks how many sheep there are. The farmer has 17 at first. He buys 8 more, so I add: 17 plus 8 is 25.

Is there a catch? Nothing says that any were sold or died. The word more means in addition to those that he has.

So the sum is right. I check it again: 17 plus 3 is 20, and 5 more make 25. I should show the sum, so that it can be followed.`;

const ANSWER = `The farmer has 25 sheep.

He begins with 17 and buys 8 more, and 17 + 8 = 25. None is sold, so all of them are still his.`;

/** What runs in each step: t the thinker, w the writer, b both. */
const SCHEDULES: Readonly<Record<ComparisonMode, string>> = {
  asynchronous: `${'t'.repeat(14)}${'b'.repeat(9)}${'t'.repeat(8)}${'b'.repeat(200)}`,
  thinkThenAnswer: 't'.repeat(400),
  noThinking: 'w'.repeat(200),
  interleaved: `${'t'.repeat(30)}${'w'.repeat(7)}${'t'.repeat(24)}${'w'.repeat(200)}`,
};

function wordsOf(text: string): readonly string[] {
  return text.match(/\n+|\s?[^\s]+/g) ?? [];
}

export function scriptName(): string {
  return new URLSearchParams(self.name).get('state') ?? '';
}

export async function rest(signal: AbortSignal, fastMs: number): Promise<void> {
  await sleep(scriptName() === 'studies-slow' ? 60 : fastMs);
  if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The operation was cancelled.');
}

export function settingsOf(config: { readonly settings?: Partial<ReasoningSettings> }): ReasoningSettings {
  return { ...defaultSettingsFor(false), ...config.settings };
}

/** The tokens of one mode; the thinker of the asynchronous one begins with the second word that is typed. */
export function tokensOf(mode: ComparisonMode, typingMs: number): readonly TimedToken[] {
  const words: Record<StreamName, string[]> = { thinker: [...wordsOf(THOUGHTS)], writer: [...wordsOf(ANSWER)] };
  const numTyped = mode === 'asynchronous' ? Math.floor((typingMs * 0.7) / STEP_MS) : 0;
  const tokens: TimedToken[] = [];
  const take = (stream: StreamName, step: number, elapsedMs: number): void => {
    const text = words[stream].shift();
    if (text !== undefined) tokens.push({ stream, text, step, elapsedMs });
  };
  const schedule = `${'t'.repeat(numTyped)}${SCHEDULES[mode]}`;
  const beganMs = numTyped > 0 ? -numTyped * STEP_MS : PREFILL_MS;
  for (let step = 0; words.writer.length > 0; step++) {
    const elapsedMs = beganMs + (step + 1) * STEP_MS;
    const wanted = schedule[step] ?? 'w';
    const isThinking = wanted !== 'w' && words.thinker.length > 0;
    if (isThinking) take('thinker', step, elapsedMs);
    if (wanted !== 't' || !isThinking) take('writer', step, elapsedMs);
  }
  return tokens;
}

export function runOf(mode: ComparisonMode, tokens: readonly TimedToken[], settings: ReasoningSettings): ComparisonRun {
  const textOf = (stream: StreamName): string =>
    tokens
      .filter((token) => token.stream === stream)
      .map(({ text }) => text)
      .join('');
  const totalMs = tokens.at(-1)?.elapsedMs ?? 0;
  return {
    mode,
    stop: 'writer_eos',
    text: { thinker: textOf('thinker'), writer: textOf('writer') },
    tokens,
    metrics: delayMetrics({ tokens, stop: 'writer_eos', totalMs }, { speakingRate: settings.speakingRate }),
  };
}

export function scriptedCompare(
  config: ComparisonConfig,
  onEvent: (event: ComparisonEvent) => void,
): Promise<Run<Comparison>> {
  return Promise.resolve(
    serveRun<Comparison, ComparisonEvent>(async (signal, emit) => {
      const settings = settingsOf(config);
      const modes = config.modes ?? COMPARISON_MODES;
      const typingRate = config.typingRate ?? 0;
      const typingMs = typingRate === 0 ? 0 : (config.question.length / typingRate) * 1000;
      const all = modes.map((mode) => ({ mode, tokens: tokensOf(mode, typingMs) }));
      const total = all.reduce((sum, { tokens }) => sum + tokens.length, 0);
      const runs: ComparisonRun[] = [];
      let done = 0;
      for (const [index, { mode, tokens }] of all.entries()) {
        emit({ kind: 'modeStarted', mode, index, count: modes.length });
        for (const token of tokens) {
          await rest(signal, 6);
          done++;
          const secondsLeft = ((total - done) * STEP_MS) / 1000;
          emit({ kind: 'progressed', mode, token, share: done / total, secondsLeft });
          if (scriptName() === 'studies-fail' && done > total / 2) {
            throw new Failure<FailureCode>('deviceLost', 'The GPU device was lost: the driver was reset.');
          }
        }
        const run = runOf(mode, tokens, settings);
        runs.push(run);
        emit({ kind: 'modeEnded', run });
      }
      return {
        format: 'duet-comparison-1',
        createdAt: '2026-01-01T12:00:00.000Z',
        question: config.question,
        typingRate,
        settings,
        model: { id: 'scripted', sha256: null },
        device: { vendor: 'scripted', architecture: 'none', isSoftware: true },
        runs,
      };
    }, onEvent),
  );
}

function marginAt(question: number, probe: number, pass: 1 | 2): number {
  return -1.2 + 0.55 * Math.sin(1.9 * probe + 2.3 * question) + 0.08 * Math.sin(7 * probe + pass);
}

export function scriptedCalibrate(
  config: CalibrationConfig,
  onEvent: (event: CalibrationEvent) => void,
): Promise<Run<CalibrationReport>> {
  return Promise.resolve(
    serveRun<CalibrationReport, CalibrationEvent>(async (signal, emit) => {
      const settings = settingsOf(config);
      const {
        questions = WARM_UP_QUESTIONS,
        steps = CALIBRATION_STEPS,
        targetShare = CALIBRATION_TARGET_SHARE,
      } = config;
      const play = async (pass: 1 | 2, marginThreshold: number): Promise<CalibrationPass> => {
        const margins: number[][] = questions.map(() => []);
        for (const [questionIndex, question] of questions.entries()) {
          for (let step = 1; step <= steps; step++) {
            await rest(signal, 3);
            const ofQuestion = margins[questionIndex] ?? [];
            if (step % settings.probeInterval === 0) ofQuestion.push(marginAt(questionIndex, ofQuestion.length, pass));
            const left = (3 - pass) * questions.length * steps - questionIndex * steps - step;
            emit({
              kind: 'progressed',
              pass,
              question,
              questionIndex,
              questionCount: questions.length,
              step,
              steps,
              margins: margins.flat(),
              marginThreshold,
              secondsLeft: (left * STEP_MS) / 1000,
            });
          }
          if (scriptName() === 'studies-fail') {
            throw new Failure<FailureCode>('deviceLost', 'The GPU device was lost: the driver was reset.');
          }
        }
        return passOf(margins, marginThreshold, settings.yesBias);
      };
      const before = await play(1, settings.marginThreshold);
      const marginThreshold = thresholdFor(before.margins.flat(), targetShare, settings.yesBias);
      const after = await play(2, marginThreshold);
      const numProbes = before.margins.flat().length;
      return {
        questions,
        targetShare,
        settings,
        before,
        after,
        marginThreshold,
        summary:
          `${numProbes} probes on ${questions.length} questions: ${percent(before.yesShare)} said yes before, ` +
          `${percent(after.yesShare)} with a threshold of ${marginThreshold}.`,
      };
    }, onEvent),
  );
}

function passOf(margins: readonly (readonly number[])[], marginThreshold: number, yesBias: number): CalibrationPass {
  const all = margins.flat();
  const yesShare =
    all.length === 0 ? 0 : all.filter((margin) => margin + yesBias > marginThreshold).length / all.length;
  return { marginThreshold, margins, yesShare, writingShare: yesShare * 0.8 };
}

/** To a tenth, below the value that the wanted share exceeds. */
function thresholdFor(margins: readonly number[], targetShare: number, yesBias: number): number {
  const sums = margins.map((margin) => margin + yesBias).toSorted((a, b) => a - b);
  const value = sums[Math.floor(sums.length * (1 - targetShare))] ?? 0;
  return Math.floor(value * 10) / 10;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
