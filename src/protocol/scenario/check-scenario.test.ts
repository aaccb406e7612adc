import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { readRun } from '../recording-schema.ts';
import { checkScenario, readScenario } from './check-scenario.ts';
import type { WrittenScenario } from './scenario.ts';

const GOOD: WrittenScenario = {
  format: 'duet-scenario',
  version: 1,
  name: 'A question',
  panel: 'thinking',
  model: { source: '/models/tiny.gguf', options: { contextLength: 512 } },
  environment: { quotaBytes: 1000, network: [{ url: '**/x', respond: { status: 503 } }], loseDevice: { atStep: 3 } },
  inputs: { kind: 'question', question: 'Why?', drafts: [{ step: 0, text: 'Why', sent: false }], stopAt: { step: 9 } },
  settings: { budget: 12 },
  seed: 1,
  expect: { tokenIds: { 'turn1.writer': [1, 2] }, metrics: [{ name: 'steps', min: 1 }] },
};

const CHAT: WrittenScenario = {
  format: 'duet-scenario',
  version: 1,
  name: 'A chat',
  panel: 'chat',
  settings: { temperature: 0.5 },
  inputs: { questions: [{ text: 'Hi', settings: { maxTokens: 3 } }] },
  expect: {},
};

function failureOf(value: unknown): Failure {
  try {
    checkScenario(value);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

test('a scenario is read, and what has a default is filled in', () => {
  expect(checkScenario(GOOD).expect).toMatchObject({ noConsoleErrors: true, baseline: 'exact' });
  expect(readScenario(JSON.stringify(CHAT))).toMatchObject({ inputs: { model: { kind: 'engine' } } });
});

test('settings that are left out stay out, so that a question keeps those of the scenario', () => {
  expect(checkScenario(CHAT)).toMatchObject({
    settings: { temperature: 0.5 },
    inputs: { questions: [{ settings: { maxTokens: 3 } }] },
  });
  expect(JSON.stringify(checkScenario(CHAT))).not.toContain('topP');
});

const FAULTS: readonly (readonly [field: string, change: object])[] = [
  ['format', { format: 'duet-trace' }],
  ['version', { version: 2 }],
  ['panel', { panel: 'lessons' }],
  ['name', { name: ' ' }],
  ['model.source', { model: { source: '' } }],
  ['model.options.contextLength', { model: { source: 'a', options: { contextLength: 0 } } }],
  ['model.sha256', { model: { source: 'a', sha256: 'abc' } }],
  ['modle', { modle: {} }],
  ['settings.budget', { settings: { budget: -1 } }],
  ['settings.bugdet', { settings: { bugdet: 1 } }],
  ['seed', { seed: -1 }],
  ['inputs.drafts.0', { inputs: { kind: 'question', question: 'a', drafts: [{ text: 'a' }] } }],
  ['inputs.drafts.0', { inputs: { kind: 'question', question: 'a', drafts: [{ text: 'a', step: 1, atMs: 1 }] } }],
  ['inputs', { inputs: { kind: 'question', question: 'a', drafts: [{ text: 'a', step: 1 }], stopAt: { atMs: 1 } } }],
  ['inputs.kind', { inputs: { kind: 'typed' } }],
  ['environment.network.0.respond', { environment: { network: [{ url: '**', respond: {} }] } }],
  ['environment.loseDevice', { environment: { loseDevice: {} } }],
  ['expect.tokenIds.turn1.writer.1', { expect: { tokenIds: { 'turn1.writer': [1, -1] } } }],
  ['expect.metrics.0', { expect: { metrics: [{ name: 'steps' }] } }],
  ['expect.metrics.0', { expect: { metrics: [{ name: 'steps', min: 2, max: 1 }] } }],
  ['expect.texts.0.matches', { expect: { texts: [{ of: 'a', matches: '(' }] } }],
  ['expect.screenshots.0.name', { expect: { screenshots: [{ name: '../x', region: { testId: 'a' } }] } }],
];

test.each(FAULTS)('the field %s is named', (field, change) => {
  const failure = failureOf({ ...GOOD, ...change });
  expect(failure.code).toBe('invalidConfig');
  expect(failure.details['field']).toBe(field);
  expect(failure.message).toContain(`The field ${field}: `);
});

const NEGOTIATION = { panel: 'negotiation', inputs: { dilemma: 'a', pair: 'b' }, settings: {}, expect: {} };
const TRAINING = { panel: 'training', inputs: { kind: 'negotiation', name: 'a', steps: 1 }, settings: {}, expect: {} };
const PERSON = { row: 0, role: 'agent1', turn: 1, text: 'Yes.' };

test.each([
  ['', NEGOTIATION, { humanScores: [0, 5, null], person: [PERSON] }],
  ['inputs.humanScores.1', NEGOTIATION, { humanScores: [4, 3.5] }],
  ['inputs.humanScores.0', NEGOTIATION, { humanScores: [6] }],
  ['inputs.person.0.text', NEGOTIATION, { person: [{ ...PERSON, text: ' \n' }] }],
  ['', TRAINING, { judge: { kind: 'engine' } }],
  ['inputs.judge.kind', TRAINING, { judge: { kind: 'human' } }],
])('what a run would wait for for ever is refused: %s', (field, panel, inputs) => {
  const { seed: _seed, ...others } = GOOD;
  const scenario = { ...others, ...panel, inputs: { ...panel.inputs, ...inputs } };
  if (field === '') expect(checkScenario(scenario)).toMatchObject({ panel: panel.panel });
  else expect(failureOf(scenario).details['field']).toBe(field);
});

test('a seed or settings beside a setup, which has its own, are refused', () => {
  const { setup } = readRun(readFileSync('public/recordings/change-of-mind.json', 'utf8'));
  const { seed, settings, ...others } = { ...GOOD, inputs: { kind: 'setup', setup } };
  expect(checkScenario(others)).toMatchObject({ inputs: { kind: 'setup' } });
  expect(failureOf({ ...others, seed }).details['field']).toBe('seed');
  expect(failureOf({ ...others, settings }).details['field']).toBe('settings');
});

test.each(['', '[]', 'null', '{', '7', '"a"'])('the text %j is refused as a whole', (source) => {
  expect(() => readScenario(source)).toThrow(/^The (file|field)/);
});

test('whatever a file holds, it is taken or refused by one failure', () => {
  const values = fc.oneof(fc.jsonValue(), fc.record({ ...fields(GOOD) }, { requiredKeys: [] }));
  fc.assert(
    fc.property(values, (value) => {
      try {
        checkScenario(value);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect(String(error)).toMatch(/^Failure: The (file|field .+): .+\.$/s);
      }
    }),
    { numRuns: 500 },
  );
});

/** Each field as it should be, or anything. */
function fields(good: object): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(
    Object.entries(good).map(([key, value]) => [key, fc.oneof(fc.constant(value), fc.jsonValue())]),
  );
}
