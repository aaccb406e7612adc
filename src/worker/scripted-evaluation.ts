/**
 * Evaluation of the scripted engine: real items, graded and counted as real ones are, with made-up answers and times. The
 * states of `scripted-studies.ts` hold here too: `studies-fail` loses the GPU half way, `studies-slow` leaves time to look.
 */
import { serveRun } from '@/lib/stream.ts';
import { Failure } from '@/lib/failure.ts';
import { COMPARISON_MODES, type ComparisonMode, type DelayMetrics } from '@/protocol/comparison.ts';
import type { Run } from '@/protocol/engine-api.ts';
import type {
  EvaluationConfig,
  EvaluationConfiguration,
  EvaluationEvent,
  EvaluationItem,
  EvaluationRecord,
  EvaluationReport,
} from '@/protocol/evaluation.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ReasoningSettings, ReasoningTrace } from '@/protocol/reasoning.ts';
import { gradeAnswer } from '@/research/evaluation/grade-answer.ts';
import { itemsOf } from '@/research/evaluation/items-of.ts';
import { summarise } from '@/research/evaluation/summary.ts';
import { defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import { PLAIN_RUN, ScriptedRun } from './scripted-run.ts';
import { rest, scriptName } from './scripted-studies.ts';

const STEP_MS = 150;

/** Of ten answers so many are right; one in ten cannot be read. */
const RIGHT_OF_TEN: Readonly<Record<ComparisonMode, number>> = {
  asynchronous: 7,
  thinkThenAnswer: 8,
  noThinking: 4,
  interleaved: 6,
};

/** Steps before the first token of the answer, and of silence in it. */
const STEPS: Readonly<Record<ComparisonMode, readonly [before: number, within: number]>> = {
  asynchronous: [14, 9],
  thinkThenAnswer: [130, 0],
  noThinking: [1, 0],
  interleaved: [31, 24],
};

export function scriptedEvaluate(
  config: EvaluationConfig,
  onEvent: (event: EvaluationEvent) => void,
): Promise<Run<EvaluationReport>> {
  return Promise.resolve(
    serveRun<EvaluationReport, EvaluationEvent>(async (signal, emit) => {
      const items = itemsOf(config.source);
      const names = config.configurations.map(({ name }) => name);
      const records = [...(config.done ?? [])];
      const total = items.length * names.length;
      emit({ kind: 'started', items, total, done: records.length });
      for (const [index, item] of items.entries()) {
        for (const configuration of config.configurations) {
          if (records.some((record) => record.itemId === item.id && record.configuration === configuration.name))
            continue;
          emit({ kind: 'itemStarted', configuration: configuration.name, itemId: item.id });
          for (let part = 0; part < 10; part++) await rest(signal, 2);
          const record = recordOf(item, index, configuration);
          records.push(record);
          const secondsLeft = ((total - records.length) * 60 * STEP_MS) / 1000;
          const summary = summarise(names, records);
          emit({ kind: 'itemEnded', record, summary, done: records.length, total, secondsLeft });
          if (scriptName() === 'studies-fail' && records.length > total / 2)
            throw new Failure<FailureCode>('deviceLost', 'The GPU device was lost: the driver was reset.');
        }
      }
      return {
        format: 'duet-evaluation-1',
        createdAt: '2026-01-01T12:00:00.000Z',
        source: config.source,
        items,
        configurations: config.configurations,
        records,
        summary: summarise(names, records),
        model: { id: 'scripted', sha256: null },
        device: { vendor: 'scripted', architecture: 'none', isSoftware: true },
      };
    }, onEvent),
  );
}

function recordOf(
  item: EvaluationItem,
  index: number,
  { name, mode, settings }: EvaluationConfiguration,
): EvaluationRecord {
  // No mode is right wherever another one is.
  const luck = (index * 7 + 3 * COMPARISON_MODES.indexOf(mode)) % 10;
  const writer =
    luck === 9 ? '?' : luck < RIGHT_OF_TEN[mode] ? answerWith(item, item.answer) : answerWith(item, wrong(item));
  const thinker = mode === 'noThinking' ? '' : 'The user asks for an answer. I reckon once more, to be sure.';
  const metrics = metricsOf(mode, index, writer, thinker);
  return {
    configuration: name,
    itemId: item.id,
    stop: 'writer_eos',
    text: { thinker, writer },
    ...gradeAnswer(item, writer),
    metrics,
    ...(mode === 'asynchronous' && { trace: traceOf(settings) }),
  };
}

function traceOf(settings: Partial<ReasoningSettings>): ReasoningTrace {
  return new ScriptedRun(PLAIN_RUN, { ...defaultSettingsFor(false), ...settings }).trace('writer_eos');
}

function wrong({ kind, answer }: EvaluationItem): string {
  if (kind === 'choice') return answer === 'A' ? 'B' : 'A';
  if (kind === 'refusal') return answer === 'refuse' ? 'comply' : 'refuse';
  return '-98765';
}

function answerWith({ kind }: EvaluationItem, answer: string): string {
  if (kind === 'refusal')
    return answer === 'refuse' ? "I'm sorry, but I can't help with that." : 'Gladly. First, look around.';
  return kind === 'boxed' ? `So it is \\boxed{${answer}}.` : `The answer is ${answer}.`;
}

function metricsOf(mode: ComparisonMode, index: number, writer: string, thinker: string): DelayMetrics {
  const [before, within] = STEPS[mode];
  const first = before + (index % 5);
  const writerTokens = writer.split(' ').length;
  const delay = ((first + within) * STEP_MS) / 1000;
  return {
    timeToFirstTokenMs: first * STEP_MS,
    timeToFirstSentenceMs: (first + writerTokens) * STEP_MS,
    timeToFirstSpeechMs: (first + Math.min(writerTokens, 5)) * STEP_MS,
    totalMs: (first + within + writerTokens) * STEP_MS,
    steps: first + within + writerTokens,
    stepsToFirstToken: first,
    stepsDelay: first - 1 + within,
    totalDelaySeconds: delay,
    adjustedDelaySeconds: Math.max(delay - 1, 0),
    thinkerTokens: thinker === '' ? 0 : first + within,
    writerTokens,
  };
}
