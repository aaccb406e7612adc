import { expect, test } from 'vitest';
import { paragraphsOf, partsOf, piecesOf, tintedPiecesOf } from './stream-paragraphs.ts';

const whole = (text: string): { from: number; to: number } => ({ from: 0, to: text.length });

test.each([
  ['', []],
  ['\n\n', []],
  ['One', [['One', 0]]],
  [
    '\n\nOne\n\n\nTwo\n',
    [
      ['One', 2],
      ['Two\n', 8],
    ],
  ],
])('%j has the paragraphs %j', (text, expected) => {
  expect(paragraphsOf(text, whole(text)).map((paragraph) => [paragraph.text, paragraph.from])).toEqual(expected);
});

test('a part of a text keeps its places in the whole', () => {
  expect(paragraphsOf('One two\n\nThree', { from: 3, to: 12 })).toEqual([
    { text: 'two', from: 4 },
    { text: 'Thr', from: 9 },
  ]);
});

test('a text is cut at places, also behind its end', () => {
  expect(partsOf('abcd', [])).toEqual([{ from: 0, to: 4 }]);
  expect(partsOf('abcd', [1, 9])).toEqual([
    { from: 0, to: 1 },
    { from: 1, to: 4 },
    { from: 4, to: 4 },
  ]);
});

test('marks cut a paragraph into pieces; those of other paragraphs do not touch it', () => {
  const paragraph = { text: 'abcdef', from: 10 };
  const marks = [
    { from: 0, to: 12 },
    { from: 13, to: 14 },
    { from: 15, to: 40 },
  ];
  expect(piecesOf(paragraph, marks)).toEqual([
    { text: 'ab', isMarked: true },
    { text: 'c', isMarked: false },
    { text: 'd', isMarked: true },
    { text: 'e', isMarked: false },
    { text: 'f', isMarked: true },
  ]);
  expect(piecesOf(paragraph, [{ from: 0, to: 10 }])).toEqual([{ text: 'abcdef', isMarked: false }]);
  expect(piecesOf(paragraph, [{ from: 16, to: 20 }])).toEqual([{ text: 'abcdef', isMarked: false }]);
});

test('pieces that stand out know by how much, also where one reaches over the end of a paragraph', () => {
  const tints = [
    { from: 3, to: 6, share: 0.5 },
    { from: 9, to: 20, share: 1 },
  ];
  expect(tintedPiecesOf({ text: 'abcdefghij', from: 2 }, tints)).toEqual([
    { text: 'a', from: 2, share: 0 },
    { text: 'bcd', from: 3, share: 0.5 },
    { text: 'efg', from: 6, share: 0 },
    { text: 'hij', from: 9, share: 1 },
  ]);
  expect(tintedPiecesOf({ text: 'next', from: 14 }, tints)).toEqual([{ text: 'next', from: 14, share: 1 }]);
});
