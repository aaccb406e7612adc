import { expect, test } from 'vitest';
import { fileStem } from './file-stem.ts';

test.each([
  ['  Why is the sky blue?', 'why-is-the-sky-blue'],
  ['Zwölf Äpfel / 12', 'zwölf-äpfel-12'],
  ['हिन्दी में', 'हिन्दी-में'],
  ['空はなぜ青い？', '空はなぜ青い'],
  ['… !', 'unnamed'],
  ['', 'unnamed'],
])('%j becomes %j', (name, stem) => {
  expect(fileStem(name, 'unnamed')).toBe(stem);
});

test('a long one is cut, between letters and not behind a dash', () => {
  expect(fileStem('abc def', 'x', 4)).toBe('abc');
  expect(fileStem('\u{20000}\u{20001}\u{20002}', 'x', 2)).toBe('\u{20000}\u{20001}');
  expect(fileStem('a'.repeat(99), 'x')).toHaveLength(60);
});
