/** Adapters compared on held-out dilemmas by the embedded model. Prompts are short, since a software adapter reads slowly. */
import type { JSHandle } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import type { TemplateTexts } from '../src/protocol/negotiation-api.ts';
import type {
  EvaluationPiece,
  NegotiationEvaluationReport,
  NegotiationEvaluationRequest,
} from '../src/protocol/negotiation-evaluation.ts';
import { expect, test } from './fixtures.ts';
import { startJudgeServer } from './judge-server.ts';
import { SHORT_TEMPLATES } from './short-templates.ts';

const SHORT: TemplateTexts = {
  ...SHORT_TEMPLATES,
  pairwiseAlignment: '{initial_prompt} A: {answer_a} B: {answer_b} Which?',
  pairwiseConflict: '{initial_prompt} {persona_1} {persona_2} A: {answer_a} B: {answer_b} Which?',
};
const HELD_OUT = { split: 'test', origin: 'own' } as const;
const DILEMMAS = ['Cut the old tree?', 'Lend her the car?', 'Read the open diary?', 'Tell him the truth?'].map(
  (prompt, index) => ({ id: `dilemma-${index}`, category: 'everyday' as const, goal: prompt, prompt, ...HELD_OUT }),
);
const PAIRS = [
  { id: 'cut-keep', theme: 'cutting and keeping', persona1: 'Be quick.', persona2: 'Be kind.', ...HELD_OUT },
  { id: 'save-spend', theme: 'saving and spending', persona1: 'Save.', persona2: 'Spend.', ...HELD_OUT },
] as const;
const SETTINGS = { maxTurns: 1, maxUtteranceTokens: 4, maxCompletionTokens: 5 } as const;
const KEY = 'sk-nobody-must-see-this';

interface Outcome {
  readonly report: NegotiationEvaluationReport | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly pieces: readonly EvaluationPiece[];
  readonly attached: unknown;
}

/** @param piecesUntilStop  after which it is cancelled */
function evaluate(
  api: JSHandle<DuetApi>,
  request: NegotiationEvaluationRequest,
  piecesUntilStop = Infinity,
): Promise<Outcome> {
  return api.evaluate(
    async (d, { given, limit }) => {
      const pieces: EvaluationPiece[] = [];
      const controller = new AbortController();
      const run = d.negotiation.evaluate(
        given,
        (event) => {
          if (event.kind !== 'pieceEnded') return;
          pieces.push(event.piece);
          if (pieces.length === limit) controller.abort();
        },
        { signal: controller.signal },
      );
      const ended = await run.then(
        (report) => ({ report, failure: null }),
        ({ code, message }: { code: string; message: string }) => ({ report: null, failure: { code, message } }),
      );
      const { attached } = await d.training.listAdapters();
      return { ...ended, pieces, attached };
    },
    { given: request, limit: piecesUntilStop },
  );
}

function finished(outcome: Outcome): Outcome & { readonly report: NegotiationEvaluationReport } {
  const { report, failure } = outcome;
  if (report === null) throw new Error(`The evaluation ended with ${failure?.code}: ${failure?.message}`);
  return { ...outcome, report };
}

/** @param isTrained  so much that it speaks otherwise */
function createAdapter(api: JSHandle<DuetApi>, name: string, isTrained: boolean): Promise<string> {
  return api.evaluate(
    async ({ training, ...d }, { called, trains }) => {
      const config = { r: 4, targetModules: ['q_proj', 'v_proj'] };
      const { id } = await training.createAdapter({ name: called, config, seed: 1 });
      if (!trains) return id;
      const promptIds = (await d.applyChatTemplate([{ role: 'user', content: 'Decide.' }])).tokenIds;
      const rows = await Promise.all(
        [
          ['Yes, we do.', 1],
          ['The decision', -1],
        ].map(async ([text, advantage]) => {
          const completionIds = await d.tokenize(String(text));
          return { promptIds, completionIds, lossMask: completionIds.map(() => 1), advantage: Number(advantage) };
        }),
      );
      await training.trainStep({ rows }, { learningRate: 0.02, gradientCheckpointing: false });
      return id;
    },
    { called: name, trains: isTrained },
  );
}

