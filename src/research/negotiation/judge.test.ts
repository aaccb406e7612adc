import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { HumanQuestion, JudgedAnswer, PairwiseAnswer } from '@/protocol/negotiation-api.ts';
import { rewardOf, type JudgeVerdict, type Utterance } from '@/protocol/negotiation-run.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, collect, DILEMMA, PAIR, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import { RuleAgreement } from './agreement.ts';
import { CachedJudge } from './cached-judge.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { EngineJudge } from './engine-judge.ts';
import { rolloutGroup } from './group-rollout.ts';
import { HumanJudge } from './human-judge.ts';
import { expectedScore, type Judge, unreadable } from './judge.ts';
import { judgePair, summarisePairs } from './pairwise.ts';
import { RuleJudge } from './rule-judge.ts';
import { scoreGroup } from './score-group.ts';

let pieces: readonly Uint8Array[];
let tokenizer: ChatTokenizer;
beforeAll(async () => {
  pieces = await readTinyTokenBytes();
  tokenizer = chatMl(new PieceTokenizer(pieces));
});

const textOf = (ids: readonly number[]): string =>
  new TextDecoder().decode(Uint8Array.from(ids.flatMap((id) => [...at(pieces, id)])));

const TRANSCRIPT: JudgedAnswer = {
  dilemma: 'A tree. Cut it?',
  persona1: 'Prune what grows.',
  persona2: 'Protect the shade.',
  completion: 'We prune and protect.',
  dialogue: [
    { role: 'agent1', text: 'Secret one' },
    { role: 'agent2', text: 'Secret two' },
  ],
};

/** Of the digits 0 to 5; the design's numeric example. */
const DIGIT_LOGITS = [-2, -1, 0.5, 2, 3, 1.5];

function digitDecoder(logits: readonly number[] = DIGIT_LOGITS): FakeDecoder & { readonly seen: string[] } {
  const seen: string[] = [];
  const decoder = new FakeDecoder({
    vocabSize: pieces.length,
    logits: ({ visibleIds, wants }) => {
      if (wants === 'logitsOf') seen.push(textOf(visibleIds));
      const digits = logits.map((logit, digit): [number, number] => [
        at(tokenizer.encode(String(digit), { parseSpecial: false }), 0),
        logit,
      ]);
      return new Map([...digits, [at(tokenizer.encode('A', { parseSpecial: false }), 0), 1]]);
    },
  });
  return Object.assign(decoder, { seen });
}

