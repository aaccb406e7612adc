/** The loop with a scripted decoder: what happens in which step, without a model. */
import { describe, expect, it } from 'vitest';
import type { ReasoningEvent, ReasoningTrace, StreamName, TraceSetup } from '@/protocol/reasoning.ts';
import { FakeDecoder, type FakeQuery } from '@/testing/fake-decoder.ts';
import { createByteTextStream } from '@/testing/text-stream.ts';
import { designBLayout } from './block-layout.ts';
import type { ReasoningIo } from './reasoning-io.ts';
import { finishReasoning, runReasoning } from './run-reasoning.ts';
import { parseTraceSetup } from './trace-schema.ts';

// Ids below 256 are bytes.
const [A, B, NEWLINE] = [0x61, 0x62, 0x0a];
const [OPEN, EOS, END_OF_THINK, YES, NO, QUESTION, FORBIDDEN] = [256, 257, 258, 259, 260, 261, 262];
const VOCABULARY = 263;

const tokenBytes = (id: number): Uint8Array => (id < 256 ? Uint8Array.of(id) : new TextEncoder().encode(`<${id}>`));
const io: ReasoningIo = { tokenBytes, createTextStream: () => createByteTextStream(tokenBytes), now: () => 0 };

interface Script {
  /** Tokens that a stream would like to choose, in order; then `a` for ever. */
  readonly thinker?: readonly number[];
  readonly writer?: readonly number[];
  /** Answers of the probe in order; then "no". */
  readonly answers?: readonly boolean[];
  readonly contextLength?: number;
}

function scriptedDecoder(script: Script): FakeDecoder {
  const taken = { thinker_output: 0, writer_output: 0, question: 0 };
  const isBlock = (name: string): name is keyof typeof taken => name in taken;
  return new FakeDecoder({
    vocabSize: VOCABULARY,
    ...(script.contextLength !== undefined && { contextLength: script.contextLength }),
    logits: ({ block, newIds }: FakeQuery) => {
      // Prefixes are longer than one token and ask for nothing.
      if (!isBlock(block) || newIds.includes(OPEN)) return new Map();
      const turn = taken[block]++;
      if (block === 'question') return new Map([[script.answers?.[turn] === true ? YES : NO, 5]]);
      const wanted = script[block === 'thinker_output' ? 'thinker' : 'writer']?.[turn] ?? A;
      // The runner-up is `b`, so that a forbidden wish shows.
      return new Map([
        [wanted, 9],
        [wanted === B ? A : B, 1],
      ]);
    },
  });
}

function setupOf(params: Partial<TraceSetup['params']> = {}, change: Partial<TraceSetup> = {}): TraceSetup {
  const { rowOrder, blocks, views } = designBLayout({ withInput: true });
  return parseTraceSetup(
    {
      design: 'B',
      row_order: rowOrder,
      blocks,
      views,
      prefill: [
        { view: ['input_prompt'], ids: [OPEN, A] },
        { view: views['thinker'], ids: [OPEN] },
        { view: views['writer'], ids: [OPEN] },
        { view: ['mode_switching_prompt'], ids: [OPEN] },
      ],
      stream_tokens: { thinker: [OPEN, NEWLINE], writer: [OPEN, B] },
      events: [],
      ...change,
      params: {
        budget: 6,
        probe_interval: 2,
        yes_bias: 0,
        question_ids: [QUESTION],
        yes_ids: [YES],
        no_ids: [NO],
        forbidden: { thinker: [FORBIDDEN, EOS], writer: [FORBIDDEN] },
        forbidden_penalty: 100,
        eos_ids: [EOS],
        end_of_think_ids: [END_OF_THINK],
        ...params,
      },
    },
    VOCABULARY,
  );
}

async function run(
  script: Script,
  setup: TraceSetup = setupOf(),
): Promise<{ trace: ReasoningTrace; decoder: FakeDecoder }> {
  const decoder = scriptedDecoder(script);
  const trace = await finishReasoning(runReasoning(decoder, setup, io));
  expect(decoder.numLiveObjects).toBe(0);
  // Every token of a stream but its last one was encoded exactly once, in order.
  for (const stream of ['thinker', 'writer'] as const) {
    const tokens = trace.result.final[`${stream}_tokens`];
    expect(decoder.encodedInto(`${stream}_output`)).toEqual(tokens.slice(0, -1));
  }
  return { trace, decoder };
}

