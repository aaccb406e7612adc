import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { packText } from '@/lib/packed-text.ts';
import { readPageAddress } from '@/lib/page-address.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { TEMPLATES } from '@/protocol/negotiation/templates.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import type { SharedContentInput, SharedReplay } from '@/protocol/shared-content.ts';
import { checkedForSharing, makeShare, MAX_LINK_CHARACTERS, readShare } from './share-text.ts';

const PAGE = 'https://example.org/duet/';
const dilemma = at(DILEMMAS, 0);
const pair = at(PERSONA_PAIRS, 0);

const made = (content: SharedContentInput): ReturnType<typeof makeShare> => makeShare(checkedForSharing(content), PAGE);
const linkOf = (content: SharedContentInput): string => made(content).link ?? '';

/** Of text that is no content. */
const linkWith = (json: string, version = '1'): string => `${PAGE}#/thinking?share=${version}.${packText(json)}`;

function failureOf(source: string): Failure {
  try {
    readShare(source);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`This was read: ${source.slice(0, 100)}`);
}

let replays: readonly SharedReplay[];

beforeAll(async () => {
  const read = async (file: string): Promise<never> =>
    JSON.parse(await readFile(new URL(`../../../public/recordings/${file}`, import.meta.url), 'utf8')) as never;
  replays = [
    { of: 'thinking', run: await read('thinking-while-typing.json') },
    { of: 'negotiation', recording: await read('negotiations/four-about-a-thermostat.json') },
    { of: 'training', recording: await read('training/ten-steps.json') },
    { of: 'shipped', panel: 'training', file: 'ten-steps.json' },
  ];
});

const scenario: WrittenScenario = {
  format: 'duet-scenario',
  version: 1,
  name: 'Is it prime?',
  panel: 'chat',
  model: { source: 'smollm2-135m-instruct' },
  inputs: { questions: [{ text: 'Is 91 prime?' }] },
  settings: { maxTokens: 12, temperature: 0 },
  expect: { texts: [{ of: 'answer1', contains: '7' }] },
};

const CONTENTS: readonly SharedContentInput[] = [
  { kind: 'thinking' },
  {
    kind: 'thinking',
    title: 'Lesson 1',
    note: 'Type slowly.',
    model: { id: 'smollm2-135m-instruct', name: 'SmolLM2' },
    question: 'Why is the sky blue? \u{1F30D} \ud800',
    settings: { budget: 300, design: 'A', yesWords: ['yes', 'Yes'] },
  },
  { kind: 'negotiation', rules: { settings: {}, dilemma, pair, judge: { kind: 'engine' }, templates: {} } },
  {
    kind: 'negotiation',
    rules: {
      settings: { groupSize: 8, thinking: 'both' },
      dilemma: { ...dilemma, id: 'my-own', goal: 'Share a kitchen', origin: 'own' },
      judge: { kind: 'rule', rule: { kind: 'word', word: 'together' } },
    },
  },
  { kind: 'training', plan: { steps: 12, learningRate: 1e-4, lossType: 'grpo', measuresChange: false }, rules: {} },
  {
    kind: 'evaluation',
    form: { numDilemmas: 7, sets: ['open'], decodings: ['greedy', 'sampling'], seed: 0 },
    rules: { judge: { kind: 'webLlm', model: 'Qwen3-1.7B-q4f16_1-MLC' } },
  },
  {
    kind: 'chat',
    settings: { systemPrompt: 'You are a pirate.', temperature: 0 },
    question: 'Hello?',
    chatModel: { kind: 'endpoint', url: 'http://localhost:11434/v1', model: 'small' },
  },
  { kind: 'fineTune', form: { steps: 5, lrSchedulerType: 'cosine', data: 'Ahoy.\n\nAye, matey.' } },
  {
    kind: 'thinkingEvaluation',
    form: {
      set: 'commonsense',
      numItems: 4,
      configurations: [
        { name: 'Short', mode: 'asynchronous', basis: { kind: 'kept', settings: { budget: 64 } } },
        { name: 'None', mode: 'noThinking', basis: { kind: 'present' } },
      ],
    },
    settings: { budget: 300 },
  },
  { kind: 'scenario', scenario },
];

