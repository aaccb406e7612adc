import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repeatedKey } from './repeated-key.ts';

describe('repeatedKey', () => {
  test.each([
    ['{}', null],
    ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}]}', null],
    ['{"a":"a","b":"\\"a\\":","c":["a","a"]}', null],
    ['{"a":1,"a":2}', 'a'],
    ['{"a" : 1, "\\u0061" : 2}', 'a'],
    ['{"x":[{"b":{},"b":[]}]}', 'b'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('%s', (json, expected) => {
    expect(repeatedKey(json)).toBe(expected);
  });

  test('no value that was made by JSON.stringify has one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(repeatedKey(JSON.stringify(value))).toBeNull();
      }),
    );
  });

  test('long strings take time in proportion and no stack', () => {
    expect(repeatedKey(`{"a":"${'\\\\'.repeat(1_000_000)}","b":${'['.repeat(1e5)}${']'.repeat(1e5)}}`)).toBeNull();
  });
});
