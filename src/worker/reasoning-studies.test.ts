import { beforeAll, describe, expect, it, test } from 'vitest';
import { COMPARISON_MODES, type ComparisonEvent } from '@/protocol/comparison.ts';
import type { CalibrationEvent } from '@/protocol/calibration.ts';
import { DEFAULT_REASONING_SETTINGS, SMALL_MODEL_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { PromptCache } from '@/research/async-reasoning/prompt-cache.ts';
import { WARM_UP_QUESTIONS } from '@/protocol/calibration.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReasoningStudies } from './reasoning-studies.ts';

const THINK = 318;
const ORIGIN = {
  model: { id: 'tiny', sha256: null },
  device: { vendor: 'none', architecture: '', isSoftware: true },
};
const signal = new AbortController().signal;

let tokenizer: PieceTokenizer;
let plainTokenizer: PieceTokenizer;
beforeAll(async () => {
  const pieces = await readTinyTokenBytes();
  tokenizer = new PieceTokenizer(pieces);
  plainTokenizer = new PieceTokenizer(pieces.slice(0, THINK));
});

function studies(text: PieceTokenizer): { readonly decoder: FakeDecoder; readonly studies: ReasoningStudies } {
  const decoder = new FakeDecoder({ vocabSize: 320, logits: () => new Map([[97, 9]]) });
  return { decoder, studies: new ReasoningStudies(decoder, text, new PromptCache(decoder), ORIGIN) };
}

describe('a comparison', () => {
  it('runs all modes by default and says where and when it ran', async () => {
    const events: ComparisonEvent[] = [];
    const { decoder, studies: run } = studies(tokenizer);
    const result = await run.compare({ question: 'Why?', settings: { budget: 6 } }, signal, (event) =>
      events.push(event),
    );
    expect(result).toMatchObject({ format: 'duet-comparison-1', typingRate: 0, question: 'Why?', ...ORIGIN });
    expect(result.settings).toEqual({ ...DEFAULT_REASONING_SETTINGS, budget: 6 });
    expect(Math.abs(Date.parse(result.createdAt) - Date.now())).toBeLessThan(60_000);
    expect(result.createdAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(result.runs.map(({ mode }) => mode)).toEqual(COMPARISON_MODES);
    expect(events.at(-1)).toEqual({ kind: 'modeEnded', run: result.runs[3] });
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('takes the defaults of models without think tokens', async () => {
    const settings = { budget: 6 };
    const run = await studies(plainTokenizer).studies.compare({ question: 'Why?', settings }, signal, () => undefined);
    expect(run.settings).toEqual({ ...DEFAULT_REASONING_SETTINGS, ...SMALL_MODEL_SETTINGS, budget: 6 });
  });
});

describe('a calibration', () => {
  it('asks the built-in questions by default', async () => {
    const events: CalibrationEvent[] = [];
    const report = await studies(tokenizer).studies.calibrate({}, signal, (event) => events.push(event));
    expect(report).toMatchObject({ questions: WARM_UP_QUESTIONS, targetShare: 0.6 });
    expect(events).toHaveLength(2 * 3 * 60);
    expect(report.before.margins.map((margins) => margins.length)).toEqual([3, 3, 3]);
  });

  it('takes undefined for what is not given', async () => {
    const config = { questions: undefined, steps: 25, settings: { probeInterval: undefined } };
    const report = await studies(tokenizer).studies.calibrate(config as never, signal, () => undefined);
    expect(report).toMatchObject({ questions: WARM_UP_QUESTIONS, settings: { probeInterval: 20 } });
  });

  it('asks what it is given', async () => {
    const config = { questions: ['One?'], steps: 30, targetShare: 1, settings: { probeInterval: 5 } };
    const report = await studies(tokenizer).studies.calibrate(config, signal, () => undefined);
    expect(report).toMatchObject({ questions: ['One?'], targetShare: 1, settings: { probeInterval: 5 } });
    expect(report.before.margins[0]).toHaveLength(6);
    expect(report.after.yesShare).toBe(1);
  });
});

describe('a request that is wrong', () => {
  test.each([
    ['question', { question: ' ' }],
    ['question', {}],
    ['modes.1', { question: 'Why?', modes: ['noThinking', 'thinking'] }],
    ['modes', { question: 'Why?', modes: [] }],
    ['modes', { question: 'Why?', modes: ['noThinking', 'noThinking'] }],
    ['typingRate', { question: 'Why?', typingRate: -1 }],
    ['typingRate', { question: 'Why?', typingRate: 0.01 }],
    ['settings.budget', { question: 'Why?', settings: { budget: 0 } }],
    ['settings.bugdet', { question: 'Why?', settings: { bugdet: 5 } }],
    ['mode', { question: 'Why?', mode: 'noThinking' }],
  ])('is refused by name: %s', async (field, config) => {
    const { decoder, studies: run } = studies(tokenizer);
    const asked = run.compare(config as never, signal, () => undefined);
    await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'invalidConfig' }));
    await expect(asked).rejects.toThrow(`compare: ${field}: `);
    expect(decoder.calls).toEqual([]);
  });

  test.each([
    ['questions', { questions: [] }],
    ['questions.0', { questions: [''] }],
    ['steps', { steps: 0 }],
    ['steps', { steps: 1.5 }],
    ['targetShare', { targetShare: 1.1 }],
    ['settings.seed', { settings: { seed: -1 } }],
    ['share', { share: 0.5 }],
  ])('is refused by name: %s', async (field, config) => {
    const { decoder, studies: run } = studies(tokenizer);
    const asked = run.calibrate(config as never, signal, () => undefined);
    await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'invalidConfig' }));
    await expect(asked).rejects.toThrow(`calibrate: ${field}: `);
    expect(decoder.calls).toEqual([]);
  });
});
