import { expect, test } from 'vitest';
import type { ReasoningEvent } from '@/protocol/reasoning.ts';
import { waitsAfter, type WaitSpan } from './wait-spans.ts';

const after = (...events: ReasoningEvent[]): readonly WaitSpan[] =>
  events.reduce<readonly WaitSpan[]>((waits, event) => waitsAfter(waits, event, 7), []);

test('a wait lasts until the run goes on or ends', () => {
  const waiting: ReasoningEvent = { kind: 'waiting', elapsedMs: 100, reason: 'emptyDraft' };
  const open = { step: 7, reason: 'emptyDraft', fromMs: 100, toMs: null };
  expect(after(waiting)).toEqual([open]);
  expect(after(waiting, { kind: 'reading', elapsedMs: 150, doneTokens: 1, totalTokens: 2 })).toEqual([open]);
  expect(after(waiting, { kind: 'resumed', elapsedMs: 180 })).toEqual([{ ...open, toMs: 180 }]);
  expect(after(waiting, { kind: 'stopped', elapsedMs: 190, reason: 'stopped' })).toEqual([{ ...open, toMs: 190 }]);
});

test('a pause behind another wait is a span of its own, and an end without a wait changes nothing', () => {
  expect(
    after(
      { kind: 'resumed', elapsedMs: 5 },
      { kind: 'waiting', elapsedMs: 100, reason: 'budget' },
      { kind: 'waiting', elapsedMs: 160, reason: 'paused' },
      { kind: 'resumed', elapsedMs: 200 },
      { kind: 'resumed', elapsedMs: 300 },
    ),
  ).toEqual([
    { step: 7, reason: 'budget', fromMs: 100, toMs: 160 },
    { step: 7, reason: 'paused', fromMs: 160, toMs: 200 },
  ]);
});
