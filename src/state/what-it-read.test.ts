import { expect, test } from 'vitest';
import type { TraceAttention } from '@/protocol/attention.ts';
import type { TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import {
  blockMassesOf,
  columnsOf,
  massOfBlocks,
  mostReadOf,
  readThoughtsNow,
  READ_ROLES,
  readTokensOf,
  roundedTogether,
  sharesOf,
  thoughtRangesOf,
  thoughtWindowsOf,
  type ReadToken,
} from './what-it-read.ts';

const VIEW = ['input_prompt', 'input_block', 'thinker_output', 'writer_output'];

function token(mass: TraceAttention['mass'], rest: Partial<TraceAttention> = {}, view = VIEW): ReadToken {
  return {
    step: 0,
    text: ' a',
    view,
    row: {
      stream: 'writer',
      input: 0,
      lengths: view.map((_, index) => index + 1),
      loc: [],
      token: 0,
      margin: 0,
      top: [],
      logsumexp: 0,
      attention: { mass, most_read: [], ...rest },
    },
  };
}

test('only writer rows with attention count; each knows the blocks that it saw then', () => {
  const { row } = token([[0.25, 0.25, 0.25, 0.25]]);
  const step = (number: number, rows: TraceStep['rows'], rest: Partial<TraceStep> = {}): TraceStep => ({
    step: number,
    state: 'thinker_and_writer',
    rows,
    state_after: 'thinker_and_writer',
    ...rest,
  });
  const later = { writer: [...VIEW, 'input_block@1', 'writer_output@1'] };
  const { attention: _, ...plain } = row;
  const tokens = readTokensOf({
    setup: { views: { writer: VIEW } } as unknown as TraceSetup,
    traceSteps: [
      step(0, [{ ...row, stream: 'thinker' }]),
      step(1, [row]),
      step(2, [plain]),
      step(3, [row], { events: [{ kind: 'next_turn', lengths: [], loc: [], views: later }] }),
    ],
    steps: ['', ' one', ' two', ' three'].map((writer, index) => ({
      step: index,
      elapsedMs: 0,
      thinker: null,
      writer,
    })),
  });
  expect(tokens.map(({ step: number, text, view }) => [number, text, view.length])).toEqual([
    [1, ' one', 4],
    [3, ' three', 6],
  ]);
});

test('the mass of a layer, and the mean over layers, by what the blocks are for', () => {
  const read = token([
    [0.1, 0.2, 0.3, 0.4],
    [0.3, 0.4, 0.2, 0.1],
  ]);
  expect(massOfBlocks(read.row.attention, 1)).toEqual([0.3, 0.4, 0.2, 0.1]);
  expect(sharesOf(read, 0)).toEqual({ earlier: 0, prompt: 0.1, input: 0.2, thoughts: 0.3, answer: 0.4 });
  const mean = sharesOf(read, null);
  expect(mean.prompt).toBeCloseTo(0.2);
  expect(READ_ROLES.reduce((sum, role) => sum + mean[role], 0)).toBeCloseTo(1);
  // What was remembered of the mean does not answer for a layer.
  expect(sharesOf(read, 1).prompt).toBe(0.3);
});

test('blocks of a turn that has ended are earlier turns; links count as prompt; unknown names are counted', () => {
  const view = ['input_block', 'writer_output', 'writer_input@1', 'writer_split@1', 'writer_output@1'];
  const read = token([[0.1, 0.2, 0.3, 0.15, 0.25]], {}, view);
  const shares = sharesOf(read, null);
  expect(shares.earlier).toBeCloseTo(0.3);
  expect([shares.prompt, shares.input, shares.thoughts, shares.answer]).toEqual([0.15, 0.3, 0, 0.25]);
  const nameless: ReadToken = { ...token([[1]]), view: [] };
  expect(blockMassesOf(nameless, null)).toEqual([{ name: 'block 1', role: 'prompt', length: 1, mass: 1 }]);
});

test('thousands of tokens become few columns, each the mean of its tokens', () => {
  const tokens = Array.from({ length: 5000 }, (_, index) => token([[0, 0, index % 2, 1 - (index % 2)]]));
  const columns = columnsOf(tokens, null, 400);
  expect(columns.length).toBe(385);
  expect(columns[0]).toMatchObject({ first: 0, last: 12 });
  expect(columns.at(-1)).toMatchObject({ first: 4992, last: 4999, shares: { thoughts: 0.5, answer: 0.5 } });
  expect(columns[1]?.shares.thoughts).toBeCloseTo(7 / 13);
  expect(columnsOf(tokens.slice(0, 400), null, 400)).toHaveLength(400);
  expect(columnsOf([], null, 400)).toEqual([]);
});

test('numbers on the screen add up to what they are rounded from', () => {
  const thirds = roundedTogether([1 / 3, 1 / 3, 1 / 3], 3);
  expect(thirds).toEqual([0.334, 0.333, 0.333]);
  const values = [0.00449, 0.20049, 0.79502, 0];
  expect(roundedTogether(values, 3).reduce((sum, value) => sum + Math.round(value * 1000), 0)).toBe(1000);
  expect(roundedTogether([0.5, 0.4], 2)).toEqual([0.5, 0.4]);
});

test('the most-read thoughts come with their words around them, and their places in the text', () => {
  const thoughts = [null, null, ...Array.from({ length: 40 }, (_, index) => ` t${index}`)];
  const texts = new Map([['thinker_output', thoughts]]);
  const read = token([[0.1, 0.1, 0.7, 0.1]], {
    most_read: [
      [2, 35, 0.3],
      [1, 4, 0.2],
      [2, 10, 0.1],
      [2, 0, 0.05],
      [2, 12, 0.02],
    ],
  });
  const mostRead = mostReadOf(read, texts);
  expect(mostRead[0]).toEqual({ block: 'thinker_output', role: 'thoughts', token: 35, mass: 0.3, text: ' t33' });
  // The question's tokens have no text in the run's events.
  expect(mostRead[1]).toMatchObject({ block: 'input_block', role: 'input', text: null });
  const windows = thoughtWindowsOf(mostRead, texts);
  expect(windows.map(({ from, pieces }) => [from, pieces.length])).toEqual([
    [3, 17],
    [28, 14],
  ]);
  expect(windows[0]?.pieces.filter(({ mass }) => mass > 0)).toEqual([
    { text: ' t8', mass: 0.1 },
    { text: ' t10', mass: 0.02 },
  ]);
  const whole = thoughts.join('');
  expect(thoughtRangesOf(mostRead, texts).map(({ from, to, mass }) => [whole.slice(from, to), mass])).toEqual([
    [' t8', 0.1],
    [' t10', 0.02],
    [' t33', 0.3],
  ]);
});

test('read thoughts are marked in the thoughts as they stand, and no longer once those were cut back', () => {
  const row = (stream: 'thinker' | 'writer', lengths: readonly number[]): TraceStep['rows'][number] => ({
    ...token([[0, 0, 1, 0]], { most_read: [[2, 2, 0.4]] }).row,
    stream,
    lengths,
  });
  const traceSteps = [1, 2, 3].map((length): TraceStep => ({
    step: length - 1,
    state: 'thinker_and_writer',
    rows: [row('thinker', [1, 1, length]), row('writer', [1, 1, length, length])],
    state_after: 'thinker_and_writer',
  }));
  const run = {
    setup: { views: { thinker: VIEW.slice(0, 3), writer: VIEW } } as unknown as TraceSetup,
    traceSteps,
    steps: ['one', ' two', ' three'].map((thinker, step) => ({ step, elapsedMs: 0, thinker, writer: '' })),
  };
  // Of what is encoded by then, the third token of the block is the second one that was chosen.
  expect(readThoughtsNow(run, null, 'one two three')).toEqual([{ from: 3, to: 7, mass: 0.4 }]);
  expect(readThoughtsNow(run, null, 'one else')).toEqual([]);
  expect(readThoughtsNow(run, 0, 'one two three')).toEqual([]);
});