const statesOf = (trace: ReasoningTrace): string[] =>
  trace.result.steps.map(({ state }) => ({ thinker_only: 'T', thinker_and_writer: 'TW', writer_only: 'W' })[state]);
const chosenBy = (trace: ReasoningTrace, stream: StreamName): number[] =>
  trace.result.steps.flatMap(({ rows }) => rows.filter((row) => row.stream === stream).map(({ token }) => token));

describe('the loop', () => {
  it('lets the probe start and pause the writer, and ends with the budget', async () => {
    const { trace } = await run({ answers: [true, false, true] });
    expect(statesOf(trace)).toEqual(['T', 'T', 'TW', 'TW', 'T', 'T']);
    expect(trace.result.final).toMatchObject({ stop: 'budget', state: 'thinker_and_writer' });
    expect(trace.result.steps.map(({ probe }) => probe?.yes)).toEqual([
      undefined,
      true,
      undefined,
      false,
      undefined,
      true,
    ]);
  });

  it('pauses the writer at a paragraph end', async () => {
    const { trace } = await run({ answers: [true], writer: [NEWLINE, NEWLINE, A] }, setupOf({ probe_interval: 3 }));
    expect(statesOf(trace)).toEqual(['T', 'T', 'T', 'TW', 'TW', 'T']);
    expect(trace.result.steps[4]).toMatchObject({ writer_paragraph_end: true, state_after: 'thinker_only' });
  });

  it('can take a paragraph end back by a probe in the same step', async () => {
    const script = { answers: [true, true], writer: [NEWLINE, NEWLINE] };
    const { trace } = await run(script, setupOf({ probe_interval: 2, budget: 5 }));
    expect(trace.result.steps[3]).toMatchObject({
      writer_paragraph_end: true,
      probe: { why: ['interval'], yes: true },
      state_after: 'thinker_and_writer',
    });
    expect(statesOf(trace)).toEqual(['T', 'T', 'TW', 'TW', 'TW']);
  });

  it('probes at a paragraph end of the thinker, pending token and prefix included', async () => {
    // The prefix ends with one newline, so one more makes an empty line.
    const { trace } = await run({ thinker: [NEWLINE, A], answers: [true] }, setupOf({ probe_interval: 50 }));
    expect(trace.result.steps[0]?.probe?.why).toEqual(['paragraph']);
    expect(statesOf(trace)).toEqual(['T', 'TW', 'TW', 'TW', 'TW', 'TW']);
  });

  it('goes on with the writer alone once the thoughts have ended, and never encodes the end', async () => {
    const { trace, decoder } = await run({ thinker: [A, A, END_OF_THINK], answers: [false] });
    expect(statesOf(trace)).toEqual(['T', 'T', 'T', 'W', 'W', 'W']);
    expect(trace.result.steps[2]).toMatchObject({ end_of_think: true });
    expect(trace.result.steps.slice(2).every(({ probe }) => probe === undefined)).toBe(true);
    expect(decoder.encodedInto('thinker_output')).not.toContain(END_OF_THINK);
  });

  it("stops at the writer's end token, even in the middle of a thought", async () => {
    const { trace } = await run({ answers: [true, true], writer: [A, EOS] });
    expect(trace.result.final).toMatchObject({ stop: 'writer_eos', state: 'thinker_and_writer' });
    expect(trace.result.steps).toHaveLength(4);
  });

  it('never chooses a forbidden id, whatever the model wants', async () => {
    const { trace } = await run({ answers: [true], thinker: [FORBIDDEN, EOS], writer: [FORBIDDEN] });
    expect(chosenBy(trace, 'thinker').slice(0, 2)).toEqual([B, B]);
    expect(chosenBy(trace, 'writer')[0]).toBe(B);
  });

  it("keeps a paused writer's pending token and encodes it once", async () => {
    // run() checks that every token but the last was encoded exactly once.
    const events = [
      { step: 3, kind: 'inject', stream: 'thinker', ids: [A, B] },
      { step: 4, kind: 'inject', stream: 'writer', ids: [B] },
      { step: 4, kind: 'append_input', ids: [A, A] },
      { step: 5, kind: 'edit_input', keep: 1, ids: [B] },
      { step: 5, kind: 'edit_input', keep: 1, ids: [] },
    ] as const;
    const { trace } = await run({ answers: [true, false, true] }, setupOf({ budget: 9 }, { events }));
    expect(trace.result.steps[4]?.events?.map(({ kind, lengths, loc }) => ({ kind, lengths, loc }))).toEqual([
      { kind: 'inject', lengths: [2, 0, 8, 5], loc: [13, 11, 11, 3] },
      { kind: 'append_input', lengths: [2, 2], loc: [2, 0] },
    ]);
    expect(trace.result.steps[5]?.events?.at(-1)).toEqual({ kind: 'edit_input', lengths: [2, 1], loc: [3, 1] });
  });

  it('leaves nothing of a probe behind', async () => {
    const { trace } = await run({ answers: [true, false] });
    expect(trace.result.final.lengths['question']).toBe(0);
    const { trace: unprobed } = await run({}, setupOf({ probe_interval: 50 }));
    expect(chosenBy(unprobed, 'thinker')).toEqual(chosenBy(trace, 'thinker'));
  });

  it('streams what was sampled, without prefixes and end tokens', async () => {
    const decoder = scriptedDecoder({ answers: [true], thinker: [0xc3, 0xa9, A], writer: [B, EOS] });
    const events: ReasoningEvent[] = [];
    for await (const event of runReasoning(decoder, setupOf(), io)) events.push(event);
    const text = { thinker: '', writer: '' };
    for (const event of events)
      if (event.kind === 'stepped') {
        text.thinker += event.thinkerText;
        text.writer += event.writerText;
      }
    expect(text).toEqual({ thinker: 'éaa', writer: 'b' });
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'stepped', 'stepped', 'stepped', 'stepped', 'stopped']);
  });
});