/** Where those belong that stand in a dialog, or that any panel could have. */
const PANELS: Readonly<Record<string, string>> = {
  fineTune: 'thinking',
  thinkingEvaluation: 'thinking',
  scenario: 'chat',
};

test.each(CONTENTS.map((content) => [content.kind, content] as const))('%s comes back whole', (_kind, content) => {
  const { link, text } = made(content);
  const expected = { format: 'duet-share-1', ...content };
  expect(readShare(link ?? '')).toEqual(expected);
  expect(readShare(text)).toEqual(expected);
  // Short enough for a code that is read from a projector.
  expect(link?.length).toBeLessThan(600);
  const { path, params } = readPageAddress(new URL(link ?? '').hash);
  expect(path.at(-1)).toBe(PANELS[content.kind] ?? content.kind);
  expect(readShare(params['share'] ?? '')).toEqual(expected);
});

test('recordings come back whole; long ones as a file only', () => {
  for (const replay of replays) {
    const { link, text } = made({ kind: 'replay', replay });
    expect(readShare(text)).toEqual({ format: 'duet-share-1', kind: 'replay', replay });
    expect(link === null).toBe(replay.of !== 'shipped');
  }
});

test('every scenario that ships comes back as its file holds it; any text in it, too', async () => {
  const folder = new URL('../../../scenarios/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^[\w-]+\.json$/.test(file));
  expect(files.length).toBeGreaterThan(12);
  for (const file of files) {
    const shipped = JSON.parse(await readFile(new URL(file, folder), 'utf8')) as WrittenScenario;
    expect(readShare(linkOf({ kind: 'scenario', scenario: shipped }))).toMatchObject({ scenario: shipped });
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.nat(), (text, seed) => {
      const other = { ...scenario, description: text, inputs: { questions: [{ text }] }, seed };
      const { text: file } = made({ kind: 'scenario', scenario: other });
      expect(readShare(file)).toEqual({ format: 'duet-share-1', kind: 'scenario', scenario: other });
    }),
    { numRuns: 50 },
  );
});

test('a scenario with more token ids than a link takes goes into a file', () => {
  const tokenIds = { answer1: Array.from({ length: 6000 }, (_, i) => (i * 7919) % 49_152) };
  const { link, text } = made({ kind: 'scenario', scenario: { ...scenario, expect: { tokenIds } } });
  expect(link).toBeNull();
  expect(readShare(text)).toMatchObject({ scenario: { expect: { tokenIds } } });
});

test('ours are written as their ids, and read whole; what only has the id of ours is not', () => {
  const { text } = made({ kind: 'negotiation', rules: { dilemma, pair } });
  expect(JSON.parse(text)).toMatchObject({ rules: { dilemma: dilemma.id, pair: pair.id } });
  expect(text).not.toContain(dilemma.prompt);
  expect(readShare(text)).toMatchObject({ rules: { dilemma, pair } });
  const edited = { ...dilemma, prompt: 'Something else entirely.' };
  expect(readShare(linkOf({ kind: 'negotiation', rules: { dilemma: edited } }))).toMatchObject({
    rules: { dilemma: edited },
  });
});

test('a text without repetitions is too long for a link at some length, and goes into a file', () => {
  let seed = 1;
  const letters = Array.from({ length: 20_000 }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCodePoint(97 + (seed % 26));
  }).join('');
  const { link, text } = made({ kind: 'thinking', question: letters });
  expect(link).toBeNull();
  expect(readShare(text)).toMatchObject({ question: letters });
  const short = made({ kind: 'thinking', question: letters.slice(0, 5000) }).link ?? '';
  expect(short.length).toBeGreaterThan(1000);
  expect(short.length).toBeLessThanOrEqual(MAX_LINK_CHARACTERS);
});

const scenarioWith = (part: object): object => ({ kind: 'scenario', scenario: { ...scenario, ...part } });

