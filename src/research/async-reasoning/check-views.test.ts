/** Rebuilding recorded runs, reading their attention and checking their views, on tiny models in double precision. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type { CheckReport, CheckRow } from '@/protocol/attention.ts';
import type { ReasoningTrace, StreamName, TraceSetup } from '@/protocol/reasoning.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readGoldenJson, readTinyReferenceModel } from '@/testing/golden-files.ts';
import {
  type At,
  collectRun,
  LIVE_SETTINGS,
  type LiveScripts,
  readLiveScripts,
  remark,
  sent,
  typed,
} from '@/testing/live-script.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { checkViews } from './check-views.ts';
import { SteppedInputs } from './input-queue.ts';
import { readAttention } from './read-attention.ts';
import { rebuildRun } from './rebuild-run.ts';
import { finishReasoning, runReasoning } from './run-reasoning.ts';
import { parseRecordedTrace } from './trace-schema.ts';

/** Double precision: what is exact differs by the order of sums only. */
const EXACT = 1e-9;
/** What is stale differs by far more than rounding. */
const CLEAR = 1e-4;
const TIMEOUT_MS = 60_000;
const YES_ALWAYS = Array.from({ length: 40 }, () => true);

let scripts: LiveScripts;
let setups: Readonly<Record<'a' | 'b', TraceSetup>>;
beforeAll(async () => {
  scripts = await readLiveScripts();
  const read = async (kind: string): Promise<TraceSetup> =>
    (await readGoldenJson<ReasoningTrace>(`async/tiny-qwen2-${kind}.json`)).setup;
  setups = { a: await read('a'), b: await read('b') };
});

const reference = async (contextLength?: number): Promise<ReferenceDecoder> =>
  new ReferenceDecoder(await readTinyReferenceModel('qwen2'), contextLength === undefined ? {} : { contextLength });

const scriptIo = () => ({
  tokenBytes: (id: number) => scripts.tokenizer.tokenBytes(id),
  createTextStream: () => scripts.tokenizer.createTextStream(),
});

async function traceOf(decoder: Decoder, setup: TraceSetup, budget: number): Promise<ReasoningTrace> {
  const params = { ...setup.params, budget, read_attention: ['thinker', 'writer'] as const };
  const trace = await finishReasoning(runReasoning(decoder, { ...setup, params }, scriptIo()));
  return parseRecordedTrace(JSON.parse(JSON.stringify(trace)), decoder.vocabSize);
}

async function check(decoder: Decoder, trace: ReasoningTrace, step?: number): Promise<CheckReport> {
  const report = await checkViews(decoder, trace, step, { textOf: (id) => scripts.textOf([id]) });
  expect(decoder.freeTokens).toBe(decoder.contextLength);
  return report;
}

function rowOf(report: CheckReport, stream: StreamName): CheckRow {
  const found = report.rows.find((row) => row.stream === stream);
  if (found === undefined) throw new Error(`The ${stream} was not checked.`);
  return found;
}

const lastStepWith = ({ result }: ReasoningTrace, count: number): number =>
  result.steps.findLast(({ rows }) => rows.length === count)?.step ?? -1;

/** The writer begins once the thoughts have ended, so nothing in front of it grows. */
const frozenThoughts = (setup: TraceSetup): TraceSetup => ({
  ...setup,
  prefill: setup.prefill.filter(({ view }) => view.at(-1) !== 'writer_output'),
  events: [{ step: 5, kind: 'start_writer', ids: setup.stream_tokens.writer }],
  params: { ...setup.params, thought_budget: 5, probe_interval: 1000, probe_at_paragraphs: false },
});

async function liveTrace(decoder: Decoder, inputs: readonly At[], onEdit: 'keep' | 'rewind'): Promise<ReasoningTrace> {
  const settings = { ...LIVE_SETTINGS, budget: 10, onEdit };
  const { trace } = await collectRun(
    scripts.live(decoder, () => settings, new SteppedInputs(inputs), { usesStepClock: true }),
  );
  return trace;
}

