/**
 * Attention of the scripted engine: made-up masses that add up to 1, most-read tokens and vectors, and a check whose rows
 * look as real ones do. Nothing here is computed from a model.
 */
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type {
  AttentionReading,
  AttentionRequest,
  CheckReport,
  CheckRequest,
  CheckRow,
  RebuildProgress,
  TraceAttention,
  TraceHead,
} from '@/protocol/attention.ts';
import type { Run } from '@/protocol/engine-api.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ReasoningTrace, StreamName, TraceRow, TraceStep } from '@/protocol/reasoning.ts';

const NUM_LAYERS = 30;
const NUM_HEADS = 9;
const HEAD_DIM = 64;
const ROPE_THETA = 100_000;
const MOST_READ = 16;
const ROWS_PER_HEAD = 8;
const PROGRESS_MS = 60;
const PIECES = 20;

/** @param index  of the row among its stream's rows */
export function scriptedAttention(lengths: readonly number[], index: number): TraceAttention {
  const mass = Array.from({ length: NUM_LAYERS }, (_, layer) => massOf(lengths, layer, index).map(rounded));
  return {
    mass,
    most_read: mostRead(lengths, index),
    ...(index % ROWS_PER_HEAD === 0 && { head: headOf(lengths, index) }),
  };
}

/** Of each block a share that grows with its length and sways from layer to layer. */
function massOf(lengths: readonly number[], layer: number, index: number): number[] {
  const raw = lengths.map((length, b) => Math.sqrt(length) * (1.2 + Math.sin(layer / 4 + 2 * b + index / 7)));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => (total === 0 ? 0 : value / total));
}

function mostRead(lengths: readonly number[], index: number): TraceAttention['most_read'] {
  const tokens = lengths.flatMap((length, b) => Array.from({ length }, (_, token) => [b, token] as const));
  const count = Math.min(MOST_READ, tokens.length);
  return Array.from({ length: count }, (_, rank) => {
    const [block, token] = at(tokens, (Math.floor((rank * tokens.length) / count) + index) % tokens.length);
    return [block, token, rounded(0.2 / (rank + 2))] as const;
  });
}

function headOf(lengths: readonly number[], index: number): TraceHead {
  const vector = (phase: number): number[] =>
    Array.from({ length: HEAD_DIM }, (_, d) => Math.round(1e4 * Math.cos(phase + d * 0.7)) / 1e4);
  const mass = massOf(lengths, NUM_LAYERS / 2, index);
  const keys = lengths.flatMap((length, block) =>
    length === 0
      ? []
      : [{ block, token: index % length, mass: rounded(at(mass, block) / 3), key: vector(block + index / 5) }],
  );
  return { layer: NUM_LAYERS / 2, head: 0, rope_theta: ROPE_THETA, query: vector(index / 3), keys };
}

function rounded(mass: number): number {
  return Math.round(mass * 1e5) / 1e5;
}

export function scriptedReadAttention(
  { trace, steps, stream = 'writer' }: AttentionRequest,
  onProgress: (progress: RebuildProgress) => void,
): Promise<Run<AttentionReading[]>> {
  return Promise.resolve(
    serveRun<AttentionReading[], RebuildProgress>(async (signal, emit) => {
      const rows = trace.result.steps.flatMap((step) => rowsOf(step, stream));
      const chosen = steps === undefined ? rows.slice(-1) : rows.filter(({ step }) => steps.includes(step));
      if (chosen.length === 0) refuse(`steps: the ${stream} did not run in these steps.`);
      await rebuild(trace, signal, emit);
      return chosen.map(({ step, row }, index) => readingOf(trace, step, row, index));
    }, onProgress),
  );
}

export function scriptedCheck(
  { trace, step }: CheckRequest,
  onProgress: (progress: RebuildProgress) => void,
): Promise<Run<CheckReport>> {
  return Promise.resolve(
    serveRun<CheckReport, RebuildProgress>(async (signal, emit) => {
      const chosen = trace.result.steps[step ?? trace.result.steps.length - 1];
      if (chosen === undefined) refuse('step: no stream ran in any step.');
      await rebuild(trace, signal, emit);
      const rows = chosen.rows.map((row) => checkRowOf(trace, row));
      return { step: chosen.step, rows, tolerance: 2e-3, rebuildDifference: 2.4e-4 };
    }, onProgress),
  );
}

function rowsOf({ step, rows }: TraceStep, stream: StreamName): { readonly step: number; readonly row: TraceRow }[] {
  return rows.filter((row) => row.stream === stream).map((row) => ({ step, row }));
}

async function rebuild(
  trace: ReasoningTrace,
  signal: AbortSignal,
  emit: (progress: RebuildProgress) => void,
): Promise<void> {
  const totalSteps = trace.result.steps.length;
  for (let piece = 1; piece <= PIECES; piece++) {
    await sleep(PROGRESS_MS);
    if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The operation was cancelled.');
    const secondsLeft = ((PIECES - piece) * PROGRESS_MS) / 1000;
    emit({ kind: 'rebuilding', doneSteps: Math.floor((totalSteps * piece) / PIECES), totalSteps, secondsLeft });
  }
}

function readingOf(trace: ReasoningTrace, step: number, row: TraceRow, index: number): AttentionReading {
  const { stream, lengths } = row;
  const mass = Array.from({ length: NUM_LAYERS }, (_, layer) =>
    Array.from({ length: NUM_HEADS }, (__, head) => massOf(lengths, layer, index + head)),
  );
  const keys = Array.from({ length: NUM_LAYERS }, (_, layer) =>
    massOf(lengths, layer, index).flatMap((share, b) =>
      Array.from({ length: at(lengths, b) }, () => share / at(lengths, b)),
    ),
  );
  return { step, stream, view: viewAt(trace, step, stream), lengths, mass, keys };
}

/** Views change with the turns. */
function viewAt({ setup, result }: ReasoningTrace, step: number, stream: StreamName): readonly string[] {
  const events = result.steps.slice(0, step + 1).flatMap((entry) => entry.events ?? []);
  return (events.findLast(({ views }) => views !== undefined)?.views ?? setup.views)[stream] ?? [];
}

function checkRowOf(trace: ReasoningTrace, { stream, lengths }: TraceRow): CheckRow {
  const isThinker = stream === 'thinker';
  return {
    stream,
    view: viewAt(trace, trace.result.steps.length - 1, stream),
    lengths,
    maxLogitDifference: isThinker ? 1.8e-4 : 0.73,
    klNats: isThinker ? 2.1e-9 : 0.012,
    best: { run: 260, fresh: 260 },
    bestText: { run: ' the', fresh: ' the' },
    expected: isThinker ? 'exact' : 'stale',
    reason: isThinker
      ? ''
      : 'The thoughts in front of the answer have grown or changed since parts of it were written.',
    staleTokens: isThinker ? 0 : Math.max(0, (lengths.at(-1) ?? 0) - 1),
  };
}

function refuse(message: string): never {
  throw new Failure<FailureCode>('invalidConfig', message);
}