describe('ways to end early', () => {
  it('stops between two forwards, returns the trace so far and frees everything', async () => {
    const controller = new AbortController();
    const decoder = scriptedDecoder({});
    const running = runReasoning(decoder, setupOf(), { ...io, signal: controller.signal });
    let trace: ReasoningTrace | undefined;
    for (let steps = 0; trace === undefined;) {
      const { done, value } = await running.next();
      if (done === true) trace = value;
      else if (value.kind === 'stepped' && ++steps === 3) controller.abort();
    }
    expect(trace.result.final.stop).toBe('stopped');
    expect(trace.result.steps).toHaveLength(3);
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('stops before the first prefill when the signal has already fired', async () => {
    const decoder = scriptedDecoder({});
    const trace = await finishReasoning(runReasoning(decoder, setupOf(), { ...io, signal: AbortSignal.abort() }));
    expect(trace.result).toMatchObject({ prefill_results: [], steps: [], final: { stop: 'stopped' } });
    expect(decoder.calls).toEqual([]);
  });

  it('frees everything when the consumer leaves', async () => {
    const decoder = scriptedDecoder({});
    for await (const event of runReasoning(decoder, setupOf(), io)) if (event.kind === 'stepped') break;
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('frees everything when a forward fails, and passes the error on', async () => {
    const decoder = scriptedDecoder({});
    decoder.forward = () => Promise.reject(new Error('lost'));
    await expect(finishReasoning(runReasoning(decoder, setupOf(), io))).rejects.toThrow('lost');
    expect(decoder.numLiveObjects).toBe(0);
  });

  // 5 tokens of prefill; a step of the thinker takes one, the probe one for a moment.
  it.each([
    ['in the prefill', 4, 0, 'thinker_only'],
    ['in a step', 7, 2, 'thinker_only'],
    ['in a step of both', 8, 2, 'thinker_and_writer'],
  ])('ends with the trace so far when the context is full %s', async (_, contextLength, numSteps, state) => {
    const { trace } = await run({ contextLength, answers: [true] }, setupOf({ probe_interval: 2 }));
    expect(trace.result.final).toMatchObject({ stop: 'context_full', state });
    expect(trace.result.steps).toHaveLength(numSteps);
  });
});