describe('design B', () => {
  it(
    'is exact for the thinker; the writer is stale once thoughts grow behind its words',
    async () => {
      const decoder = await reference();
      const trace = await traceOf(decoder, setups.b, 30);
      const report = await check(decoder, trace, lastStepWith(trace, 2));
      expect(report.rebuildDifference).toBeLessThan(EXACT);
      const [thinker, writer] = [rowOf(report, 'thinker'), rowOf(report, 'writer')];
      expect(thinker).toMatchObject({ expected: 'exact', reason: '', staleTokens: 0 });
      expect(thinker.maxLogitDifference).toBeLessThan(EXACT);
      expect(thinker.klNats).toBeLessThan(EXACT);
      expect(thinker.best.run).toBe(thinker.best.fresh);
      expect(writer.expected).toBe('stale');
      expect(writer.reason).toMatch(/^The thoughts in front of the answer/);
      expect(writer.maxLogitDifference).toBeGreaterThan(CLEAR);
      expect(writer.klNats).toBeGreaterThan(0);
      // The newest word saw everything as it is; all words in front of it are older than the newest thought.
      expect(writer.staleTokens).toBeGreaterThan(0);
      expect(writer.staleTokens).toBeLessThanOrEqual(at(writer.lengths, writer.lengths.length - 1));
      expect(decoder.numLiveBlocks).toBe(0);
    },
    TIMEOUT_MS,
  );

  it('is exact for a writer whose thoughts have ended', async () => {
    const decoder = await reference();
    const trace = await traceOf(decoder, frozenThoughts(setups.b), 12);
    expect(trace.result.steps.at(-1)?.state).toBe('writer_only');
    const { rows } = await check(decoder, trace);
    expect(rows.map(({ stream, expected }) => [stream, expected])).toEqual([['writer', 'exact']]);
    expect(at(rows, 0).maxLogitDifference).toBeLessThan(EXACT);
  });

  it('is stale where thoughts were kept over an edit, and exact where they were rolled back', async () => {
    const inputs = [typed(0, 'one two black '), typed(5, 'one two white ')];
    const reports = [];
    for (const policy of ['keep', 'rewind'] as const) {
      const decoder = await reference();
      const trace = await liveTrace(decoder, inputs, policy);
      expect(trace.setup.events.some(({ kind }) => kind === 'edit_input')).toBe(true);
      reports.push(rowOf(await check(decoder, trace), 'thinker'));
    }
    const [kept, rewound] = reports as [CheckRow, CheckRow];
    expect(kept.expected).toBe('stale');
    expect(kept.reason).toMatch(/^The question has changed/);
    expect(kept.maxLogitDifference).toBeGreaterThan(CLEAR);
    expect(rewound).toMatchObject({ expected: 'exact', staleTokens: 0 });
    expect(rewound.maxLogitDifference).toBeLessThan(EXACT);
  });
});

describe('design A', () => {
  it(
    'is stale for both streams',
    async () => {
      const decoder = await reference();
      const trace = await traceOf(decoder, setups.a, 16);
      const report = await check(decoder, trace, lastStepWith(trace, 2));
      expect(report.rebuildDifference).toBeLessThan(EXACT);
      for (const row of report.rows) {
        expect(row).toMatchObject({ expected: 'stale' });
        expect(row.reason).toMatch(/^In design A/);
        expect(row.maxLogitDifference).toBeGreaterThan(CLEAR);
      }
      expect(report.rows).toHaveLength(2);
    },
    TIMEOUT_MS,
  );
});

