import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createByteTextStream } from '@/testing/text-stream.ts';
import { StreamLog } from './stream-log.ts';

/** Ids are bytes. */
const createTextStream = (): ReturnType<typeof createByteTextStream> => createByteTextStream((id) => Uint8Array.of(id));
const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)];
const decode = (bytes: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(bytes), { stream: true });
const START = bytesOf('>>\n');

function logOf(text: string): StreamLog {
  const log = new StreamLog(START, createTextStream);
  for (const id of bytesOf(text)) log.accept(id, false);
  return log;
}

describe('StreamLog', () => {
  it('has text for what was sampled, not for what was given or ends it', () => {
    const log = logOf('ab');
    log.give(bytesOf(' [note]'));
    log.accept(0x63, false);
    log.accept(0x7a, true);
    expect(log.content()).toEqual({ text: 'abc', tokens: 4 });
    expect(log.takeText()).toBe('abc');
    expect(log.takeText()).toBe('');
    log.dropLast();
    expect(log.content()).toEqual({ text: 'abc', tokens: 3 });
    expect(log.tokens).toEqual(bytesOf('>>\nab [note]c'));
    log.restart([1, 2]);
    expect([log.tokens, log.startLength, log.content()]).toEqual([[1, 2], 2, { text: '', tokens: 0 }]);
  });

  it('counts ranges in UTF-16 units', () => {
    const log = logOf('a👍b');
    expect(log.sampledFrom(START.length + 5)).toEqual({ tokens: 1, range: { from: 3, to: 4 } });
    expect(log.sampledFrom(0)).toEqual({ tokens: 6, range: { from: 0, to: 4 } });
    // In the middle of the character: its text came with its last byte.
    expect(log.sampledFrom(START.length + 3)).toEqual({ tokens: 3, range: { from: 1, to: 4 } });
    expect(log.sampledFrom(99)).toEqual({ tokens: 0, range: { from: 4, to: 4 } });
  });

  it('goes on with a character that a cut left incomplete', () => {
    const log = logOf('a👍');
    log.cut(START.length + 3);
    expect(log.content()).toEqual({ text: 'a', tokens: 3 });
    for (const id of bytesOf('👍').slice(2)) log.accept(id, false);
    expect(log.content().text).toBe('a👍');
    expect(log.takeText()).toBe('👍');
  });

  it('holds the text of its sampled tokens after any series of changes', () => {
    const piece = fc.constantFrom('a', 'é', '👍', '没', '\n').map(bytesOf);
    const change = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('accept' as const), ids: piece }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('give' as const), ids: piece }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), by: fc.nat(6) }) },
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const log = new StreamLog(START, createTextStream);
        let held: { readonly id: number; readonly isSampled: boolean }[] = START.map((id) => ({
          id,
          isSampled: false,
        }));
        for (const each of changes)
          if (each.kind === 'cut') {
            const length = Math.max(1, held.length - each.by);
            log.cut(length);
            held = held.slice(0, length);
          } else if (each.kind === 'give') {
            log.give(each.ids);
            held.push(...each.ids.map((id) => ({ id, isSampled: false })));
          } else
            for (const id of each.ids) {
              log.accept(id, false);
              held.push({ id, isSampled: true });
            }
        const sampled = held.filter(({ isSampled }) => isSampled).map(({ id }) => id);
        expect(log.tokens).toEqual(held.map(({ id }) => id));
        expect(log.content()).toEqual({ text: decode(sampled), tokens: sampled.length });
      }),
    );
  });
});
