import { describe, expect, it } from 'vitest';
import type { EvaluationPiece, NegotiationEvaluationEvent } from '@/protocol/negotiation-evaluation.ts';
import { collect } from '@/testing/negotiation-doubles.ts';
import { evaluationPlan, FakeParts, fromFile } from '@/testing/negotiation-evaluation-doubles.ts';
import { planEvaluation } from './plan.ts';
import { type EvaluationResult, runNegotiationEvaluation } from './run-negotiation-evaluation.ts';

const PLAN = planEvaluation({
  ...evaluationPlan(),
  sets: ['conflict', 'open'],
  decodings: ['greedy', 'sampling'],
  repetitions: 2,
  ability: { sets: ['commonsense'], itemsPerSet: 2, text: 'Some text.' },
});
const CONFLICT = planEvaluation(evaluationPlan());

interface Outcome {
  readonly events: readonly NegotiationEvaluationEvent[];
  readonly result: EvaluationResult;
  readonly calls: readonly string[];
}

async function run(plan = CONFLICT, done: readonly EvaluationPiece[] = []): Promise<Outcome> {
  const parts = new FakeParts();
  const { signal } = new AbortController();
  const { events, result } = await collect(runNegotiationEvaluation(plan, parts, { done, signal }));
  return { events, result, calls: parts.calls };
}

describe('an evaluation', () => {
  it('hears every contestant on a dilemma, judges, then compares', async () => {
    const { calls, result } = await run();
    const [first] = CONFLICT.dilemmas;
    const [pair] = CONFLICT.pairs;
    expect(calls.slice(0, 6).map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
      'negotiate base',
      'score base',
      'negotiate tuned',
      'score tuned',
      'compare caAlignment',
      'compare conflictResolution',
    ]);
    expect(calls[0]).toContain(`${first?.id} ${pair?.id}`);
    expect(calls[4]).toMatch(/"tuned settles .*" "base settles .*"/);
    expect(result.pieces).toHaveLength(2 * (2 + 2));
    expect(result.pieces[0]).toMatchObject({
      kind: 'dialogue',
      contestant: 'base',
      dilemmaId: first?.id,
      pairId: pair?.id,
      record: { outcome: 'agreed', verdict: { state: 'scored' } },
    });
    expect(result.pieces[2]).toMatchObject({
      kind: 'pairwise',
      left: 'tuned',
      right: 'base',
      verdict: { winner: 'left' },
    });
  });

  it('asks open questions of one alone, without a pair', async () => {
    const { calls, result } = await run({ ...CONFLICT, sets: ['open'] });
    expect(calls.filter((call) => call.startsWith('negotiate'))).toEqual([]);
    expect(result.pieces.filter(({ kind }) => kind === 'dialogue')).toHaveLength(4);
    for (const piece of result.pieces)
      if (piece.kind === 'dialogue') expect(piece).toMatchObject({ pairId: null, record: { agreements: [] } });
  });

  it('tells what it makes, with tables that fill and the time that is left', async () => {
    const { events } = await run();
    expect(events[0]).toEqual({ kind: 'started', total: 8, done: 0 });
    const ended = events.filter((event) => event.kind === 'pieceEnded');
    expect(ended.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(events.filter(({ kind }) => kind === 'pieceStarted')).toHaveLength(8);
    expect(ended.at(-1)?.secondsLeft).toBe(0);
    // A dialogue takes two seconds, a comparison one; of those none was made yet, so they count as the mean.
    expect(ended[1]?.secondsLeft).toBe(2 * 2 + 4 * 2);
    expect(ended[3]?.secondsLeft).toBe(2 * 2 + 2 * 1);
    expect(ended[1]?.summary.contestants.map(({ count }) => count)).toEqual([1, 1]);
  });

  it('reads items and texts of every contestant at the end', async () => {
    const { result } = await run(PLAN);
    const rest = result.pieces.slice(-6);
    expect(rest.map(({ kind }) => kind)).toEqual([...Array(4).fill('ability'), 'perplexity', 'perplexity']);
    expect(result.summary.ability.map(({ contestant, correct, count }) => [contestant, correct, count])).toEqual([
      ['base', 2, 2],
      ['tuned', 0, 2],
    ]);
    expect(result.summary.perplexity[0]).toEqual({
      contestant: 'base',
      numTokens: 3,
      perplexity: expect.closeTo(2, 9),
    });
  });

  it('draws anew in each repetition, and runs greedy decoding once', async () => {
    const { result } = await run({ ...PLAN, sets: ['conflict'] });
    const texts = result.pieces.flatMap((piece) =>
      piece.kind === 'dialogue' && piece.contestant === 'base' && piece.dilemmaId === PLAN.dilemmas[0]?.id
        ? [`${piece.decoding} ${piece.repetition} ${piece.record.completion?.text}`]
        : [],
    );
    expect(texts).toHaveLength(3);
    expect(new Set(texts.map((text) => text.split(' by ')[1])).size).toBe(2);
  });
});