describe('attention', () => {
  it(
    'of a rebuilt run is what the trace recorded',
    async () => {
      const decoder = await reference();
      const trace = await traceOf(decoder, setups.b, 24);
      for (const stream of ['thinker', 'writer'] as const) {
        const recorded = trace.result.steps.flatMap(({ step, rows }) =>
          rows.flatMap((row) => (row.stream === stream ? [{ step, row }] : [])),
        );
        const asked = [at(recorded, 0), at(recorded, recorded.length - 1)];
        const readings = await readAttention(decoder, { trace, stream, steps: asked.map(({ step }) => step) });
        readings.forEach(({ mass, keys, lengths, step }, i) => {
          const { row, step: wanted } = at(asked, i);
          expect([step, lengths]).toEqual([wanted, row.lengths]);
          mass.forEach((heads, layer) =>
            heads[0]?.forEach((_, block) => {
              const mean = heads.reduce((sum, head) => sum + at(head, block), 0) / heads.length;
              expect(row.attention?.mass[layer]?.[block]).toBeCloseTo(mean, 5);
            }),
          );
          for (const layer of keys) expect(layer.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
          expect(at(keys, 0)).toHaveLength(lengths.reduce((sum, length) => sum + length, 0));
        });
      }
      expect(decoder.numLiveBlocks).toBe(0);
    },
    TIMEOUT_MS,
  );

  it('is recorded for the streams that are named, adds up to 1, and a replay gives the same', async () => {
    const decoder = await reference();
    const trace = await traceOf(decoder, setups.b, 24);
    const again = await traceOf(decoder, setups.b, 24);
    const rows = trace.result.steps.flatMap((step) => step.rows);
    expect(again.result.steps.flatMap((step) => step.rows)).toEqual(rows);
    for (const { attention, lengths } of rows) {
      for (const layer of attention?.mass ?? []) {
        expect(layer).toHaveLength(lengths.length);
        expect(layer.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 4);
      }
      const masses = attention?.most_read.map(([, , mass]) => mass) ?? [];
      expect(masses).toEqual(masses.toSorted((a, b) => b - a));
      for (const [block, token] of attention?.most_read ?? []) expect(token).toBeLessThan(at(lengths, block));
    }
    for (const stream of ['thinker', 'writer']) {
      const own = rows.filter((row) => row.stream === stream);
      expect(own.length).toBeGreaterThan(8);
      expect(own.map(({ attention }) => attention?.head !== undefined)).toEqual(own.map((_, i) => i % 8 === 0));
    }
    const params = { ...setups.b.params, budget: 3 };
    const plain = await finishReasoning(runReasoning(decoder, { ...setups.b, params }, scriptIo()));
    for (const row of plain.result.steps.flatMap((step) => step.rows)) expect(row.attention).toBeUndefined();
  });

  it('refuses steps in which the stream did not run', async () => {
    const decoder = await reference();
    const trace = await traceOf(decoder, setups.b, 3);
    const silent = trace.result.steps.findIndex(({ rows }) => rows.every(({ stream }) => stream !== 'writer'));
    await expect(readAttention(decoder, { trace, steps: [silent] })).rejects.toMatchObject({ code: 'invalidConfig' });
    await expect(check(decoder, trace, 99)).rejects.toMatchObject({ code: 'invalidConfig' });
  });
});

describe('rebuilding', () => {
  it('encodes what one stream said alone in one forward', async () => {
    const { trace } = await scripts.scripted([typed(0, 'why ')], { settings: { budget: 9 } });
    const decoder = scripts.fakeDecoder({});
    using run = await rebuildRun(decoder, trace, 8);
    const thoughts = decoder.calls.filter(({ rows }) => rows[0]?.view.at(-1) === 'thinker_output');
    const prefix = trace.setup.stream_tokens.thinker.length - 1;
    expect(thoughts.map(({ rows }) => rows.map(({ tokenIds }) => tokenIds.length))).toEqual([[prefix], [8]]);
    const { lengths } = at(at(trace.result.steps, 7).rows, 0);
    expect(run.contentsOf('thinker').ids).toHaveLength(lengths.reduce((sum, length) => sum + length, 0));
  });

  it.each(['A', 'B'] as const)('follows edits, remarks and turns of design %s', async (design) => {
    const inputs = [
      typed(0, 'one two black '),
      typed(4, 'one two white '),
      sent(8, 'one two white mice'),
      remark(12, 'and cats'),
      sent(30, 'what next'),
    ];
    const settings = { design, budget: 14, onEdit: 'keep', followUps: true, reminders: true } as const;
    const { trace } = await scripts.scripted(inputs, { settings, answers: YES_ALWAYS });
    const kinds = new Set(trace.setup.events.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['edit_input', 'inject', 'start_writer', 'next_turn']));
    const decoder = scripts.fakeDecoder({});
    for (const { step, rows } of trace.result.steps) {
      // Logits hang on every token that a row sees, so equal ones say that the blocks are the same.
      const report = await check(decoder, trace, step);
      expect(report.rebuildDifference, `step ${step}`).toBe(0);
      expect(report.rows.map(({ lengths }) => lengths)).toEqual(rows.map(({ lengths }) => lengths));
    }
    const last = at((await check(decoder, trace)).rows, 0);
    expect(last.view.some((block) => block.endsWith('@1'))).toBe(true);
    expect(last).toMatchObject({ expected: 'stale' });
    expect(last.reason).toMatch(/^Earlier turns keep/);
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('tells its progress, stops at its signal and gives everything back', async () => {
    const { trace } = await scripts.scripted([sent(0, 'why')], { settings: { budget: 12 }, answers: YES_ALWAYS });
    const decoder = scripts.fakeDecoder({});
    const controller = new AbortController();
    const done: number[] = [];
    const rebuilt = rebuildRun(decoder, trace, 10, {
      signal: controller.signal,
      onProgress: ({ doneSteps, totalSteps }) => {
        expect(totalSteps).toBe(10);
        done.push(doneSteps);
        if (doneSteps >= 3) controller.abort();
      },
    });
    await expect(rebuilt).rejects.toMatchObject({ name: 'AbortError' });
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('says when the run does not fit, and gives everything back', async () => {
    const trace = await traceOf(await reference(), setups.b, 6);
    const small = await reference(40);
    await expect(check(small, trace)).rejects.toMatchObject({ code: 'contextFull' });
    expect(small.numLiveBlocks).toBe(0);
  });

  it('refuses tokens that do not follow from each other', async () => {
    const decoder = await reference();
    const trace = await traceOf(decoder, setups.b, 4);
    const steps = trace.result.steps.map((step) =>
      step.step === 2 ? { ...step, rows: step.rows.map((row) => ({ ...row, input: row.input + 1 })) } : step,
    );
    await expect(check(decoder, { ...trace, result: { ...trace.result, steps } }, 3)).rejects.toMatchObject({
      code: 'invalidConfig',
      details: { field: 'trace.result.steps.2.rows.0.input' },
    });
    expect(decoder.numLiveBlocks).toBe(0);
  });
});

describe('a trace from outside', () => {
  const faults: readonly [what: string, field: string, change: (trace: Record<string, unknown>) => unknown][] = [
    ['no trace', 'trace.format', () => ({})],
    ['another format', 'trace.format', (trace) => ({ ...trace, format: 'other' })],
    ['no setup', 'setup', (trace) => ({ ...trace, setup: undefined })],
    ['no steps', 'trace.result.steps', (trace) => ({ ...trace, result: {} })],
    ['steps out of order', 'trace.result.steps.0.step', (trace) => withStep(trace, { step: 4 })],
    ['a negative id', 'trace.result.steps.0.rows.0.token', (trace) => withRow(trace, { token: -1 })],
    ['an id outside the vocabulary', 'trace.result.steps.0.rows.0', (trace) => withRow(trace, { input: 10_000 })],
    ['text for a number', 'trace.result.steps.0.rows.0.logsumexp', (trace) => withRow(trace, { logsumexp: '1' })],
  ];

  it.each(faults)('%s', async (_what, field, change) => {
    const decoder = new FakeDecoder({ vocabSize: 320, logits: () => new Map() });
    const golden = await readGoldenJson<Record<string, unknown>>('async/tiny-qwen2-b.json');
    expect(() => parseRecordedTrace(golden, decoder.vocabSize)).not.toThrow();
    expect(() => parseRecordedTrace(change(golden), decoder.vocabSize)).toThrow(
      expect.objectContaining({ code: 'invalidConfig', details: { field } }),
    );
  });

  function withStep(trace: Record<string, unknown>, change: object): unknown {
    const { result, ...rest } = trace as unknown as ReasoningTrace;
    const [first, ...steps] = result.steps;
    return { ...rest, result: { ...result, steps: [{ ...first, ...change }, ...steps] } };
  }

  function withRow(trace: Record<string, unknown>, change: object): unknown {
    const { result } = trace as unknown as ReasoningTrace;
    const rows = at(result.steps, 0).rows.map((row) => ({ ...row, ...change }));
    return withStep(trace, { rows });
  }
});
