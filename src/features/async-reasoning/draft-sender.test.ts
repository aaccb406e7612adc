import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDraftSender, type Draft, type DraftSender } from './draft-sender.ts';

let sent: Draft[] = [];
let sender: DraftSender;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  sender = createDraftSender((draft) => sent.push(draft));
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

test('steady typing is handed over every 400 ms', () => {
  for (let key = 1; key <= 12; key++) {
    sender.changed('x'.repeat(key));
    vi.advanceTimersByTime(100);
  }
  expect(sent.map(({ text }) => text.length)).toEqual([4, 8, 12]);
});

test('Enter goes out at once and replaces what was waiting', () => {
  sender.changed('Why');
  sender.submitted('Why?');
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([{ text: 'Why?', sent: true }]);
});

test('flush hands over at once, and nothing twice', () => {
  sender.changed('Why');
  sender.flush();
  sender.flush();
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([{ text: 'Why', sent: false }]);
});

test('a cancelled draft never goes out', () => {
  sender.changed('Why');
  sender.cancel();
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([]);
});
