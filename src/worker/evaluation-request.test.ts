import { beforeAll, describe, expect, it, test } from 'vitest';
import type { EvaluationConfig, EvaluationEvent } from '@/protocol/evaluation.ts';
import { MAX_CONFIGURATIONS, MAX_ITEMS } from '@/protocol/evaluation-schema.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { PromptCache } from '@/research/async-reasoning/prompt-cache.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReasoningStudies } from './reasoning-studies.ts';

const ORIGIN = {
  model: { id: 'tiny', sha256: null },
  device: { vendor: 'none', architecture: '', isSoftware: true },
};
const signal = new AbortController().signal;

let tokenizer: PieceTokenizer;
beforeAll(async () => {
  tokenizer = new PieceTokenizer(await readTinyTokenBytes());
});

function studies(): { readonly decoder: FakeDecoder; readonly studies: ReasoningStudies } {
  const decoder = new FakeDecoder({ vocabSize: 320, logits: () => new Map([[97, 9]]) });
  return { decoder, studies: new ReasoningStudies(decoder, tokenizer, new PromptCache(decoder), ORIGIN) };
}

const ITEM = { id: 'one', question: 'What is 1 + 1?', kind: 'number', answer: '2' } as const;
const CONFIGURATION = { name: 'direct', mode: 'noThinking', settings: { budget: 4 } } as const;
const CONFIG: EvaluationConfig = {
  source: { kind: 'items', name: 'Mine', items: [ITEM] },
  configurations: [CONFIGURATION],
};

describe('an evaluation', () => {
  it('says where and when it ran, and with which settings', async () => {
    const events: EvaluationEvent[] = [];
    const { decoder, studies: run } = studies();
    const report = await run.evaluate(CONFIG, signal, (event) => events.push(event));
    expect(report).toMatchObject({ format: 'duet-evaluation-1', source: CONFIG.source, items: [ITEM], ...ORIGIN });
    expect(report.createdAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    const settings = { ...DEFAULT_REASONING_SETTINGS, budget: 4 };
    expect(report.configurations).toEqual([{ ...CONFIGURATION, settings }]);
    expect(report.records).toMatchObject([{ configuration: 'direct', itemId: 'one', text: { writer: 'aaaa' } }]);
    expect(events.map(({ kind }) => kind)).toEqual(['started', 'itemStarted', 'itemEnded']);
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('is taken up from its own report, as it comes out of a file', async () => {
    const report = await studies().studies.evaluate(CONFIG, signal, () => undefined);
    const file = JSON.parse(JSON.stringify(report)) as typeof report;
    const { decoder, studies: run } = studies();
    const { source, configurations, records: done } = file;
    const again = await run.evaluate({ source, configurations, done }, signal, () => undefined);
    expect(again).toEqual({ ...report, createdAt: again.createdAt });
    expect(decoder.calls).toEqual([]);
  });
});

describe('a request that is wrong', () => {
  const withSource = (source: unknown): unknown => ({ ...CONFIG, source });
  const withItems = (...items: unknown[]): unknown => withSource({ kind: 'items', name: 'Mine', items });
  const withConfigurations = (...configurations: unknown[]): unknown => ({ ...CONFIG, configurations });
  const builtIn = { kind: 'builtIn', set: 'safety', numItems: 2, seed: 1 };
  const choice = { id: 'x', question: 'Which?', kind: 'choice', answer: 'A', choices: ['one', 'two'] };

  test.each<[string, () => unknown]>([
    ['modes', () => ({ ...CONFIG, modes: [] })],
    ['source', () => ({ configurations: [CONFIGURATION] })],
    ['source.kind', () => withSource({ kind: 'file' })],
    ['source.set', () => withSource({ ...builtIn, set: 'trivia' })],
    ['source.numItems', () => withSource({ ...builtIn, numItems: 0 })],
    ['source.numItems', () => withSource({ ...builtIn, numItems: 37 })],
    ['source.seed', () => withSource({ ...builtIn, seed: -1 })],
    ['source.items', () => withItems()],
    ['source.items', () => withItems(ITEM, ITEM)],
    [
      'source.items',
      () => withItems(...Array.from({ length: MAX_ITEMS + 1 }, (_, id) => ({ ...ITEM, id: String(id) }))),
    ],
    ['source.items.0.question', () => withItems({ ...ITEM, question: ' ' })],
    ['source.items.0.question', () => withItems({ ...ITEM, question: 'x'.repeat(20_001) })],
    ['source.items.0.kind', () => withItems({ ...ITEM, kind: 'essay' })],
    ['source.items.0.answer', () => withItems({ ...choice, answer: 'C' })],
    ['source.items.0.answer', () => withItems({ ...choice, answer: 'a' })],
    ['source.items.0.answer', () => withItems({ ...ITEM, kind: 'refusal', answer: 'yes' })],
    ['source.items.0.choices', () => withItems({ ...choice, choices: ['one'] })],
    ['source.items.0.hint', () => withItems({ ...ITEM, hint: 'two' })],
    ['configurations', () => withConfigurations()],
    ['configurations', () => withConfigurations(CONFIGURATION, CONFIGURATION)],
    [
      'configurations',
      () =>
        withConfigurations(
          ...Array.from({ length: MAX_CONFIGURATIONS + 1 }, (_, i) => ({ ...CONFIGURATION, name: String(i) })),
        ),
    ],
    ['configurations.0.name', () => withConfigurations({ ...CONFIGURATION, name: '' })],
    ['configurations.0.mode', () => withConfigurations({ ...CONFIGURATION, mode: 'thinking' })],
    ['configurations.0.settings.budget', () => withConfigurations({ ...CONFIGURATION, settings: { budget: 0 } })],
    ['configurations.0.settings.bugdet', () => withConfigurations({ ...CONFIGURATION, settings: { bugdet: 4 } })],
    ['done.0.text', () => ({ ...CONFIG, done: [{ configuration: 'direct', itemId: 'one', stop: 'budget' }] })],
  ])('is refused by name: %s', async (field, config) => {
    const { decoder, studies: run } = studies();
    const asked = run.evaluate(config() as never, signal, () => undefined);
    await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'invalidConfig' }));
    await expect(asked).rejects.toThrow(`evaluate: ${field}: `);
    expect(decoder.calls).toEqual([]);
  });
});
