/** The shipped scenarios, their schema and reference. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readScenario } from '@/protocol/scenario/check-scenario.ts';
import { scenarioJsonSchema } from '@/protocol/scenario/scenario-json-schema.ts';
import { baselineChanges } from './baseline-changes.mjs';
import { baselineFile, baselineText, listScenarioFiles, pictureFile, readBaseline } from './files.mjs';
import { changed, fileOf } from './network.mjs';
import { readOptions, UsageError } from './options.mjs';
import { pictureJudged } from './run-one.mjs';
import { scenarioReference, type Schema } from './reference.mjs';
import { sampleResult } from './sample-results.ts';

const FOLDER = 'scenarios';
const files = listScenarioFiles([FOLDER]);

test('at least twelve scenarios ship, of every panel', () => {
  expect(files.length).toBeGreaterThanOrEqual(12);
  const panels = new Set(files.map((file) => readScenario(readFileSync(file, 'utf8')).panel));
  expect([...panels].toSorted()).toEqual(['chat', 'model', 'negotiation', 'thinking', 'training']);
});

test.each(files)('%s is a scenario, and has what lies beside it', (file) => {
  const { expect: expected, ...scenario } = readScenario(readFileSync(file, 'utf8'));
  expect(scenario.$schema).toBe('../public/schemas/scenario-1.json');
  expect(scenario.description).not.toBe('');
  if (expected.baseline === 'exact') expect(readBaseline(file)?.scenario).toBe(scenario.name);
  for (const { name } of expected.screenshots ?? []) expect(existsSync(pictureFile(file, name))).toBe(true);
});

test('nothing lies among the scenarios that belongs to none', () => {
  const known = files.flatMap((file) => {
    const { expect: expected } = readScenario(readFileSync(file, 'utf8'));
    return [file, baselineFile(file), ...(expected.screenshots ?? []).map(({ name }) => pictureFile(file, name))];
  });
  const others = readdirSync(FOLDER).map((name) => path.join(FOLDER, name));
  expect(others.filter((name) => !known.includes(name))).toEqual([]);
});

test('the tiny model that scenarios load is the one whose values are known', () => {
  const shipped = readFileSync('public/models/tiny-llama/tiny-llama-Q8_0.gguf');
  expect(shipped.equals(readFileSync('src/testing/golden/tiny/llama/tiny-llama-Q8_0.gguf'))).toBe(true);
});

test('schema and reference are those of the code: npm run docs:reference', () => {
  const schema = scenarioJsonSchema();
  expect(JSON.parse(readFileSync('public/schemas/scenario-1.json', 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
  expect(readFileSync('docs/reference/scenario.md', 'utf8')).toBe(scenarioReference(schema as Schema));
});

test.each([
  [[], 'Name at least one scenario file.'],
  [['a.json', '--repeat', '0'], '--repeat 0'],
  [['a.json', '--report', 'pdf'], '--report pdf'],
  [['a.json', '--url', 'here'], '--url here'],
  [['a.json', '--wrong'], '--wrong'],
])('the options %j are refused by name', (args, message) => {
  expect(() => readOptions(args)).toThrow(UsageError);
  expect(() => readOptions(args)).toThrow(message);
});

test('several reports are asked for at once', () => {
  expect(readOptions(['a.json', '--report', 'html,junit', '--repeat', '3'])).toMatchObject({
    reports: ['html', 'junit'],
    repeat: 3,
  });
});

test('a file that is not there, a folder without scenarios, a baseline that is none', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'duet-scenario-'));
  try {
    expect(() => listScenarioFiles([path.join(folder, 'a.json')])).toThrow('a.json: there is no such file or folder');
    expect(() => listScenarioFiles([folder])).toThrow('there is no scenario in this folder');
    writeFileSync(path.join(folder, 'a.baseline.json'), '{"format":"other"}');
    expect(() => readBaseline(path.join(folder, 'a.json'))).toThrow('a.baseline.json: format and version');
    writeFileSync(path.join(folder, 'a.baseline.json'), '{');
    expect(() => readBaseline(path.join(folder, 'a.json'))).toThrow('a.baseline.json: is no JSON');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('answers of the network are cut and damaged as the rule says', () => {
  const body = Buffer.from([1, 2, 3, 4]);
  expect([...changed(body, { truncateToBytes: 2 })]).toEqual([1, 2]);
  expect([...changed(body, { flipByteAt: 1 })]).toEqual([1, 0xfd, 3, 4]);
  expect([...changed(body, { flipByteAt: 9 })]).toEqual([1, 2, 3, 4]);
  expect([...body]).toEqual([1, 2, 3, 4]);
});

test('a rule sends no file from elsewhere', () => {
  expect(fileOf('chat-greedy.json', `${FOLDER}/a.json`)).toMatch(/chat-greedy\.json$/);
  expect(() => fileOf('none.bin', `${FOLDER}/a.json`)).toThrow('there is no file none.bin');
  expect(() => fileOf('/etc/hostname', `${FOLDER}/a.json`)).toThrow('lies outside the working directory');
});

test('a picture without a stored one, or of what the page does not show, is not met', () => {
  const picture = { name: 'a', file: 'a', isMet: false, maxDifferingShare: 0.1, differingShare: null, words: '' };
  const [taken, gone] = [Buffer.from('x'), null].map((actual) => ({
    ...picture,
    actual,
    expected: null,
    difference: null,
  }));
  if (taken === undefined || gone === undefined) throw new Error('There are two.');
  expect([pictureJudged(taken, false).isMet, pictureJudged(taken, true).isMet]).toEqual([false, true]);
  expect([pictureJudged(gone, false).isMet, pictureJudged(gone, true).isMet]).toEqual([false, false]);
});

const { outcome } = sampleResult();
const baseline = { ...outcome, format: 'duet-scenario-baseline' as const };

test('a baseline is written a line for each stream, and reads as it was', () => {
  expect(JSON.parse(baselineText(baseline))).toMatchObject({
    streams: outcome.streams,
    facts: outcome.facts,
    trace: null,
  });
  const kept = JSON.parse(readFileSync(baselineFile(`${FOLDER}/thinking-remark.json`), 'utf8')) as typeof baseline;
  expect(JSON.parse(baselineText(kept))).toEqual(kept);
});

test('what an update would change is said line by line', () => {
  expect(baselineChanges(null, baseline, null)).toEqual(['+ new baseline: 1 streams, 2 tokens, 0 steps']);
  expect(baselineChanges(baseline, baseline, null)).toEqual([]);
  expect(baselineChanges(baseline, { ...baseline, scenario: 'Renamed', panel: 'chat' }, null)).toEqual([
    '~ scenario name: A scenario -> Renamed',
    '~ scenario panel: thinking -> chat',
  ]);
  const after = {
    ...baseline,
    metrics: { steps: 3 },
    facts: {},
    streams: [
      { name: 'turn1.writer', tokenIds: [1, 7], text: '' },
      { name: 'turn2.writer', tokenIds: [1], text: '' },
    ],
  };
  expect(baselineChanges(baseline, after, null)).toEqual([
    '- fact stop: budget',
    '~ metric steps: 2 -> 3',
    '~ stream turn1.writer from token 1 on: 2 -> 7',
    '+ stream turn2.writer: 1 tokens',
  ]);
});
