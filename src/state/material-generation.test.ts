import { expect, it } from 'vitest';
import type { Dilemma } from '@/protocol/negotiation.ts';
import type { GeneratorEvent } from '@/protocol/negotiation-api.ts';
import {
  applyGeneratorEvent,
  endedGeneration,
  reviewTogether,
  reviewWith,
  startedGeneration,
} from './material-generation.ts';

const DILEMMA = { id: 'generated-a', goal: 'Return the ladder', origin: 'generated', split: 'train' } as Dilemma;
const EVENTS: readonly GeneratorEvent[] = [
  {
    kind: 'goalsProposed',
    category: 'everyday',
    goals: ['Return the ladder', 'Wash the wall'],
    rejected: [{ goal: 'No', faults: ['Too short.'] }],
  },
  { kind: 'rejected', goal: 'Return the ladder', text: 'Hm', faults: ['No question.'], attempt: 1 },
  { kind: 'accepted', dilemma: DILEMMA, done: 1, total: 2 },
];
const VIEW = EVENTS.reduce(applyGeneratorEvent, startedGeneration(2));

it('counts calls, goals and rejections, and lists the newest first', () => {
  expect(VIEW).toMatchObject({
    phase: 'running',
    total: 2,
    done: 1,
    numCalls: 3,
    numGoals: 2,
    numRejectedGoals: 1,
    numRejected: 1,
  });
  expect(VIEW.entries.map(({ number, entry }) => [number, entry.kind])).toEqual([
    [3, 'accepted'],
    [2, 'rejected'],
    [1, 'goalsProposed'],
  ]);
});

it('lists no more than 200 answers, and counts all', () => {
  const rejected = EVENTS[1] as GeneratorEvent;
  const long = Array.from({ length: 300 }, () => rejected).reduce(applyGeneratorEvent, startedGeneration(2));
  expect(long.entries).toHaveLength(200);
  expect([long.numRejected, long.entries[0]?.number]).toEqual([300, 300]);
});

it('hands accepted dilemmas on once, and keeps what was decided about the others', () => {
  const review = reviewWith([], EVENTS);
  expect(review).toEqual([{ dilemma: DILEMMA, isWanted: true }]);
  const dropped = [{ dilemma: DILEMMA, isWanted: false }];
  expect(reviewWith(dropped, EVENTS)).toBe(dropped);
  const other = { dilemma: { ...DILEMMA, id: 'generated-b' }, isWanted: true };
  expect(reviewTogether([...review, other], dropped)).toEqual([other, ...dropped]);
});

it('ends complete, stopped or failed, and keeps its counts', () => {
  expect(endedGeneration(VIEW, null).phase).toBe('complete');
  expect(endedGeneration({ ...VIEW, phase: 'stopping' }, null).phase).toBe('stopped');
  expect(endedGeneration(VIEW, { code: 'cancelled', message: '' })).toEqual({ ...VIEW, phase: 'stopped' });
  const failure = { code: 'endpointFailed', message: 'No answer.' } as const;
  expect(endedGeneration(VIEW, failure)).toEqual({ ...VIEW, phase: 'failed', failure });
});