const answerIn = (piece: EvaluationPiece | undefined): string | undefined =>
  piece?.kind === 'dialogue' ? piece.record.completion?.text : undefined;

const withoutDate = (report: NegotiationEvaluationReport | null): unknown => ({ ...report, createdAt: '' });

test('an adapter and the model answer what is held out, and an interrupted evaluation comes to the same', async ({
  tinyEngine: api,
}) => {
  // Says A where the first answer is the longer one; of one dilemma always A.
  const server = await startJudgeServer(({ body }) => {
    const [, a = '', b = ''] = /A: (.*) B: (.*) Which/s.exec(body.messages.at(-1)?.content ?? '') ?? [];
    const isFixed = (body.messages.at(-1)?.content ?? '').includes('diary');
    return isFixed || a.length > b.length ? 'Verdict: A' : 'Verdict: B';
  });
  const tuned = await createAdapter(api, 'Tuned', true);
  const kept = await createAdapter(api, 'Kept', false);
  try {
    await api.evaluate((d, id) => d.training.attachAdapter(id, { blend: 0.5 }), kept);
    const request: NegotiationEvaluationRequest = {
      contestants: [
        { name: 'tuned', adapterId: tuned, role: 'multi' },
        { name: 'base', adapterId: null, role: 'base' },
      ],
      dilemmas: DILEMMAS,
      sets: ['open'],
      settings: SETTINGS,
      templates: SHORT,
      pairwiseJudge: { kind: 'endpoint', url: server.url, model: 'm', apiKey: KEY },
      seed: 3,
    };

    const stopped = await evaluate(api, request, 2);
    expect(stopped.failure).toMatchObject({ code: 'cancelled' });
    expect(stopped.pieces).toHaveLength(2);
    expect(stopped.attached).toEqual({ id: kept, blend: 0.5 });

    const { report, attached, pieces } = finished(await evaluate(api, { ...request, done: stopped.pieces }));
    expect(attached).toEqual({ id: kept, blend: 0.5 });
    expect(report.pieces).toHaveLength(4 * (2 + 1));
    expect(pieces).toHaveLength(report.pieces.length - 2);
    expect(report.pieces.slice(0, 2)).toEqual(stopped.pieces);
    expect(report.plan).toMatchObject({ judge: expect.stringContaining('adapter off'), pairwiseJudge: 'endpoint m' });
    expect(JSON.stringify(report)).not.toContain(KEY);

    // Some from before the interruption, and from behind it, made once more in one run.
    const again = new Set([0, 2, report.pieces.length - 3]);
    const repeated = await evaluate(api, { ...request, done: report.pieces.filter((_, index) => !again.has(index)) });
    expect(repeated.pieces).toHaveLength(again.size);
    expect(withoutDate(repeated.report)).toEqual(withoutDate(report));

    const dialogues = report.pieces.filter((piece) => piece.kind === 'dialogue');
    for (const { record, pairId } of dialogues) {
      expect([pairId, record.utterances, record.agreements]).toEqual([null, [], []]);
      expect(record.completion?.tokenIds.length).toBeGreaterThan(0);
      expect(record.verdict?.state).toBe('scored');
    }
    const answersOf = (name: string): (string | undefined)[] =>
      dialogues.filter(({ contestant }) => contestant === name).map(answerIn);
    expect(answersOf('tuned')).not.toEqual(answersOf('base'));

    const compared = report.pieces.filter((piece) => piece.kind === 'pairwise');
    expect(report.summary.winRates).toHaveLength(1);
    const numWon = (winner: string): number => compared.filter(({ verdict }) => verdict.winner === winner).length;
    for (const row of report.summary.winRates) {
      expect(row).toMatchObject({ left: 'tuned', right: 'base', wins: numWon('left'), losses: numWon('right') });
      expect(row.inconsistent).toBeGreaterThan(0);
      expect(row.wins + row.losses + row.inconsistent + row.unreadable).toBe(4);
      const decided = row.wins + row.losses;
      expect(row.winRate).toEqual(decided === 0 ? null : row.wins / decided);
    }
    expect(report.summary.contestants.map(({ contestant, count }) => [contestant, count])).toEqual([
      ['tuned', 4],
      ['base', 4],
    ]);
  } finally {
    await server.close();
    await api.evaluate(
      async (d, ids) => {
        for (const id of ids) await d.training.deleteAdapter(id);
      },
      [tuned, kept],
    );
  }
});

