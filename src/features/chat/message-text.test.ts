import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blocksOf } from './message-text.ts';

test('paragraphs and code blocks, with the code as it is', () => {
  expect(blocksOf('\n\nOne\nline.\n\nTwo.\n```ts\nconst a = 1;\n\n  b();\n```\nThree')).toEqual([
    { kind: 'text', text: 'One\nline.' },
    { kind: 'text', text: 'Two.' },
    { kind: 'code', text: 'const a = 1;\n\n  b();' },
    { kind: 'text', text: 'Three' },
  ]);
});

test('a code block that is still being written is code; an empty one is one', () => {
  expect(blocksOf('So:\n```\nx = 1')).toEqual([
    { kind: 'text', text: 'So:' },
    { kind: 'code', text: 'x = 1' },
  ]);
  expect(blocksOf('```\n```')).toEqual([{ kind: 'code', text: '' }]);
  expect(blocksOf('')).toEqual([]);
});

test('no letter is lost', () => {
  const letters = (text: string): string => text.replaceAll(/\s/g, '');
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', ' ', '\n', '\n\n', 'b `c`', '  d')), (parts) => {
      const text = parts.join('');
      const shown = blocksOf(text).map((block) => block.text);
      expect(letters(shown.join(''))).toBe(letters(text));
    }),
  );
});
