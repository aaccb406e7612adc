import { expect, test } from 'vitest';
import { endOfLastSentence } from './sentences.ts';

test.each([
  ['', ''],
  ['The capital', ''],
  ['The capital is Paris.', ''],
  ['The capital is Paris. It', 'The capital is Paris.'],
  ['It is 3.14 exactly', ''],
  ['One? Two! Thr', 'One? Two!'],
  ['A list\n\n- x', 'A list\n\n'],
])('%j has the complete sentences %j', (text, complete) =>
  expect(text.slice(0, endOfLastSentence(text))).toBe(complete),
);
