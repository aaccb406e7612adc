import { expect, test } from 'vitest';
import type { TraceEventResult, TraceRow, TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import { blockMapAt, type MappedRun } from './block-map-data.ts';
import { cellsOf, CELL_GAP, pxPerToken, widthOf } from './block-map-layout.ts';
import { changedSpans, olderTokens } from './stale-tokens.ts';

const VIEWS = {
  thinker: ['input_prompt', 'input_block', 'thinker_output'],
  writer: ['input_prompt', 'input_block', 'thinker_output', 'writer_output'],
  probe: ['mode_switching_prompt', 'thinker_output', 'writer_output', 'question'],
};
const SETUP = { design: 'B', views: VIEWS } as unknown as TraceSetup;

const row = (stream: TraceRow['stream'], lengths: number[]): TraceRow => ({
  stream,
  input: 0,
  lengths,
  loc: lengths.map((_, index) => lengths.slice(index).reduce((sum, length) => sum + length, 0) - 1),
  token: 0,
  margin: 0,
  top: [],
  logsumexp: 0,
});

function stepsOf(
  rows: readonly (readonly TraceRow[])[],
  more: Readonly<Record<number, Partial<TraceStep>>> = {},
): TraceStep[] {
  return rows.map((made, step) => ({
    step,
    state: 'thinker_only',
    state_after: 'thinker_only',
    rows: made,
    ...more[step],
  }));
}

function runOf(traceSteps: readonly TraceStep[], more: Partial<MappedRun> = {}): MappedRun {
  const steps = traceSteps.map(({ step, rows }) => ({
    step,
    elapsedMs: step,
    thinker: rows.some(({ stream }) => stream === 'thinker') ? 'word' : null,
    writer: rows.some(({ stream }) => stream === 'writer') ? 'word' : null,
  }));
  return { setup: SETUP, steps, traceSteps, turnSteps: [], staleRanges: [], ...more };
}

const edit: TraceEventResult = { kind: 'edit_input', lengths: [3, 5], loc: [4, 1] };

test('before the first step there is nothing', () => {
  expect(blockMapAt(runOf([]), -1)).toEqual({ step: -1, cache: [], rows: [] });
});

test('lengths, offsets and their change, and what the probe saw', () => {
  const probe = { lengths: [64, 9, 1, 24], loc: [74, 10, 1, 0] } as unknown as TraceStep['probe'];
  const steps = stepsOf(
    [[row('thinker', [3, 5, 8])], [row('thinker', [3, 5, 9]), row('writer', [3, 5, 9, 1])]],
    probe === undefined ? {} : { 1: { probe } },
  );
  const { cache, rows } = blockMapAt(runOf(steps), 1);
  expect(cache.map(({ label, length, change }) => [label, length, change])).toEqual([
    ['prompt', 3, 0],
    ['input', 5, 0],
    ['thoughts', 9, 1],
    ['answer', 1, null],
    ['probe prompt', 64, null],
    ['yes or no?', 24, null],
  ]);
  expect(rows.map(({ view, step }) => [view, step])).toEqual([
    ['thinker', 1],
    ['writer', 1],
    ['probe', 1],
  ]);
  expect(rows[0]?.blocks.map(({ rotaryOffset, change }) => [rotaryOffset, change])).toEqual([
    [16, 1],
    [13, 1],
    [8, 1],
  ]);
  expect(rows[1]?.blocks.map(({ rotaryOffset, change }) => [rotaryOffset, change])).toEqual([
    [17, null],
    [14, null],
    [9, null],
    [0, null],
  ]);
});

test('a stream that rests shows what it saw last, and an earlier step what stood then', () => {
  const steps = stepsOf([
    [row('thinker', [3, 5, 1]), row('writer', [3, 5, 1, 1])],
    [row('thinker', [3, 5, 2])],
    [row('thinker', [3, 5, 3])],
  ]);
  const writer = blockMapAt(runOf(steps), 2).rows.find(({ view }) => view === 'writer');
  expect(writer).toMatchObject({ step: 0 });
  expect(writer?.blocks.map(({ rotaryOffset }) => rotaryOffset)).toEqual([9, 6, 1, 0]);
  expect(blockMapAt(runOf(steps), 1).cache.find(({ role }) => role === 'thoughts')?.length).toBe(2);
});

test('blocks of earlier turns are one, with their parts, and nothing of them is new', () => {
  const next = ['input_prompt@1', 'input_block@1', 'thinker_output@1'];
  const views = { ...VIEWS, thinker: [...VIEWS.writer, ...next] };
  const steps = stepsOf([[row('thinker', [3, 5, 8])], [row('thinker', [3, 5, 8, 4, 2, 6, 1])]], {
    1: { events: [{ kind: 'next_turn', lengths: [], loc: [], views }] },
  });
  const { cache, rows } = blockMapAt(runOf(steps, { turnSteps: [1] }), 1);
  expect(cache[0]).toMatchObject({ label: 'earlier turns', length: 20, parts: [3, 5, 8, 4], change: 0, older: 0 });
  expect(cache.slice(1).map(({ label, length }) => [label, length])).toEqual([
    ['prompt', 2],
    ['input', 6],
    ['thoughts', 1],
  ]);
  expect(rows[0]?.blocks[0]).toMatchObject({ label: 'earlier turns', length: 20, rotaryOffset: 28 });
  expect(blockMapAt(runOf(steps, { turnSteps: [1] }), 0).cache.map(({ label }) => label)).toEqual([
    'prompt',
    'input',
    'thoughts',
  ]);
});

test('thoughts are older than a question that has grown or was changed behind them', () => {
  const grown = stepsOf([[row('thinker', [3, 5, 4])], [row('thinker', [3, 5, 5])], [row('thinker', [3, 7, 6])]]);
  expect([0, 1, 2].map((step) => olderTokens(grown, 'thinker', 0, step))).toEqual([0, 0, 5]);
  const edited = stepsOf([[row('thinker', [3, 5, 4])], [row('thinker', [3, 5, 5])], [row('thinker', [3, 5, 6])]], {
    2: { events: [edit] },
  });
  expect(olderTokens(edited, 'thinker', 0, 2)).toBe(5);
  const rewound = stepsOf([[row('thinker', [3, 5, 4])], [row('thinker', [3, 5, 5])], [row('thinker', [3, 5, 3])]], {
    2: { events: [edit] },
  });
  expect(olderTokens(rewound, 'thinker', 0, 2)).toBe(2);
});

test('an answer is older than the thoughts that were added in front of it, but for its newest token', () => {
  const steps = stepsOf([
    [row('thinker', [3, 5, 1]), row('writer', [3, 5, 1, 1])],
    [row('thinker', [3, 5, 2]), row('writer', [3, 5, 2, 2])],
    [row('writer', [3, 5, 2, 3])],
  ]);
  expect([0, 1, 2].map((step) => olderTokens(steps, 'writer', 0, step))).toEqual([0, 1, 1]);
});

test('ranges of the text become tokens of the block', () => {
  // 'word' by step: what step i chose is token 4 + i; before it a prefix of four without text.
  const traceSteps = stepsOf([4, 5, 6, 7].map((length) => [row('thinker', [3, 5, length])]));
  const run = runOf(traceSteps, { staleRanges: [{ from: 4, to: 9 }] });
  expect(changedSpans(run, 0, 3)).toEqual([{ from: 5, to: 7 }]);
  expect(changedSpans({ ...run, staleRanges: [] }, 0, 3)).toEqual([]);
});

test('bars share one scale, and words below short ones have their room', () => {
  const strips = [
    { lengths: [3, 100], needed: [50, 50] },
    { lengths: [100], needed: [50] },
  ];
  const scale = pxPerToken(strips, 400);
  expect(scale).toBe(3);
  expect(cellsOf({ lengths: [3, 100], needed: [50, 50] }, scale)).toEqual([
    { x: 0, width: 9 },
    { x: 50 + CELL_GAP, width: 300 },
  ]);
  expect(pxPerToken([{ lengths: [5000], needed: [50] }], 700)).toBe(0.1);
  expect(pxPerToken([{ lengths: [1], needed: [20] }], 700)).toBe(6);
  expect(widthOf({ lengths: [3, 100], needed: [50, 50] }, scale)).toBe(50 + 300 + 2 * CELL_GAP);
});
