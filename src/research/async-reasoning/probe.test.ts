import { describe, expect, it } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { answerIdsOf, probeScore } from './probe.ts';

describe('probeScore', () => {
  it('is the difference of logits for one form each, plus the bias', () => {
    expect(probeScore([2], [5], 0)).toBeCloseTo(-3, 14);
    expect(probeScore([2], [5], 3.5)).toBeCloseTo(0.5, 14);
  });
  it('adds up the forms of each answer', () => {
    expect(probeScore([1, 1, 1, 1], [1], 0)).toBeCloseTo(Math.log(4), 14);
  });
  it('equals the recorded score of a reference probe', () => {
    const yes = [19.8271, 20.48593, 16.488, 15.46102];
    const no = [22.18959, 19.09554, 15.27267, 13.55057];
    expect(probeScore(yes, no, 1.14)).toBeCloseTo(-0.17577, 4);
  });
});

describe('answerIdsOf', () => {
  it('finds the one-token forms of the tiny vocabulary', async () => {
    expect(answerIdsOf(new PieceTokenizer(await readTinyTokenBytes()))).toEqual({
      yesIds: [279, 281, 283, 285],
      noIds: [280, 282, 284, 286],
    });
  });
  it('refuses a vocabulary without them', () => {
    const bytesOnly = new PieceTokenizer(Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)));
    expect(() => answerIdsOf(bytesOnly)).toThrow(Failure);
  });
});
