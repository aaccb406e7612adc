import { describe, expect, it } from 'vitest';
import type { EvaluationPiece, NegotiationEvaluationRequest } from '@/protocol/negotiation-evaluation.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { dialogue, HELD_OUT, OUR_PAIRS } from '@/testing/negotiation-evaluation-doubles.ts';
import { checkEvaluation } from './evaluation-schemas.ts';

const contestants = [{ name: ' base ', adapterId: null, role: 'base' }] as const;

describe('a request for an evaluation', () => {
  it('has defaults: all that is held out, negotiated greedily once, judged by the model', () => {
    const { wishes, judge, pairwiseJudge, done } = checkEvaluation({ contestants });
    expect(wishes).toMatchObject({
      contestants: [{ name: 'base', adapterId: null, role: 'base' }],
      dilemmas: HELD_OUT,
      pairs: OUR_PAIRS,
      sets: ['conflict'],
      decodings: ['greedy'],
      repetitions: 1,
      settings: DEFAULT_NEGOTIATION,
      ability: null,
      seed: 0,
    });
    expect([judge, pairwiseJudge, done]).toEqual([{ kind: 'engine' }, { kind: 'engine' }, []]);
  });

  it('is compared by the judge if it can, else by the model, or by nobody', () => {
    const comparer = (request: Partial<NegotiationEvaluationRequest>): unknown =>
      checkEvaluation({ contestants, ...request }).pairwiseJudge;
    const endpoint = { kind: 'endpoint', url: 'http://localhost/v1', model: 'm' } as const;
    expect(comparer({ judge: endpoint })).toEqual(endpoint);
    expect(comparer({ judge: { kind: 'rule', rule: { kind: 'personas' } } })).toEqual({ kind: 'engine' });
    expect(comparer({ judge: endpoint, pairwiseJudge: null })).toBeNull();
    expect(comparer({ pairwiseJudge: endpoint })).toEqual(endpoint);
  });

  it('takes ids of ours, and the seed of the settings', () => {
    const [dilemma, pair] = [HELD_OUT[1], OUR_PAIRS[1]];
    const { wishes } = checkEvaluation({
      contestants,
      dilemmas: [dilemma?.id ?? ''],
      pairs: [pair?.id ?? ''],
      settings: { seed: 5, max_turns: 2 },
    });
    expect(wishes).toMatchObject({ dilemmas: [dilemma], pairs: [pair], seed: 5, settings: { maxTurns: 2 } });
    expect(checkEvaluation({ contestants, settings: { seed: 5 }, seed: 6 }).wishes.seed).toBe(6);
  });

  it.each<readonly [string, Partial<NegotiationEvaluationRequest>]>([
    ['contestants', { contestants: [] }],
    [
      'contestants',
      { contestants: Array.from({ length: 5 }, (_, index) => ({ ...contestants[0], name: `${index}` })) },
    ],
    ['dilemmas', { dilemmas: [] }],
    ['no-such-dilemma', { dilemmas: ['no-such-dilemma'] }],
    ['no-such-pair', { pairs: ['no-such-pair'] }],
    ['sets', { sets: [] }],
    ['decodings', { decodings: ['greedy', 'greedy'] }],
    ['repetitions', { repetitions: 0 }],
    ['settings', { settings: { maxTurns: 0 } }],
    ['by hand', { judge: { kind: 'human' } }],
    ['templates.turn', { templates: { turn: 'without its slot' } }],
    ['itemsPerSet', { ability: { sets: ['safety'], itemsPerSet: 1000 } }],
    ['sets', { ability: { sets: ['safety', 'safety'], itemsPerSet: 1 } }],
    ['seed', { seed: -1 }],
  ])('is refused by the name of what is wrong: %s', (named, wrong) => {
    const check = (): unknown => checkEvaluation({ contestants, ...wrong });
    expect(check).toThrow(expect.objectContaining({ code: 'invalidConfig' }));
    expect(check).toThrow(named);
  });

  it('is refused with pieces that were never finished', () => {
    const where = { set: 'conflict', decoding: 'greedy', repetition: 0, dilemmaId: 'a', pairId: 'b' } as const;
    const record = { ...dialogue('An answer.', 1), verdict: { state: 'scored', score: 3 } as const };
    const piece: EvaluationPiece = { kind: 'dialogue', contestant: 'base', ...where, record };
    expect(checkEvaluation({ contestants, done: [piece] }).done).toEqual([piece]);
    const { verdict: _verdict, ...unjudged } = record;
    for (const wrong of [{ ...record, outcome: 'stopped' as const }, unjudged])
      expect(() => checkEvaluation({ contestants, done: [{ ...piece, record: wrong }] })).toThrow('done.0');
  });
});
