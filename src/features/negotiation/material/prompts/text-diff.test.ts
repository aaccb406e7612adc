import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diffTexts, type DiffPart } from './text-diff.ts';

const textOf = (parts: readonly DiffPart[], other: DiffPart['kind']): string =>
  parts
    .filter(({ kind }) => kind !== other)
    .map(({ text }) => text)
    .join('');

it('shows what was taken out and put in, and keeps the rest', () => {
  expect(diffTexts('Answer in 80 words.', 'Answer in 50 words or fewer.')).toEqual([
    { kind: 'same', text: 'Answer in ' },
    { kind: 'removed', text: '80' },
    { kind: 'added', text: '50' },
    { kind: 'same', text: ' words' },
    { kind: 'added', text: ' or fewer' },
    { kind: 'same', text: '.' },
  ]);
});

it('takes a slot as one word', () => {
  expect(diffTexts('{persona_1}', '{persona_2}')).toEqual([
    { kind: 'removed', text: '{persona_1}' },
    { kind: 'added', text: '{persona_2}' },
  ]);
  expect(diffTexts('a', 'a')).toEqual([{ kind: 'same', text: 'a' }]);
});

it('holds both texts, whatever they are', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ' ', '\n', '.', '{slot}', 'é'), { maxLength: 40 })
    .map((t) => t.join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const parts = diffTexts(before, after);
      expect(textOf(parts, 'added')).toBe(before);
      expect(textOf(parts, 'removed')).toBe(after);
    }),
  );
});

it('does not compare word by word what is too long for it', () => {
  const words = (word: string): string => Array.from({ length: 3000 }, (_, i) => word + i).join(' ');
  const parts = diffTexts(words('a'), words('b'));
  expect(textOf(parts, 'added')).toBe(words('a'));
  expect(textOf(parts, 'removed')).toBe(words('b'));
});
