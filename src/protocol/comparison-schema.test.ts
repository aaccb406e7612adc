import { describe, expect, it } from 'vitest';
import type { Comparison, OtherModelConfig, OtherRun } from './comparison.ts';
import { checkOthers, otherModelOf, readComparison } from './comparison-schema.ts';
import { otherRunOf } from './other-run.ts';
import { DEFAULT_REASONING_SETTINGS } from './reasoning-settings.ts';

const SERVER: OtherModelConfig = { kind: 'endpoint', url: 'http://localhost:1/v1', model: 'small', apiKey: 'sk-1' };
const WEB_LLM: OtherModelConfig = { kind: 'webLlm', model: 'tiny' };

/** As the first version of the page kept it. */
const OLD: Comparison = {
  format: 'duet-comparison-1',
  createdAt: '2026-01-01T00:00:00.000Z',
  question: 'Why?',
  typingRate: 0,
  settings: DEFAULT_REASONING_SETTINGS,
  model: { id: 'm', sha256: null },
  device: { vendor: 'v', architecture: 'a', isSoftware: true },
  runs: [
    {
      mode: 'noThinking',
      stop: 'writer_eos',
      text: { thinker: '', writer: 'Hi' },
      tokens: [{ stream: 'writer', text: 'Hi', step: 0, elapsedMs: 100 }],
      metrics: {
        timeToFirstTokenMs: 120,
        timeToFirstSentenceMs: null,
        timeToFirstSpeechMs: null,
        totalMs: 200,
        steps: 2,
        stepsToFirstToken: 1,
        stepsDelay: 0,
        totalDelaySeconds: 0.1,
        adjustedDelaySeconds: 0,
        thinkerTokens: 0,
        writerTokens: 2,
      },
    },
  ],
};

const OTHER: OtherRun = otherRunOf(
  otherModelOf(SERVER),
  [],
  { failure: { code: 'endpointFailed', message: 'Away.' } },
  { totalMs: 1, speakingRate: 15 },
);

describe('what storage gives back', () => {
  it('is read with other models and without them, and whatever settings there were', () => {
    expect(readComparison(OLD)).toEqual(OLD);
    expect(readComparison({ ...OLD, others: [OTHER] })).toEqual({ ...OLD, others: [OTHER] });
    expect(readComparison({ ...OLD, settings: { speakingRate: 15, gone: 1 } })).not.toBeNull();
  });

  it.each([
    ['another format', { ...OLD, format: 'duet-comparison-9' }],
    ['no runs', { ...OLD, runs: [] }],
    ['a run without figures', { ...OLD, runs: [{ ...OLD.runs[0], metrics: {} }] }],
    ['another model that is none', { ...OLD, others: [{ ...OTHER, model: { kind: 'engine' } }] }],
    ['a failure that nobody knows', { ...OLD, others: [{ ...OTHER, failure: { code: 'x', message: '' } }] }],
    ['a text', 'duet-comparison-1'],
  ])('is left alone: %s', (_, value) => {
    expect(readComparison(value)).toBeNull();
  });
});

describe('other models', () => {
  it('are named without keys', () => {
    expect(otherModelOf({ ...SERVER, url: 'https://me:pass@host.test/v1?api_key=1#x' })).toEqual({
      kind: 'endpoint',
      model: 'small',
      url: 'https://host.test/v1',
    });
    expect(JSON.stringify(otherModelOf(SERVER))).not.toContain('sk-1');
    expect(otherModelOf(WEB_LLM)).toEqual(WEB_LLM);
  });

  it('are checked before anything runs', () => {
    expect(() => checkOthers([WEB_LLM, SERVER])).not.toThrow();
    expect(() => checkOthers([WEB_LLM, WEB_LLM])).toThrow('compare: others: At most one model of each kind');
    expect(() => Reflect.apply(checkOthers, undefined, [[{ kind: 'engine' }]])).toThrow('compare: others: The loaded');
    expect(() => checkOthers([{ ...SERVER, url: 'localhost' }])).toThrow('compare: others: Give the whole address');
    expect(() => checkOthers([{ ...SERVER, model: '' }])).toThrow('compare: others.0.model');
  });
});
