import { describe, expect, it } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { answerIdsOf, probeLimit, probeScore } from './probe.ts';

describe('probeScore', () => {
  it('is the difference of logits for one form each, plus the bias', () => {
    expect(probeScore([2], [5], { yes_bias: 0 })).toBeCloseTo(-3, 14);
    expect(probeScore([2], [5], { yes_bias: 3.5 })).toBeCloseTo(0.5, 14);
  });
  it('adds up the forms of each answer', () => {
    expect(probeScore([1, 1, 1, 1], [1], { yes_bias: 0 })).toBeCloseTo(Math.log(4), 14);
  });
  it('counts for writing on whichever way the question is asked', () => {
    expect(probeScore([2], [5], { yes_bias: 1, probe_rule: 'pause' })).toBeCloseTo(4, 14);
  });
  it('equals the recorded score of a reference probe', () => {
    const yes = [19.8271, 20.48593, 16.488, 15.46102];
    const no = [22.18959, 19.09554, 15.27267, 13.55057];
    expect(probeScore(yes, no, { yes_bias: 1.14 })).toBeCloseTo(-0.17577, 4);
  });
});

describe('probeLimit', () => {
  it('is 0 by the published rule', () => {
    expect(probeLimit({}, 'thinkerOnly')).toBe(0);
  });
  it('asks more of a waiting writer than of a running one', () => {
    const params = { margin_threshold: -1, hysteresis: 0.25 };
    expect(probeLimit(params, 'thinkerOnly')).toBe(-0.75);
    expect(probeLimit(params, 'thinkerAndWriter')).toBe(-1.25);
  });
});

describe('answerIdsOf', () => {
  it('finds the one-token forms of the tiny vocabulary', async () => {
    const tokenizer = new PieceTokenizer(await readTinyTokenBytes());
    expect(answerIdsOf(tokenizer, ['yes', 'Yes'])).toEqual([279, 281, 283, 285]);
    expect(answerIdsOf(tokenizer, ['no', 'No'])).toEqual([280, 282, 284, 286]);
  });
  it('refuses a vocabulary without them', () => {
    const bytesOnly = new PieceTokenizer(Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)));
    expect(() => answerIdsOf(bytesOnly, ['yes', 'Yes'])).toThrow(Failure);
  });
});
