/** Attention of recorded tokens, in full: every layer, head and key. */
import type { Decoder, RowAttention } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { AttentionReading, AttentionRequest } from '@/protocol/attention.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ReasoningTrace, StreamName } from '@/protocol/reasoning.ts';
import { type RebuildIo, rebuildRun } from './rebuild-run.ts';

/**
 * Rebuilds the run up to the last step asked for and reads on the way.
 *
 * @param request  its trace checked by `parseRecordedTrace`
 * @returns        in ascending order of steps
 * @throws {Failure} 'invalidConfig' if the stream did not run in a step asked for; and as `rebuildRun`
 */
export async function readAttention(
  decoder: Decoder,
  { trace, stream = 'writer', steps }: AttentionRequest,
  io: RebuildIo = {},
): Promise<AttentionReading[]> {
  const wanted = [...new Set(steps ?? lastStepOf(trace, stream))].toSorted((a, b) => a - b);
  const missing = wanted.find((step) => !ranIn(trace, step, stream));
  if (missing !== undefined || wanted.length === 0) {
    const step = missing === undefined ? 'any step' : `step ${missing}`;
    throw new Failure<FailureCode>('invalidConfig', `steps: the ${stream} did not run in ${step}.`, { field: 'steps' });
  }
  using run = await rebuildRun(decoder, trace, at(wanted, 0), io);
  const readings: AttentionReading[] = [];
  for (const step of wanted) {
    await run.reach(step);
    const view = run.viewOf(stream);
    const results = await run.run((name) => (name === stream ? { attention: { keys: 'byLayer' } } : {}));
    const { rows } = at(trace.result.steps, step);
    const { attention, lengths } = at(
      results,
      rows.findIndex((row) => row.stream === stream),
    );
    readings.push({ step, stream, view, lengths, ...readable(attention) });
  }
  return readings;
}

function lastStepOf({ result }: ReasoningTrace, stream: StreamName): number[] {
  const last = result.steps.findLast(({ rows }) => rows.some((row) => row.stream === stream));
  return last === undefined ? [] : [last.step];
}

function ranIn({ result }: ReasoningTrace, step: number, stream: StreamName): boolean {
  return result.steps[step]?.rows.some((row) => row.stream === stream) ?? false;
}

function readable(attention: RowAttention | undefined): Pick<AttentionReading, 'mass' | 'keys'> {
  if (attention !== undefined) return { mass: attention.mass, keys: attention.keys };
  throw new Failure<FailureCode>('contextFull', 'The view is too large to be read: it has too many blocks or tokens.');
}