describe('an interrupted evaluation', () => {
  it('comes to the same, wherever it was interrupted, and makes nothing twice', async () => {
    const whole = await run(PLAN);
    for (const numDone of [0, 1, 7, whole.result.pieces.length - 1, whole.result.pieces.length]) {
      const done = fromFile(whole.result.pieces.slice(0, numDone));
      const resumed = await run(PLAN, done);
      expect(resumed.result).toEqual(whole.result);
      expect(resumed.events[0]).toMatchObject({ done: numDone, total: whole.result.pieces.length });
      expect(whole.calls.slice(-resumed.calls.length || whole.calls.length)).toEqual(resumed.calls);
    }
    // Nor does the order of what was done matter, nor gaps in it.
    const done = fromFile(whole.result.pieces.filter((_, index) => index % 3 === 1)).toReversed();
    expect((await run(PLAN, done)).result).toEqual(whole.result);
  });

  it('can be ended between two pieces, and has no piece of what was under way', async () => {
    const controller = new AbortController();
    const parts = new FakeParts();
    const pieces: EvaluationPiece[] = [];
    const running = collect(runNegotiationEvaluation(CONFLICT, parts, { signal: controller.signal }), (event) => {
      if (event.kind === 'pieceEnded') pieces.push(event.piece);
      if (pieces.length === 3) controller.abort();
    });
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(pieces).toHaveLength(3);

    // Ended within a dialogue, which then has a record all the same.
    const inDialogue = new AbortController();
    class Stopping extends FakeParts {
      override negotiate(task: Parameters<FakeParts['negotiate']>[0]): ReturnType<FakeParts['negotiate']> {
        inDialogue.abort();
        return super.negotiate(task);
      }
    }
    const stopped = collect(runNegotiationEvaluation(CONFLICT, new Stopping(), { signal: inDialogue.signal }));
    await expect(stopped).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('refuses pieces of another evaluation, and those that are there twice', async () => {
    const { pieces } = (await run()).result;
    const [piece] = pieces;
    if (piece?.kind !== 'dialogue') throw new Error('The first piece is no dialogue.');
    for (const stranger of [
      { ...piece, contestant: 'unknown' },
      { ...piece, pairId: 'other-pair' },
      { ...piece, dilemmaId: 'other-dilemma' },
      { ...piece, repetition: 1 },
    ])
      await expect(run(CONFLICT, [stranger])).rejects.toMatchObject({ code: 'invalidConfig' });
    await expect(run(CONFLICT, [piece, piece])).rejects.toThrow('done.1');
    await expect(run(CONFLICT, [piece, piece])).rejects.toThrow('twice');
  });

  it('grades answers to items again', async () => {
    const whole = await run(PLAN);
    const forged = whole.result.pieces.map((piece) =>
      piece.kind === 'ability' ? { ...piece, isCorrect: !piece.isCorrect, extracted: 'Z' } : piece,
    );
    expect((await run(PLAN, forged)).result).toEqual(whole.result);
  });
});
