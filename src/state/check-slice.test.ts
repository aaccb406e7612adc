import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { CheckReport, CheckRow } from '@/protocol/attention.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { TraceSetup } from '@/protocol/reasoning.ts';
import type { Recording } from '@/protocol/recording.ts';
import { checkBlocker, createCheckSlice, type CheckSlice } from './check-slice.ts';
import { placeOnScale, scaleOf, verdictOf } from './check-words.ts';

const row = (change: Partial<CheckRow>): CheckRow => ({
  stream: 'writer',
  view: [],
  lengths: [],
  maxLogitDifference: 0,
  klNats: 0,
  best: { run: 1, fresh: 1 },
  bestText: { run: ' a', fresh: ' a' },
  expected: 'exact',
  reason: '',
  staleTokens: 0,
  ...change,
});

const report = (change: Partial<CheckReport> = {}): CheckReport => ({
  step: 4,
  rows: [row({ stream: 'thinker', maxLogitDifference: 3e-5 }), row({ maxLogitDifference: 4.2 })],
  tolerance: 1e-3,
  rebuildDifference: 2e-5,
  ...change,
});

const setup = (name: string): TraceSetup => ({ problem: name }) as unknown as TraceSetup;

test('a result stays while the next check of the run goes on or is cancelled, and goes with the run', () => {
  const store = createStore<CheckSlice>()(createCheckSlice);
  const { checkStarted, checkEnded, checkCancelled, checkProgressed } = store.getState();
  const first = setup('first');
  checkStarted(first, 4);
  checkProgressed({ kind: 'rebuilding', doneSteps: 2, totalSteps: 5, secondsLeft: 3 });
  expect(store.getState().check).toMatchObject({ phase: 'running', step: 4, progress: { doneSteps: 2 } });
  checkEnded(report());
  expect(store.getState().check).toMatchObject({ phase: 'done', progress: null, report: { step: 4 } });
  // A message that was still on its way.
  checkProgressed({ kind: 'rebuilding', doneSteps: 5, totalSteps: 5, secondsLeft: 0 });
  expect(store.getState().check.progress).toBeNull();

  checkStarted(first, 9);
  expect(store.getState().check).toMatchObject({ phase: 'running', step: 9, report: { step: 4 } });
  checkCancelled();
  expect(store.getState().check).toMatchObject({ phase: 'done', report: { step: 4 } });

  checkStarted(setup('second'), 1);
  expect(store.getState().check.report).toBeNull();
  checkCancelled();
  expect(store.getState().check.phase).toBe('idle');
});

test('a failure is shown until the next check', () => {
  const store = createStore<CheckSlice>()(createCheckSlice);
  store.getState().checkStarted(null, 0);
  store.getState().checkFailed({ code: 'contextFull', message: 'No room.' });
  expect(store.getState().check).toMatchObject({ phase: 'failed', failure: { code: 'contextFull' } });
  store.getState().checkStarted(null, 0);
  expect(store.getState().check).toMatchObject({ phase: 'running', failure: null });
});

test('what keeps a run from being checked', () => {
  const info = { name: 'SmolLM2', sha256: 'aa' } as ModelInfo;
  const ready = { status: 'ready', info } as const;
  const recordedWith = (name: string, sha256: string | null): Recording =>
    ({ recording: { model: { id: 'x', name, sha256 } } }) as unknown as Recording;
  expect(checkBlocker({ status: 'none', info: null }, null)).toContain('Load the model first');
  expect(checkBlocker({ status: 'loading', info: null }, null)).toContain('being loaded');
  expect(checkBlocker(ready, null)).toBeNull();
  expect(checkBlocker(ready, recordedWith('SmolLM2', 'aa'))).toBeNull();
  expect(checkBlocker(ready, recordedWith('Qwen3', 'bb'))).toBe(
    'This run was recorded with Qwen3, and SmolLM2 is loaded. Load Qwen3 to check it.',
  );
  expect(checkBlocker(ready, recordedWith('SmolLM2', 'bb'))).toContain('another file of it');
  // Without hashes the name has to do.
  expect(checkBlocker(ready, recordedWith('SmolLM2', null))).toBeNull();
  expect(checkBlocker(ready, recordedWith('Qwen3', null))).not.toBeNull();
});

test('the verdict says what was promised and what came out', () => {
  expect(verdictOf(row({ maxLogitDifference: 3e-5 }), 1e-3)).toEqual({
    kind: 'equal',
    text: 'equal up to rounding: 3e\u22125',
  });
  expect(verdictOf(row({ maxLogitDifference: 0.4 }), 1e-3)).toEqual({
    kind: 'defect',
    text: 'differs by 0.40 where it has to be equal: a defect',
  });
  const stale = { expected: 'stale', reason: 'The thoughts have grown.', staleTokens: 38 } as const;
  expect(verdictOf(row({ ...stale, maxLogitDifference: 4.2 }), 1e-3)).toEqual({
    kind: 'stale',
    text: 'stale on purpose: 4.20, from 38 tokens written in another context. The thoughts have grown.',
  });
  expect(verdictOf(row({ ...stale, staleTokens: 1, maxLogitDifference: 1e-3 }), 1e-3)).toEqual({
    kind: 'equal',
    text: 'no more than rounding: 0.001, with 1 token written in another context',
  });
});

test('the scale holds all differences; each has its place by its power of ten', () => {
  expect(scaleOf(report())).toEqual({ from: -7, to: 1 });
  expect(scaleOf(report({ rebuildDifference: 0, rows: [row({ maxLogitDifference: 250 })] }))).toEqual({
    from: -7,
    to: 3,
  });
  expect(scaleOf(report({ rebuildDifference: 3e-9 })).from).toBe(-9);
  const scale = { from: -7, to: 1 };
  expect([0, 1e-7, 1e-3, 10, 99].map((value) => placeOnScale(value, scale))).toEqual([0, 0, 0.5, 1, 1]);
});
