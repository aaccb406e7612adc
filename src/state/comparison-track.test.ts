import { expect, test } from 'vitest';
import type { TimedToken } from '@/protocol/comparison.ts';
import type { StreamName } from '@/protocol/reasoning.ts';
import { EMPTY_TRACK, waitingSpans, withToken, type LaneTrack } from './comparison-track.ts';

const token = (stream: StreamName, step: number, elapsedMs: number, text = 'a'): TimedToken => ({
  stream,
  step,
  elapsedMs,
  text,
});
const trackFrom = (tokens: readonly TimedToken[]): LaneTrack => tokens.reduce(withToken, EMPTY_TRACK);

test('consecutive steps of a stream are one span, beginning where the step before ended', () => {
  const track = trackFrom([0, 1, 2].map((step) => token('thinker', step, 100 * step)));
  expect(track.spans).toEqual({ thinker: [{ fromMs: 0, toMs: 200 }], writer: [] });
  expect(track).toMatchObject({ numSteps: 3, numTokens: { thinker: 3, writer: 0 }, lastMs: 200, firstTokenMs: null });
});

test('both streams of a step share its time, and count as one step', () => {
  const track = trackFrom([
    token('thinker', 0, 100),
    token('thinker', 1, 200),
    token('writer', 1, 200),
    token('thinker', 2, 300),
  ]);
  expect(track.spans).toEqual({ thinker: [{ fromMs: 100, toMs: 300 }], writer: [{ fromMs: 100, toMs: 200 }] });
  expect(track.numSteps).toBe(3);
});

test('a writer that pauses leaves a gap, and the gap is waiting', () => {
  const track = trackFrom([
    token('thinker', 0, 100),
    token('writer', 1, 200),
    token('thinker', 2, 300),
    token('writer', 3, 400),
  ]);
  expect(track.spans.writer).toEqual([
    { fromMs: 100, toMs: 200 },
    { fromMs: 300, toMs: 400 },
  ]);
  expect(waitingSpans(track)).toEqual([
    { fromMs: 0, toMs: 100 },
    { fromMs: 200, toMs: 300 },
  ]);
});

test('a long rest between two steps is not drawn as work', () => {
  const steps = [0, 1, 2, 3].map((step) => token('thinker', step, -9000 + 100 * step));
  const track = trackFrom([...steps, token('thinker', 4, 0)]);
  expect(track.spans.thinker).toEqual([
    { fromMs: -9000, toMs: -8700 },
    { fromMs: 0, toMs: 0 },
  ]);
});

test('after Enter a long step is work: those that run on are not cut, those that begin were waited for', () => {
  const track = trackFrom([
    token('thinker', 0, 100),
    token('thinker', 1, 200),
    token('thinker', 2, 8200),
    token('writer', 2, 8200),
  ]);
  expect(track.spans).toEqual({ thinker: [{ fromMs: 100, toMs: 8200 }], writer: [{ fromMs: 8100, toMs: 8200 }] });
  expect(waitingSpans(track)).toEqual([{ fromMs: 0, toMs: 8100 }]);
});

test('waiting begins at Enter, not while the question is typed, and goes on while nothing is written', () => {
  const track = trackFrom([token('thinker', 0, -300), token('thinker', 1, 500)]);
  expect(waitingSpans(track)).toEqual([{ fromMs: 0, toMs: 500 }]);
  expect(waitingSpans(EMPTY_TRACK)).toEqual([]);
});

test('first token and first sentence are the writer’s', () => {
  const track = trackFrom([
    token('thinker', 0, 100, 'Thought. '),
    token('writer', 1, 200, '3.'),
    token('writer', 2, 300, '14 is pi.'),
    token('writer', 3, 400, ' Next'),
  ]);
  expect(track).toMatchObject({ firstTokenMs: 200, firstSentenceMs: 400 });
});
