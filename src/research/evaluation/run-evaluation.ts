/** Every item of a question set under every configuration, one run after the other. */
import type { Decoder } from '@/engine/generation/decoder.ts';
import { Failure } from '@/lib/failure.ts';
import type { TimedToken } from '@/protocol/comparison.ts';
import type {
  EvaluationConfiguration,
  EvaluationEvent,
  EvaluationItem,
  EvaluationRecord,
  EvaluationReport,
  EvaluationSource,
} from '@/protocol/evaluation.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { forbiddenIdsOf } from '@/research/async-reasoning/forbidden-ids.ts';
import { type ModeRun, runMode } from '@/research/async-reasoning/mode-run.ts';
import type { ReasoningTokenizer } from '@/research/async-reasoning/reasoning-tokenizer.ts';
import type { TimedReasoningIo } from '@/research/async-reasoning/timed-reasoning.ts';
import { gradeAnswer } from './grade-answer.ts';
import { itemsOf } from './items-of.ts';
import { summarise } from './summary.ts';

/** All settings are known. */
type FullConfiguration = EvaluationConfiguration & { readonly settings: ReasoningSettings };

export interface EvaluationRequest {
  readonly source: EvaluationSource;
  /** Names without repetition. */
  readonly configurations: readonly FullConfiguration[];
  readonly done: readonly EvaluationRecord[];
}

/** What the runs gave; with which configurations, when and where they ran is for the caller to add. */
export type EvaluationFindings = Pick<EvaluationReport, 'format' | 'source' | 'items' | 'records' | 'summary'>;

interface Job {
  readonly item: EvaluationItem;
  readonly configuration: FullConfiguration;
}

/**
 * Runs the items in order, each under all configurations before the next, so that an evaluation that is ended early has
 * compared them on the same items. The question is there at once, and every run samples with its configuration's seed:
 * what it says depends on item and configuration alone. Records are in the order of the runs, those of `done` in their
 * places; answers in `done` are read and judged again.
 *
 * @throws {Failure} 'invalidConfig' if a record of `done` belongs to no item or configuration, or is there twice
 * @throws {DOMException} 'AbortError' once `io.signal` has fired; the item that was running has no record then
 * @throws whatever the decoder throws, except for 'contextFull'
 */
export async function* runEvaluation(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  { source, configurations, done }: EvaluationRequest,
  io: TimedReasoningIo = {},
): AsyncGenerator<EvaluationEvent, EvaluationFindings> {
  // Scans the vocabulary once per model; the first run is not to pay for it.
  for (const { settings } of configurations) forbiddenIdsOf(tokenizer, settings);
  const items = itemsOf(source);
  const names = configurations.map(({ name }) => name);
  const jobs = items.flatMap((item) => configurations.map((configuration) => ({ item, configuration })));
  const known = recordsByJob(done, jobs);
  const records = jobs.map((job) => known.get(keyOf(job)));
  const recorded = (): EvaluationRecord[] => records.filter((record) => record !== undefined);
  yield { kind: 'started', items, total: jobs.length, done: recorded().length };
  for (const [index, job] of jobs.entries()) {
    if (records[index] !== undefined) continue;
    io.signal?.throwIfAborted();
    yield { kind: 'itemStarted', configuration: job.configuration.name, itemId: job.item.id };
    const record = await runJob(decoder, tokenizer, job, io);
    records[index] = record;
    const all = recorded();
    yield {
      kind: 'itemEnded',
      record,
      summary: summarise(names, all),
      done: all.length,
      total: jobs.length,
      secondsLeft: secondsLeft(jobs, records),
    };
  }
  const all = recorded();
  return { format: 'duet-evaluation-1', source, items, records: all, summary: summarise(names, all) };
}

async function runJob(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  { item, configuration }: Job,
  io: TimedReasoningIo,
): Promise<EvaluationRecord> {
  const { name, mode, settings } = configuration;
  const request = { question: item.question, settings, typingRate: 0 };
  const { run, trace } = await finish(runMode(decoder, tokenizer, mode, request, io));
  const { stop, text, tokens, metrics } = run;
  const grade = gradeAnswer(item, text.writer);
  const record = { configuration: name, itemId: item.id, stop, text, ...grade, metrics };
  return trace === undefined ? { ...record, tokens } : { ...record, trace };
}

async function finish(running: AsyncGenerator<TimedToken, ModeRun>): Promise<ModeRun> {
  for (;;) {
    const { done, value } = await running.next();
    if (done === true) return value;
  }
}

function keyOf({ item, configuration }: Job): string {
  return JSON.stringify([item.id, configuration.name]);
}

function recordsByJob(done: readonly EvaluationRecord[], jobs: readonly Job[]): Map<string, EvaluationRecord> {
  const items = new Map(jobs.map((job) => [keyOf(job), job.item]));
  const records = new Map<string, EvaluationRecord>();
  for (const [index, record] of done.entries()) {
    const key = JSON.stringify([record.itemId, record.configuration]);
    const item = items.get(key);
    if (item === undefined || records.has(key)) {
      const fault = item === undefined ? 'belongs to no item and configuration' : 'is there twice';
      throw new Failure('invalidConfig', `evaluate: done.${index}: The record of "${record.itemId}" ${fault}.`);
    }
    records.set(key, { ...record, ...gradeAnswer(item, record.text.writer) });
  }
  return records;
}

/** By the mean time of each configuration's items so far; null while one that has items left has none behind it. */
function secondsLeft(jobs: readonly Job[], records: readonly (EvaluationRecord | undefined)[]): number | null {
  const times = new Map<string, { ms: number; done: number; left: number }>();
  for (const [index, { configuration }] of jobs.entries()) {
    const time = times.get(configuration.name) ?? { ms: 0, done: 0, left: 0 };
    times.set(configuration.name, time);
    const record = records[index];
    if (record === undefined) time.left++;
    else {
      time.ms += record.metrics.totalMs;
      time.done++;
    }
  }
  const open = [...times.values()].filter(({ left }) => left > 0);
  if (open.some(({ done }) => done === 0)) return null;
  return open.reduce((sum, { ms, done, left }) => sum + (ms / done) * left, 0) / 1000;
}
