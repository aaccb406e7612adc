import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import type { ReasoningTrace, TraceStep } from '@/protocol/reasoning.ts';
import { compareRuns } from './compare-runs.ts';

let run: ReasoningTrace;

beforeAll(async () => {
  const url = new URL('../testing/golden/async/smollm2-b3-input.json', import.meta.url);
  run = JSON.parse(await readFile(url, 'utf8')) as ReasoningTrace;
});

/** The run with one step changed. */
function withStep(step: number, change: (before: TraceStep) => Partial<TraceStep>): ReasoningTrace {
  const steps = run.result.steps.map((made, index) => (index === step ? { ...made, ...change(made) } : made));
  return { ...run, result: { ...run.result, steps } };
}

const withToken = (step: number, token: number, margin: number): ReasoningTrace =>
  withStep(step, ({ rows }) => ({ rows: rows.map((row, index) => (index === 0 ? { ...row, token, margin } : row)) }));

test('a run is the same as itself, whatever its times', () => {
  const timed = withStep(3, () => ({ elapsed_ms: 12 }));
  expect(compareRuns(run, timed)).toEqual({
    isEqual: true,
    equalSteps: run.result.steps.length,
    numSteps: { a: 60, b: 60 },
    setup: [],
    first: null,
  });
});

test('the first other token is found, with both margins, and a near tie is told from a clear choice', () => {
  const near = compareRuns(run, withToken(7, 99, 0.01)).first;
  const row = run.result.steps[7]?.rows[0];
  expect(near).toMatchObject({
    step: 7,
    what: 'token',
    stream: row?.stream,
    a: { token: row?.token, margin: row?.margin },
    b: { token: 99, margin: 0.01, text: 'token 99' },
    why: expect.stringContaining('rounding'),
  });
  const clear = compareRuns(withToken(7, 98, 3), withToken(7, 99, 4));
  expect(clear).toMatchObject({ isEqual: false, equalSteps: 7, first: { why: expect.stringContaining('clear') } });
});

test('a recorded run tells the text of the token', () => {
  const recorded = {
    ...withToken(7, 99, 1),
    recording: { model: {}, device: {}, events: [{ kind: 'stepped', step: 7, thinkerText: ' cat' }] },
  };
  const stream = run.result.steps[7]?.rows[0]?.stream;
  expect(stream).toBe('thinker');
  expect(compareRuns(run, recorded as unknown as ReasoningTrace).first?.b.text).toBe(' cat');
});

test('another decision of the probe comes behind the tokens of its step', () => {
  const probed = run.result.steps.findIndex(({ probe }) => probe !== undefined);
  const other = withStep(probed, ({ probe }) =>
    probe === undefined ? {} : { probe: { ...probe, yes: !probe.yes, score: probe.score - 0.01 } },
  );
  expect(compareRuns(run, other).first).toMatchObject({
    step: probed,
    what: 'probe',
    a: { yes: true },
    b: { yes: false },
    why: expect.stringContaining('nearly the same'),
  });
});

test('what was typed, another state and an earlier end are told apart', () => {
  const typed = { ...run, setup: { ...run.setup, events: run.setup.events.slice(1) } };
  expect(compareRuns(run, typed).first).toMatchObject({ step: 15, what: 'event' });
  const state = compareRuns(
    run,
    withStep(4, () => ({ state: 'writer_only' })),
  );
  expect(state.first).toMatchObject({ step: 4, what: 'state', b: { state: 'writer_only' } });
  const short = { ...run, result: { ...run.result, steps: run.result.steps.slice(0, 20) } };
  expect(compareRuns(run, short)).toMatchObject({
    equalSteps: 20,
    numSteps: { a: 60, b: 20 },
    first: { step: 20, what: 'end', b: { state: null } },
  });
});

test('parameters that differ are listed with both values', () => {
  const { setup } = run;
  const other = { ...run, setup: { ...setup, design: 'A' as const, params: { ...setup.params, yes_bias: 9 } } };
  expect(compareRuns(run, other)).toMatchObject({
    isEqual: true,
    setup: [
      { field: 'design', a: '"B"', b: '"A"' },
      { field: 'params.yes_bias', a: String(setup.params.yes_bias), b: '9' },
    ],
  });
});
