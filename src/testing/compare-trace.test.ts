import { describe, expect, it } from 'vitest';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { compareTrace } from './compare-trace.ts';
import { readGoldenJson } from './golden-files.ts';

const OPTIONS = { tolerance: 1e-3, marginLimit: 1e-2 };

/** The part of a trace's JSON that a test changes. */
interface Editable {
  readonly result: {
    readonly prefill_results: { last_top: [number, number][] }[];
    readonly steps: {
      readonly rows: {
        input: number;
        loc: number[];
        token: number;
        margin: number;
        logsumexp: number;
        top: [number, number][];
      }[];
      events?: { encoded?: number[]; lengths: number[] }[];
      probe?: { score: number; yes: boolean; why: string[] };
      state_after: string;
    }[];
    readonly final: { stop: string };
  };
}

const EVENT_STEP = 18;
const PROBE_STEP = 7;

async function compare(change: (actual: Editable['result'], golden: Editable['result']) => void) {
  const path = 'async/tiny-llama-b_input.json';
  const golden = await readGoldenJson<ReasoningTrace & Editable>(path);
  const actual = await readGoldenJson<ReasoningTrace & Editable>(path);
  change(actual.result, golden.result);
  return { ...compareTrace(golden, actual, OPTIONS), numSteps: golden.result.steps.length };
}

const stepOf = (result: Editable['result'], index: number): Editable['result']['steps'][number] => {
  const step = result.steps[index];
  if (step === undefined) throw new Error(`The trace has no step ${index}.`);
  return step;
};
const rowOf = (result: Editable['result'], index: number) => {
  const [row] = stepOf(result, index).rows;
  if (row === undefined) throw new Error(`Step ${index} has no row.`);
  return row;
};

describe('compareTrace', () => {
  it('finds a trace equal to itself, in every step', async () => {
    const { mismatches, maxDifference, stepsCompared, numSteps, leftAtStep } = await compare(() => {});
    expect({ mismatches, maxDifference, leftAtStep }).toEqual({
      mismatches: [],
      maxDifference: 0,
      leftAtStep: undefined,
    });
    expect(stepsCompared).toBe(numSteps);
  });

  it('measures differences below the tolerance', async () => {
    const { mismatches, maxDifference } = await compare((actual) => {
      rowOf(actual, 3).logsumexp += 5e-4;
    });
    expect(mismatches).toEqual([]);
    expect(maxDifference).toBeCloseTo(5e-4, 10);
  });

  it.each<[string, (actual: Editable['result']) => void]>([
    ['an input', (actual) => void rowOf(actual, 4).input++],
    ['an offset', (actual) => void rowOf(actual, 4).loc.push(rowOf(actual, 4).loc.shift() ?? 0)],
    ['a token', (actual) => void rowOf(actual, 4).token++],
    [
      'a logit',
      (actual) => void (rowOf(actual, 4).top = rowOf(actual, 4).top.map(([id, logit]) => [id, logit + 2e-3])),
    ],
    ['NaN', (actual) => void (rowOf(actual, 4).logsumexp = NaN)],
    ['an injected id', (actual) => void stepOf(actual, EVENT_STEP).events?.[1]?.encoded?.pop()],
    ['an event that is missing', (actual) => void delete stepOf(actual, EVENT_STEP).events],
    ['a probe that is missing', (actual) => void delete stepOf(actual, PROBE_STEP).probe],
    ['a state', (actual) => void (stepOf(actual, 4).state_after = 'writer_only')],
    ['a prefill', (actual) => void actual.prefill_results[1]?.last_top.pop()],
    ['a step that is missing', (actual) => void actual.steps.pop()],
    ['a step too many', (actual) => void actual.steps.push(stepOf(actual, 4))],
    ['the reason to stop', (actual) => void (actual.final.stop = 'writer_eos')],
  ])('reports %s', async (_, change) => {
    expect((await compare(change)).mismatches.length).toBeGreaterThan(0);
  });

  it('leaves the path at a near tie, without a mismatch', async () => {
    const { mismatches, leftAtStep, stepsCompared } = await compare((actual, golden) => {
      rowOf(golden, 4).margin = 5e-3;
      rowOf(actual, 4).margin = 4.5e-3;
      rowOf(actual, 4).token++;
    });
    expect({ mismatches, leftAtStep, stepsCompared }).toEqual({ mismatches: [], leftAtStep: 4, stepsCompared: 4 });
  });

  it('leaves the path at a probe that could go either way', async () => {
    const { mismatches, leftAtStep } = await compare((actual, golden) => {
      const [expected, found] = [stepOf(golden, PROBE_STEP).probe, stepOf(actual, PROBE_STEP).probe];
      if (expected === undefined || found === undefined) throw new Error('Step 7 has a probe.');
      expected.score = found.score = 1e-3;
      found.yes = !expected.yes;
    });
    expect({ mismatches, leftAtStep }).toEqual({ mismatches: [], leftAtStep: PROBE_STEP });
  });
});