describe('the expected score', () => {
  it('is the example of the design', () => {
    const { score, distribution } = expectedScore(DIGIT_LOGITS);
    expect(score).toBeCloseTo(3.769856, 6);
    expect(distribution.map((p) => Number(p.toFixed(4)))).toEqual([0.004, 0.0108, 0.0483, 0.2166, 0.5889, 0.1314]);
    const topFive = [-Infinity, ...DIGIT_LOGITS.slice(1)];
    expect(expectedScore(topFive).score).toBeCloseTo(3.784874, 6);
  });

  it('stays between 0 and 5 and grows with the logit of 5', () => {
    const logit = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(logit, { minLength: 6, maxLength: 6 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (logits, more) => {
          const { score, distribution } = expectedScore(logits);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(5 + 1e-9);
          expect(distribution.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          const raised = logits.with(5, at(logits, 5) + more);
          expect(expectedScore(raised).score).toBeGreaterThanOrEqual(score - 1e-9);
        },
      ),
    );
  });
});

describe('the model as its own judge', () => {
  const options = { prompts: SHORT_PROMPTS, name: 'tiny' };

  it('reads once, without the adapter and without the dialogue', async () => {
    const decoder = digitDecoder();
    const adapters = new Set<string | undefined>();
    const forward = decoder.forward.bind(decoder);
    decoder.forward = (rows) => {
      for (const { adapter } of rows) adapters.add(adapter);
      return forward(rows);
    };
    {
      using judge = new EngineJudge(decoder, { tokenizer, ...options });
      const verdict = await judge.score(TRANSCRIPT);
      expect(verdict).toMatchObject({ state: 'scored' });
      expect(verdict.state === 'scored' && verdict.score).toBeCloseTo(3.769856, 6);
      // 312 other ids have logit 0, "A" has 1.
      const digits = DIGIT_LOGITS.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const rest = pieces.length - 7 + Math.exp(1);
      expect(verdict.state === 'scored' && verdict.answerMass).toBeCloseTo(digits / (digits + rest), 9);
      await judge.score({ ...TRANSCRIPT, completion: 'Another one.' });
    }
    expect([...adapters]).toEqual(['off']);
    expect(decoder.seen[0]).toBe(
      '<|im_start|>user\nscore Prune what grows.Protect the shade. A tree. Cut it? We prune and protect.<|im_end|>\n' +
        '<|im_start|>assistant\n',
    );
    expect(decoder.seen.join()).not.toContain('Secret');
    // What the two have in common was read once.
    const wholes = decoder.seen.map((text) => tokenizer.encode(text, { parseSpecial: true }).length);
    const numShared = decoder.encodedInto('judge shared').length;
    expect(numShared).toBeGreaterThan(20);
    expect(decoder.encodedInto('judge')).toHaveLength(wholes.reduce((sum, length) => sum + length - numShared, 0));
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('sees the dialogue where it is to', async () => {
    const decoder = digitDecoder();
    using judge = new EngineJudge(decoder, { tokenizer, ...options, seesDialogue: true });
    await judge.score(TRANSCRIPT);
    expect(decoder.seen[0]).toContain('agent1:Secret one|agent2:Secret two');
  });

  it('says what it cannot read, and refuses a vocabulary without digits', async () => {
    using judge = new EngineJudge(digitDecoder([0, 1, Number.NaN, 1, 1, 1]), { tokenizer, ...options });
    expect(await judge.score(TRANSCRIPT)).toMatchObject({ state: 'unreadable', raw: '0 1 NaN 1 1 1' });
    const blind: ChatTokenizer = { ...tokenizer, encode: (text, how) => [0, ...tokenizer.encode(text, how)] };
    expect(() => new EngineJudge(digitDecoder(), { tokenizer: blind, ...options })).toThrow('"0" is not one token');
  });

  it('gives the same numbers in any pieces', async () => {
    const model = await readTinyReferenceModel('llama');
    const verdicts: JudgeVerdict[] = [];
    for (const maxForwardTokens of [5, 1000]) {
      using judge = new EngineJudge(new ReferenceDecoder(model), {
        tokenizer,
        ...options,
        limits: { rowsPerForward: 1, maxForwardTokens },
      });
      verdicts.push(await judge.score(TRANSCRIPT));
    }
    expect(verdicts[0]).toEqual(verdicts[1]);
  });

  it('compares two answers', async () => {
    const verdict = { opening: 'Verdict: ', a: 'A', b: 'B' };
    const decoder = digitDecoder();
    using judge = new EngineJudge(decoder, { tokenizer, ...options, verdict });
    const question = { aspect: 'caAlignment', dilemma: 'Cut it?', left: 'one', right: 'two' } as const;
    // It always prefers the first place.
    expect(await judgePair(judge, question)).toMatchObject({
      winner: 'inconsistent',
      answers: [{ answer: 'A' }, { answer: 'A' }],
    });
    expect(decoder.seen.map((text) => text.slice(text.indexOf('A:')))).toEqual([
      'A:one B:two<|im_end|>\n<|im_start|>assistant\nVerdict: ',
      'A:two B:one<|im_end|>\n<|im_start|>assistant\nVerdict: ',
    ]);
  });
});

describe('pairs', () => {
  const chosen = (answer: 'A' | 'B'): PairwiseAnswer => ({ state: 'chosen', answer });

  it.each([
    ['A', 'B', 'left'],
    ['B', 'A', 'right'],
    ['A', 'A', 'inconsistent'],
    ['B', 'B', 'inconsistent'],
  ] as const)('%s, then %s: %s', async (first, second, winner) => {
    const asked: string[] = [];
    const answers = [chosen(first), chosen(second)];
    const judge = {
      prefer: ({ answerA, answerB }: { answerA: string; answerB: string }) => {
        asked.push(`${answerA}${answerB}`);
        return Promise.resolve(answers.shift() ?? unreadable('none'));
      },
    };
    const verdict = await judgePair(judge, { aspect: 'caAlignment', dilemma: '', left: 'l', right: 'r' });
    expect(verdict.winner).toBe(winner);
    expect(asked).toEqual(['lr', 'rl']);
  });

  it('counts consistent wins only', () => {
    const verdicts = [
      ...Array.from({ length: 18 }, () => ({ winner: 'left' as const })),
      ...Array.from({ length: 7 }, () => ({ winner: 'right' as const })),
      { winner: 'inconsistent' as const },
      { winner: 'unreadable' as const },
    ];
    const { interval, ...rest } = summarisePairs(verdicts);
    expect(rest).toEqual({ wins: 18, losses: 7, inconsistent: 1, unreadable: 1, winRate: 0.72 });
    expect([interval?.low.toFixed(3), interval?.high.toFixed(3)]).toEqual(['0.524', '0.857']);
    expect(summarisePairs([])).toMatchObject({ winRate: null, interval: null });
  });
});

describe('a person', () => {
  it('answers, declines, or is asked no more', async () => {
    let open: readonly HumanQuestion[] = [];
    let lastId = 0;
    const judge = new HumanJudge(
      (questions) => {
        open = questions;
      },
      () => ++lastId,
    );
    const controller = new AbortController();
    const [first, second, third] = [
      judge.score(TRANSCRIPT),
      judge.score(TRANSCRIPT),
      judge.score(TRANSCRIPT, controller.signal),
    ];
    expect(open.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(() => judge.answer(1, 2.5)).toThrow('integer from 0 to 5');
    expect(() => judge.answer(9, 2)).toThrow('No question 9');
    judge.answer(1, 4);
    judge.decline(2);
    controller.abort();
    expect(await first).toEqual({ state: 'scored', score: 4 });
    expect(await second).toMatchObject({ state: 'unreadable' });
    await expect(third).rejects.toMatchObject({ name: 'AbortError' });
    expect(open).toEqual([]);
  });
});

describe('rules', () => {
  it.each([
    [{ kind: 'word', word: 'Protect' }, 1],
    [{ kind: 'length', words: 4 }, 5],
    [{ kind: 'length', words: 8 }, 2.5],
    [{ kind: 'length', words: 1 }, 0],
    // "prune" of "prune" and "grows", "protect" of "protect" and "shade".
    [{ kind: 'personas' }, 2.5],
  ] as const)('%j: %d', async (rule, score) => {
    expect(await new RuleJudge(rule).score(TRANSCRIPT)).toEqual({ state: 'scored', score });
  });
});

describe('kept verdicts', () => {
  it('asks once about what the judge sees, and again about what could not be read', async () => {
    let numAsked = 0;
    const judge: Judge = {
      name: 'counting',
      score: () => Promise.resolve(++numAsked === 1 ? unreadable('tired') : { state: 'scored', score: numAsked }),
    };
    const cached = new CachedJudge(judge);
    expect(await cached.score(TRANSCRIPT)).toMatchObject({ state: 'unreadable' });
    const scored = await cached.score(TRANSCRIPT);
    expect(scored).toEqual({ state: 'scored', score: 2 });
    expect(await cached.score({ ...TRANSCRIPT, dialogue: [] })).toBe(scored);
    expect(await cached.score({ ...TRANSCRIPT, completion: 'x' })).toEqual({ state: 'scored', score: 3 });
    cached.clear();
    expect(await cached.score(TRANSCRIPT)).toEqual({ state: 'scored', score: 4 });
  });
});

describe('consent by rule', () => {
  it('needs a phrase on both sides', async () => {
    const said = (text: string): Utterance => ({
      kind: 'utterance',
      role: 'agent1',
      turn: 1,
      promptIds: [],
      tokenIds: [],
      logProbs: [],
      text,
      stop: 'stopToken',
      isTruncated: false,
      origin: 'model',
    });
    const question = { dilemma: '', turn: 2, exchange: [said('Deal!'), said('Yes, I AGREE.')] as const };
    const half = { ...question, exchange: [said('Deal!'), said('Never.')] as const };
    expect(await new RuleAgreement().decide([question, half])).toEqual([
      { state: 'judged', turn: 2, agreed: true },
      { state: 'judged', turn: 2, agreed: false },
    ]);
    expect(() => new RuleAgreement([' '])).toThrow('phrase');
  });
});

describe('rewards of a group', () => {
  it('scores what agreed; a failure is 0, and what cannot be read is no number', async () => {
    const decoder = new SamplingDecoder(digitDecoder());
    const settings = tinySettings({ maxTurns: 1, groupSize: 3, completeOnFailure: true });
    const request = { dilemma: DILEMMA, pair: PAIR, settings };
    const { result } = await collect(rolloutGroup(decoder, request, { tokenizer, prompts: SHORT_PROMPTS }));
    const verdicts: JudgeVerdict[] = [
      { state: 'scored', score: 4.5 },
      unreadable('nonsense', '?'),
      { state: 'scored', score: 3 },
    ];
    const judge: Judge = { name: 'list', score: () => Promise.resolve(verdicts.shift() ?? unreadable('none')) };
    const agreed = result.dialogues.map((dialogue, row) => ({
      ...dialogue,
      outcome: row < 2 ? ('agreed' as const) : ('failed' as const),
    }));
    const { events, result: scored } = await collect(scoreGroup({ ...result, dialogues: agreed }, judge));
    expect(events.map(({ kind }) => kind)).toEqual(['judged', 'judged', 'judged']);
    expect(scored.dialogues.map(rewardOf)).toEqual([4.5, Number.NaN, 0]);
    expect((await collect(scoreGroup(scored, judge))).events).toEqual([]);
  });
});
