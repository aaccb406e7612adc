import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Draft } from '@/protocol/reasoning.ts';
import { createDraftSender, type DraftSender } from './draft-sender.ts';

let sent: Draft[] = [];
let sender: DraftSender;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  sender = createDraftSender(
    (draft) => sent.push(draft),
    () => 1000,
  );
});

afterEach(() => {
  vi.useRealTimers();
});

test('a burst of keys goes out once, after a rest of 150 ms, as the newest text', () => {
  sender.changed('W');
  vi.advanceTimersByTime(100);
  sender.changed('Wh');
  vi.advanceTimersByTime(149);
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual([{ text: 'Wh', sent: false }]);
});

test('steady typing is handed over every 400 ms, and is not settled', () => {
  for (let key = 1; key <= 12; key++) {
    sender.changed('x'.repeat(key));
    vi.advanceTimersByTime(100);
  }
  expect(sent).toEqual([4, 8, 12].map((length) => ({ text: 'x'.repeat(length), sent: false })));
});

test('after a second without a key the text is settled, once', () => {
  sender.changed('Why');
  vi.advanceTimersByTime(999);
  expect(sent).toEqual([{ text: 'Why', sent: false }]);
  vi.advanceTimersByTime(5000);
  expect(sent.slice(1)).toEqual([{ text: 'Why', sent: false, settled: true }]);
});

test('an input method at work settles nothing, and nothing goes out before it is done', () => {
  sender.changed('Why ');
  sender.composing();
  expect(sent).toEqual([{ text: 'Why ', sent: false }]);
  vi.advanceTimersByTime(5000);
  expect(sent).toHaveLength(1);
  sender.changed('Why 空');
  vi.advanceTimersByTime(1000);
  expect(sent.slice(1)).toEqual([
    { text: 'Why 空', sent: false },
    { text: 'Why 空', sent: false, settled: true },
  ]);
});

test('Enter goes out at once and replaces what was waiting', () => {
  sender.changed('Why');
  sender.submitted('Why?');
  vi.advanceTimersByTime(5000);
  expect(sent).toEqual([{ text: 'Why?', sent: true }]);
});

test('a cancelled draft never goes out', () => {
  sender.changed('Why');
  sender.cancel();
  vi.advanceTimersByTime(5000);
  expect(sent).toEqual([]);
});
