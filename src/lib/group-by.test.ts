import { expect, test } from 'vitest';
import { groupBy } from './group-by.ts';

test('keys come in the order of their first items, items in theirs', () => {
  const groups = groupBy(['b1', 'a1', 'b2'], (item) => item.charAt(0));
  expect([...groups]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1']],
  ]);
});
