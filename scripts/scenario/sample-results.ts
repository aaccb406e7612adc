import type { Result } from './run-one.mjs';

/** What hostile names, texts and messages may hold. */
export const HOSTILE = `<script>alert("1")</script> & 'a' ]]> \u0000\u0001\u001B[31m \uD800 \n\t é 😀`;

/** A result as a run would give it; only what reports read is set with care. */
export function sampleResult(change: Partial<Result> = {}): Result {
  return {
    file: 'scenarios/a.json',
    name: 'A scenario',
    description: 'What it is for.',
    panel: 'thinking',
    isPassed: true,
    seconds: 1.25,
    repeats: 1,
    judgements: [{ name: 'no failure', isMet: true, expected: 'none', actual: 'none', explanation: [] }],
    stored: null,
    baseline: 'met',
    difference: null,
    changes: [],
    errors: [],
    pictures: [],
    ratios: [{ name: 'a / b', ratio: 1.5, low: 1.2, high: 1.9, counts: [3, 4], acrossRuns: null }],
    outcome: {
      format: 'duet-scenario-outcome',
      version: 1,
      scenario: 'A scenario',
      panel: 'thinking',
      device: { vendor: 'google', architecture: 'swiftshader', description: '', isSoftware: true },
      model: null,
      streams: [{ name: 'turn1.writer', tokenIds: [1, 2], text: 'Hello' }],
      facts: { stop: 'budget' },
      metrics: { steps: 2 },
      counts: null,
      memory: null,
      failure: null,
      trace: null,
      ratios: [],
      group: null,
      training: null,
      elapsedMs: 1000,
    },
    ...change,
  };
}

/** Failed in every way at once, every text of it hostile. */
export function hostileResult(text: string): Result {
  const sample = sampleResult();
  return {
    ...sample,
    file: text,
    name: text,
    description: text,
    isPassed: false,
    judgements: [{ name: text, isMet: false, expected: text, actual: text, explanation: [text] }],
    baseline: 'differs',
    difference: { what: 'token', step: 1, expected: {}, actual: {}, setup: [], explanation: [text] },
    errors: [text],
    outcome: {
      ...sample.outcome,
      model: { id: text, name: text, sha256: null, contextLength: 1, kernelShape: 'threadPerRows', kvType: 'f32' },
      streams: [{ name: text, tokenIds: [1], text }],
      metrics: { [text]: 1 },
      facts: { [text]: text },
    },
  };
}
