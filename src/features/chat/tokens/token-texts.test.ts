import { expect, test } from 'vitest';
import type { ChatToken } from '@/protocol/chat.ts';
import { choicesOf, spokenToken, surpriseOf, TOKEN_CSV_COLUMNS, tokenLine, tokenRow } from './token-texts.ts';

const PARIS: ChatToken = {
  text: ' Paris',
  logProb: Math.log(0.25),
  top: [
    { text: ' Lyon', logProb: Math.log(0.5) },
    { text: ' Paris', logProb: Math.log(0.25) },
  ],
  isThinking: false,
};

test('what is certain has no colour, one percent and less has all of it, what is not known none', () => {
  const of = (probability: number): number => surpriseOf({ logProb: Math.log(probability) });
  expect([1, 0.5, 0.1, 0.01, 1e-9].map(of)).toEqual([0, 0.15, 0.5, 1, 1]);
  expect(surpriseOf({ logProb: Number.NaN })).toBe(0);
});

test('the token that was taken is marked in its rank, or stands behind the likeliest', () => {
  expect(choicesOf(PARIS).map(({ text, isTaken }) => [text, isTaken])).toEqual([
    [' Lyon', false],
    [' Paris', true],
  ]);
  expect(choicesOf({ ...PARIS, text: ' Nice' }).at(-1)).toMatchObject({ text: ' Nice', isTaken: true });
});

test('as a sentence, as a row and as a line of a file', () => {
  expect(spokenToken(PARIS)).toBe('\u2423Paris: 25.0 %. Others: \u2423Lyon 50.0 %.');
  expect(spokenToken({ ...PARIS, logProb: Number.NaN, top: [] })).toBe('\u2423Paris: not measured.');
  expect(tokenRow(PARIS, 3)).toEqual([3, '\u2423Paris', '25.0 %', 'answer', '\u2423Lyon 50.0 %  \u2423Paris 25.0 %']);
  const line = tokenLine({ ...PARIS, isThinking: true, logProb: Number.NaN }, 3);
  expect(line).toHaveLength(TOKEN_CSV_COLUMNS.length);
  expect(line.slice(0, 6)).toEqual([3, ' Paris', null, 'thoughts', ' Lyon', Math.log(0.5)]);
  expect(line.slice(8)).toEqual([null, null, null, null, null, null]);
});