test.each([
  ['nothing', '', 'The link: it holds nothing that was shared'],
  ['another link', 'https://example.org/#/thinking', 'The link: it holds nothing'],
  ['a newer version', linkWith('{}', '2'), 'its version is 2, and this page reads 1'],
  ['a link that was cut off', linkOf({ kind: 'thinking', question: 'Why?' }).slice(0, -2), 'it is damaged'],
  ['no JSON', linkWith('{"kind":'), 'The link: it is no complete JSON'],
  ['a list', linkWith('[1]'), 'What was shared: it is no object of fields'],
  ['a number', linkWith('7'), 'What was shared: it is no object of fields'],
  ['another format', linkWith('{"format":"duet-templates-1"}'), 'format: it is not duet-share-1'],
  ['a later format', linkWith('{"format":"duet-share-2","kind":"thinking"}'), 'format: it is duet-share-2, and this'],
  ['an unknown kind', linkWith('{"format":"duet-share-1","kind":"poem"}'), 'kind: This page knows no such kind'],
  ['half a file', '{"format":"duet-share-1","kind":"think', 'The file: it is no complete JSON'],
  ['a file of something else', '{"name":"x"}', 'format: it is not duet-share-1. Choose a file'],
])('%s is refused in one sentence', (_what, source, message) => {
  expect(failureOf(source)).toMatchObject({ code: 'invalidConfig', message: expect.stringContaining(message) });
});

test.each<[string, object, string]>([
  ['a setting out of range', { kind: 'thinking', settings: { budget: -1 } }, 'settings.budget'],
  ['a setting that there is not', { kind: 'thinking', settings: { gone: 1 } }, 'settings.gone'],
  ['a field that there is not', { kind: 'thinking', apiKey: 'secret' }, 'apiKey'],
  ['a wrong type', { kind: 'thinking', question: ['a'] }, 'question'],
  ['a rule out of range', { kind: 'negotiation', rules: { settings: { groupSize: 0 } } }, 'rules.settings.groupSize'],
  ['an unknown dilemma', { kind: 'negotiation', rules: { dilemma: 'no-such' } }, 'rules.dilemma'],
  [
    'a dilemma without a text',
    { kind: 'negotiation', rules: { dilemma: { ...dilemma, prompt: ' ' } } },
    'rules.dilemma.prompt',
  ],
  [
    'a prompt without its slots',
    { kind: 'negotiation', rules: { templates: { [at(Object.keys(TEMPLATES), 0)]: { ourVersion: 1, text: 'x' } } } },
    'rules.templates',
  ],
  [
    'an unknown prompt',
    { kind: 'negotiation', rules: { templates: { poem: { ourVersion: 1, text: 'x' } } } },
    'rules.templates.poem',
  ],
  [
    'a judge that is a server',
    { kind: 'negotiation', rules: { judge: { kind: 'endpoint', url: 'http://x', model: 'y' } } },
    'rules.judge.kind',
  ],
  ['half a step', { kind: 'training', plan: { steps: 1.5 }, rules: {} }, 'plan.steps'],
  ['an unknown loss', { kind: 'training', plan: { lossType: 'sft' }, rules: {} }, 'plan.lossType'],
  ['an adapter of another browser', { kind: 'training', plan: { adapterId: 'x' }, rules: {} }, 'plan.adapterId'],
  ['a set named twice', { kind: 'evaluation', form: { sets: ['open', 'open'] }, rules: {} }, 'form.sets'],
  [
    'an address with a key',
    { kind: 'chat', chatModel: { kind: 'endpoint', url: 'https://x.org/?api_key=1', model: 'm' } },
    'chatModel.url',
  ],
  [
    'an address that is a script',
    { kind: 'chat', chatModel: { kind: 'endpoint', url: 'javascript:alert(1)', model: 'm' } },
    'chatModel.url',
  ],
  ['a long system prompt', { kind: 'chat', settings: { systemPrompt: 'x'.repeat(20_001) } }, 'settings.systemPrompt'],
  ['half an example', { kind: 'fineTune', form: { examplesPerStep: 0.5 } }, 'form.examplesPerStep'],
  ['an unknown schedule', { kind: 'fineTune', form: { lrSchedulerType: 'wave' } }, 'form.lrSchedulerType'],
  ['a book of examples', { kind: 'fineTune', form: { data: 'x'.repeat(100_001) } }, 'form.data'],
  ['more questions than there are', { kind: 'thinkingEvaluation', form: { numItems: 2001 } }, 'form.numItems'],
  ['imported questions', { kind: 'thinkingEvaluation', form: { imported: { items: [] } } }, 'form.imported'],
  [
    'an unknown preset',
    {
      kind: 'thinkingEvaluation',
      form: { configurations: [{ name: 'x', mode: 'noThinking', basis: { kind: 'preset', preset: 'toString' } }] },
    },
    'form.configurations.0.basis.preset',
  ],
  ['a scenario that is none', { kind: 'scenario', scenario: {} }, 'panel'],
  ['a scenario without a question', scenarioWith({ inputs: { questions: [] } }), 'inputs.questions'],
  ['a scenario of another version', scenarioWith({ version: 2 }), 'version'],
  [
    'a key in a scenario',
    scenarioWith({
      inputs: { ...scenario.inputs, model: { kind: 'endpoint', url: '/v1', model: 'm', apiKey: 'secret' } },
    }),
    'inputs.model.apiKey',
  ],
  [
    'a server with a key in its address in a scenario',
    scenarioWith({ inputs: { ...scenario.inputs, model: { kind: 'endpoint', url: '/v1?token=1', model: 'm' } } }),
    'inputs.model.url',
  ],
  ['a model with a key in its address', scenarioWith({ model: { source: 'http://x.org/m?sig=1' } }), 'model.source'],
  ['a model that is a script', scenarioWith({ model: { source: 'javascript:alert(1)' } }), 'model.source'],
  ['a run that is none', { kind: 'replay', replay: { of: 'thinking', run: { format: 'x' } } }, 'format'],
  ['a recording that is none', { kind: 'replay', replay: { of: 'negotiation', recording: {} } }, 'format'],
  ['a group that is none', { kind: 'replay', replay: { of: 'group', group: {} } }, 'format'],
  ['a training that is none', { kind: 'replay', replay: { of: 'training', recording: {} } }, 'format'],
  [
    'a file outside its folder',
    { kind: 'replay', replay: { of: 'shipped', panel: 'thinking', file: '../x.json' } },
    'replay.file',
  ],
])('%s is refused by its field', (_what, content, field) => {
  const failure = failureOf(linkWith(JSON.stringify({ format: 'duet-share-1', ...content })));
  expect(failure.code).toBe('invalidConfig');
  expect(failure.message).toContain(field);
  expect(failure.message.length).toBeLessThan(400);
});

