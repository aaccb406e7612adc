/**
 * What sharing costs in accuracy: next-token logits from the run's blocks beside those of a fresh prefill of the same
 * tokens, in one block and at contiguous positions. Zero up to rounding where every token of the view was encoded behind
 * the same tokens; elsewhere the difference is what staleness does.
 */
import type { Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { logSumExp } from '@/lib/statistics.ts';
import type { CheckReport, CheckRow } from '@/protocol/attention.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ReasoningTrace, StreamName, TraceRow, TraceSetup } from '@/protocol/reasoning.ts';
import { turnlessName } from './block-layout.ts';
import type { ViewContents } from './context-decoder.ts';
import { type RebuildIo, rebuildRun } from './rebuild-run.ts';

/**
 * Sums in f32 in another order: logits of the embedded model agree within some 1e-4; where keys and values are kept in
 * f16, a rounding that falls the other way makes more of it.
 */
export const CHECK_TOLERANCE = 2e-3;
/** Tokens of the fresh prefill between two looks at the signal. */
const PIECE = 256;

export interface CheckIo extends RebuildIo {
  readonly textOf: (tokenId: number) => string;
}

interface Recomputed {
  readonly row: TraceRow;
  readonly view: readonly string[];
  readonly lengths: readonly number[];
  readonly contents: ViewContents;
  /** [vocabSize] raw logits from the run's blocks. */
  readonly logits: readonly number[];
}

/**
 * @param step  default: the last one in which a stream ran
 * @throws {Failure} 'invalidConfig' if no stream ran in that step; and as `rebuildRun`
 */
export async function checkViews(
  decoder: Decoder,
  trace: ReasoningTrace,
  step: number | undefined,
  io: CheckIo,
): Promise<CheckReport> {
  const chosen = step ?? trace.result.steps.findLast(({ rows }) => rows.length > 0)?.step;
  if (chosen === undefined || (trace.result.steps[chosen]?.rows.length ?? 0) === 0) {
    const where = chosen === undefined ? 'any step' : `step ${chosen}`;
    throw new Failure<FailureCode>('invalidConfig', `step: no stream ran in ${where}.`, { field: 'step' });
  }
  // The run's blocks are given back before the prefill needs room.
  const recomputed = await fromBlocks(decoder, trace, chosen, io);
  const rows: CheckRow[] = [];
  for (const entry of recomputed) {
    const fresh = await freshLogits(decoder, entry.contents.ids, io.signal);
    rows.push(checkRow(trace.setup, entry, fresh, io));
  }
  const rebuildDifference = Math.max(...recomputed.map((entry) => recordedDifference(trace.setup, entry)));
  return { step: chosen, rows, tolerance: CHECK_TOLERANCE, rebuildDifference };
}

async function fromBlocks(decoder: Decoder, trace: ReasoningTrace, step: number, io: CheckIo): Promise<Recomputed[]> {
  using run = await rebuildRun(decoder, trace, step, io);
  const views = (stream: StreamName): readonly string[] => run.viewOf(stream);
  const results = await run.run(() => ({ output: { kind: 'allLogits' } }));
  return at(trace.result.steps, step).rows.map((row, r) => {
    const { lengths, logits } = at(results, r);
    return { row, view: views(row.stream), lengths, logits, contents: run.contentsOf(row.stream) };
  });
}

async function freshLogits(
  decoder: Decoder,
  ids: readonly number[],
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  using block = decoder.createBlock('fresh');
  for (let from = 0; ; from += PIECE) {
    signal?.throwIfAborted();
    const isLast = from + PIECE >= ids.length;
    const output = { kind: isLast ? 'allLogits' : 'none' } as const;
    const results = await decoder.forward([{ view: [block], tokenIds: ids.slice(from, from + PIECE), output }]);
    if (isLast) return at(results, 0).logits;
  }
}

function checkRow(setup: TraceSetup, entry: Recomputed, freshRaw: readonly number[], io: CheckIo): CheckRow {
  const { row, view, lengths, contents } = entry;
  const run = biased(setup, row.stream, entry.logits);
  const fresh = biased(setup, row.stream, freshRaw);
  const best = { run: bestOf(run), fresh: bestOf(fresh) };
  const staleTokens = contents.stale.reduce((sum, count) => sum + count, 0);
  return {
    stream: row.stream,
    view,
    lengths,
    maxLogitDifference: largestDifference(entry.logits, freshRaw),
    klNats: divergence(fresh, run),
    best,
    bestText: { run: io.textOf(best.run), fresh: io.textOf(best.fresh) },
    expected: staleTokens === 0 ? 'exact' : 'stale',
    reason: staleReason(setup.design, view, contents.stale),
    staleTokens,
  };
}

/** As the run chooses: forbidden tokens pay their penalty. */
function biased({ params }: TraceSetup, stream: StreamName, logits: readonly number[]): number[] {
  const changed = [...logits];
  for (const id of params.forbidden[stream]) changed[id] = at(changed, id) - params.forbidden_penalty;
  return changed;
}

/** Of the rebuilt row against what the trace recorded. */
function recordedDifference(setup: TraceSetup, { row, logits }: Recomputed): number {
  const after = biased(setup, row.stream, logits);
  const top = row.top.map(([id, logit]) => Math.abs(at(after, id) - logit));
  return Math.max(Math.abs(logSumExp(logits) - row.logsumexp), ...top);
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - at(b, i))), 0);
}

function bestOf(logits: readonly number[]): number {
  return logits.reduce((best, logit, id) => (logit > at(logits, best) ? id : best), 0);
}

/** KL(p || q) of the softmax of two lists of logits, nats; never below 0. */
function divergence(p: readonly number[], q: readonly number[]): number {
  const [normP, normQ] = [logSumExp(p), logSumExp(q)];
  const sum = p.reduce((total, logit, i) => {
    const logP = logit - normP;
    return total + Math.exp(logP) * (logP - (at(q, i) - normQ));
  }, 0);
  return Math.max(0, sum);
}

/** @param stale  tokens of each block of the view */
function staleReason(design: TraceSetup['design'], view: readonly string[], stale: readonly number[]): string {
  const isStale = (matches: (block: string) => boolean): boolean =>
    view.some((block, b) => at(stale, b) > 0 && matches(block));
  if (!isStale(() => true)) return '';
  const turn = Math.max(...view.map(turnOf));
  const own = (name: string) => (block: string) => turnOf(block) === turn && turnlessName(block) === name;
  const reasons: string[] = [];
  if (isStale((block) => turnOf(block) < turn)) {
    reasons.push('Earlier turns keep the keys and values that they were written with.');
  }
  if (design === 'A') {
    if (isStale((block) => turnOf(block) === turn)) {
      reasons.push(
        'In design A each stream reads the other’s text in front of its own, and that text has grown since.',
      );
    }
    return reasons.join(' ');
  }
  const hasHistory = reasons.length > 0;
  if (!hasHistory && isStale(own('thinker_output'))) {
    reasons.push('The question has changed since some of the thoughts were formed, and they were kept.');
  }
  if (isStale(own('writer_output'))) {
    reasons.push('The thoughts in front of the answer have grown or changed since parts of it were written.');
  }
  if (reasons.length === 0) reasons.push('Some tokens were encoded while other text stood in front of them.');
  return reasons.join(' ');
}

function turnOf(block: string): number {
  return Number(/@(\d+)$/u.exec(block)?.[1] ?? 0);
}
