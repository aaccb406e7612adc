import { describe, expect, it } from 'vitest';
import type { NegotiationEvent } from '@/protocol/negotiation-run.ts';
import { planOf } from './training-schemas.ts';
import { RolloutProgress } from './step-clock.ts';

const plan = planOf({
  kind: 'start',
  name: 'Fair',
  steps: 1,
  settings: { groupSize: 2, maxTurns: 2, maxUtteranceTokens: 4 },
});
const token = (row: number): NegotiationEvent => ({
  kind: 'stepped',
  tokens: [{ row, tokenId: 1, text: 'a', logProb: -1 }],
});
const ended = (row: number): NegotiationEvent => ({
  kind: 'utteranceEnded',
  row,
  utterance: {
    kind: 'utterance',
    role: 'agent1',
    turn: 1,
    promptIds: [],
    tokenIds: [],
    logProbs: [],
    text: '',
    stop: 'stopToken',
    isTruncated: false,
    origin: 'model',
  },
});

describe('how far a step’s dialogues are', () => {
  it('grows with every token, and counts an utterance that ends early as a whole one', () => {
    const progress = new RolloutProgress(plan);
    const seen = [progress.done];
    const take = (event: NegotiationEvent): void => {
      progress.take(0, event);
      seen.push(progress.done);
    };
    take(token(0));
    take(token(0));
    // Two rows, each with two exchanges and an answer.
    expect(progress.done).toBeCloseTo(0.5 / 10, 9);
    take(ended(0));
    expect(progress.done).toBeCloseTo(1 / 10, 9);
    for (let i = 0; i < 4; i++) take(token(1));
    expect(progress.done).toBeLessThan(2 / 10);
    take(ended(1));
    take({ kind: 'dialogueEnded', row: 0, outcome: 'failed' });
    expect(progress.done).toBeCloseTo(6 / 10, 9);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    progress.endGroup(0);
    expect(progress.done).toBe(1);
  });
});
