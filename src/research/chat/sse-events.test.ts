import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { SseEvents } from './sse-events.ts';

function read(parts: readonly string[]): string[] {
  const events = new SseEvents();
  return [...parts.flatMap((part) => events.push(part)), ...events.finish()];
}

it.each([
  ['one event', 'data: a\n\n', ['a']],
  ['without a space', 'data:a\n\n', ['a']],
  ['CRLF and CR', 'data: a\r\n\r\ndata: b\r\rdata: c\n\n', ['a', 'b', 'c']],
  ['several lines of one event', 'data: a\ndata\ndata: b\n\n', ['a\n\nb']],
  ['comments and other fields', ': ping\n\nevent: x\nid: 1\ndata: a\nretry: 9\n\n', ['a']],
  ['an event that no empty line ends', 'data: a\n\ndata: b', ['a', 'b']],
  ['no event', '\n\n\n', []],
  ['data of many lines is not another field', 'database: a\n\n', []],
])('%s', (_, text, events) => {
  expect(read([text])).toEqual(events);
});

test('an event is given as soon as it is whole', () => {
  const events = new SseEvents();
  expect(['da', 'ta: a\n', '\nd', 'ata: b\r', '\n\r', '\n'].map((part) => events.push(part))).toEqual([
    [],
    [],
    ['a'],
    [],
    [],
    ['b'],
  ]);
});

test('the same text gives the same events however it is cut', () => {
  const text = fc
    .array(fc.constantFrom('data: a', 'data:', '\n', '\r\n', '\r', ':x', 'é😀', 'event: y'), { maxLength: 20 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 80 }), { maxLength: 10 }), (whole, cuts) => {
      const at = [...new Set(cuts.filter((cut) => cut < whole.length))].toSorted((a, b) => a - b);
      const parts = [0, ...at].map((from, i) => whole.slice(from, at[i] ?? whole.length));
      expect(read(parts)).toEqual(read([whole]));
    }),
  );
});