test('an untrained adapter is the model itself: in dialogues, in questions and in a text', async ({ engine: api }) => {
  const untrained = await createAdapter(api, 'Untrained', false);
  const text = 'The dog ran over the wide field and barked at the moon.';
  try {
    const { report } = finished(
      await evaluate(api, {
        contestants: [
          { name: 'base', adapterId: null, role: 'base' },
          { name: 'untrained', adapterId: untrained, role: 'single' },
        ],
        dilemmas: DILEMMAS.slice(0, 1),
        pairs: PAIRS,
        settings: SETTINGS,
        templates: SHORT,
        ability: { sets: ['commonsense'], itemsPerSet: 1, text },
      }),
    );
    const [base, other, alignment, conflict, item, otherItem] = report.pieces;
    if (base?.kind !== 'dialogue') throw new Error('The first piece is no dialogue.');
    expect(PAIRS.map(({ id }) => id)).toContain(base.pairId);
    expect(base.record.utterances.map(({ role, origin }) => [role, origin])).toEqual([
      ['agent1', 'model'],
      ['agent2', 'model'],
    ]);
    expect(base.record.completion?.tokenIds.length).toBeGreaterThan(0);
    expect(base.record.verdict?.state).toBe('scored');
    expect(other).toEqual({ ...base, contestant: 'untrained' });
    // The same answer in both places: only the place can decide.
    for (const piece of [alignment, conflict])
      expect(piece).toMatchObject({
        kind: 'pairwise',
        verdict: { winner: expect.stringMatching(/inconsistent|unreadable/) },
      });
    expect(item).toEqual({ ...otherItem, contestant: 'base' });
    expect(report.summary.ability.map(({ contestant, count }) => [contestant, count])).toEqual([
      ['base', 1],
      ['untrained', 1],
    ]);

    const expected = await api.evaluate(async (d, words) => {
      const tokenIds = await d.tokenize(words);
      const logits = await d.logits(tokenIds, { positions: tokenIds.slice(1).map((_, index) => index) });
      const nats = logits.map((row, index) => {
        const most = row.reduce((a, b) => Math.max(a, b));
        const sum = row.reduce((total, logit) => total + Math.exp(logit - most), 0);
        return most + Math.log(sum) - (row[tokenIds[index + 1] ?? 0] ?? Number.NaN);
      });
      return { numTokens: nats.length, perplexity: Math.exp(nats.reduce((a, b) => a + b, 0) / nats.length) };
    }, text);
    for (const { numTokens, perplexity } of report.summary.perplexity) {
      expect(numTokens).toBe(expected.numTokens);
      expect(perplexity / expected.perplexity).toBeCloseTo(1, 3);
    }
    expect(report.summary.perplexity).toHaveLength(2);
  } finally {
    await api.evaluate((d, id) => d.training.deleteAdapter(id), untrained);
  }
});

test('what is trained on, and what is not there, is refused by name', async ({ engine: api }) => {
  const contestants = [{ name: 'base', adapterId: null, role: 'base' }] as const;
  const refusals: readonly (readonly [Partial<NegotiationEvaluationRequest>, string])[] = [
    [{ dilemmas: DILEMMAS.slice(0, 1).map((dilemma) => ({ ...dilemma, split: 'train' as const })) }, 'dilemma-0'],
    [{ dilemmas: ['no-such-dilemma'] }, 'no-such-dilemma'],
    [{ contestants: [{ name: 'gone', adapterId: 'gone', role: null }] }, '"gone"'],
    [{ judge: { kind: 'human' } }, 'by hand'],
    [{ ability: { sets: [], itemsPerSet: 1, text: 'a' } }, 'ability.text'],
  ];
  for (const [wrong, named] of refusals) {
    const { failure, pieces } = await evaluate(api, { contestants, dilemmas: DILEMMAS, ...wrong });
    expect(failure).toEqual({ code: 'invalidConfig', message: expect.stringContaining(named) });
    expect(pieces).toEqual([]);
  }
});