test('any text, and any JSON, is read or refused with a Failure', () => {
  const json = fc.json({ maxDepth: 4 });
  const shaped = fc.record(
    {
      kind: fc.constantFrom(...new Set(CONTENTS.map(({ kind }) => kind)), 'replay'),
      scenario: fc.oneof(
        fc.anything(),
        fc.record({ inputs: fc.anything() }).map((part) => ({ ...scenario, ...part })),
      ),
      settings: fc.anything(),
      rules: fc.anything(),
      plan: fc.anything(),
      form: fc.anything(),
      replay: fc.record({ of: fc.constantFrom('thinking', 'negotiation', 'group', 'training'), run: fc.anything() }),
    },
    { requiredKeys: ['kind'] },
  );
  const sources = fc.oneof(
    fc.string({ unit: 'binary' }),
    json.map((text) => linkWith(text)),
    json,
    shaped.map((value) => safely({ format: 'duet-share-1', ...value })),
  );
  fc.assert(
    fc.property(sources, (source) => {
      try {
        expect(readShare(source).format).toBe('duet-share-1');
      } catch (error) {
        expect(error).toMatchObject({ name: 'Failure', code: 'invalidConfig' });
      }
    }),
    { numRuns: 200 },
  );
});

/** What JSON cannot say is left out. */
function safely(value: object): string {
  return JSON.stringify(value, (_key, entry: unknown) => (typeof entry === 'bigint' ? Number(entry) : entry));
}

test('a link that unfolds to more than any link does is refused', () => {
  expect(failureOf(linkWith(' '.repeat(1_000_001))).message).toContain('it unfolds to more than 1 MB');
  expect(failureOf(`1.${'A'.repeat(100_000)}`).message).toContain('it is longer than links of Duet');
});

test('what stands around a link in a sentence is passed over', () => {
  const link = linkOf({ kind: 'thinking', question: 'Why?' });
  for (const around of [` ${link}\n`, `${link}.`, `${link}),`])
    expect(readShare(around)).toMatchObject({ question: 'Why?' });
});
