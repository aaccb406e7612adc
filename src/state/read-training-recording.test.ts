import { readFile, readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HELD_OUT_DILEMMAS } from '@/protocol/negotiation/held-out.ts';
import { readTrainingRecording } from './read-training-recording.ts';

const FOLDER = new URL('../../public/recordings/training/', import.meta.url);

test('the recorded training that comes with the page is whole: ten steps or more, nothing held out', async () => {
  const files = (await readdir(FOLDER)).filter((name) => name !== 'index.json');
  const index = JSON.parse(await readFile(new URL('index.json', FOLDER), 'utf8')) as { file: string }[];
  expect(index.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const { run, steps } = readTrainingRecording(await readFile(new URL(file, FOLDER), 'utf8'));
    expect(steps.length).toBeGreaterThanOrEqual(10);
    expect(run.steps.map(({ step }) => step)).toEqual(steps.map(({ step }) => step));
    for (const { groups, rows, advantages } of steps) {
      expect(groups.some(({ dilemma }) => HELD_OUT_DILEMMAS.has(dilemma.id))).toBe(false);
      expect(rows.every(({ advantage, group, dialogue }) => advantages[group]?.[dialogue] === advantage)).toBe(true);
      expect(rows.every(({ logProbsAfter, tokenIds }) => logProbsAfter?.length === tokenIds.length)).toBe(true);
    }
  }
});

test('a file that is something else is refused by what is wrong', () => {
  expect(() => readTrainingRecording('no')).toThrow(/no JSON/);
  expect(() => readTrainingRecording('{}')).toThrow(/format/);
  const empty = JSON.stringify({ format: 'duet-training-recording-1', name: 'x', note: '', madeBy: '', createdAt: '' });
  expect(() => readTrainingRecording(empty)).toThrow(/device/);
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Another value at one place of it, chosen by the numbers. */
function changedAt(value: Json, path: readonly number[], other: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined || typeof value !== 'object' || value === null) return other;
  if (Array.isArray(value)) {
    const at = first % Math.max(1, value.length);
    return value.map((entry, index) => (index === at ? changedAt(entry, rest, other) : entry));
  }
  const keys = Object.keys(value);
  const chosen = keys[first % Math.max(1, keys.length)];
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, key === chosen ? changedAt(entry, rest, other) : entry]),
  );
}

test('a recording of somebody else, with anything at any place, is read or refused by its field', async () => {
  const whole = JSON.parse(await readFile(new URL('ten-steps.json', FOLDER), 'utf8')) as { steps: Json[] };
  const short = { ...whole, steps: whole.steps.slice(0, 1) } as unknown as Json;
  const path = fc.array(fc.nat(), { minLength: 1, maxLength: 8 });
  const other = fc.constantFrom<Json>(null, -1, 1e300, 'x', [], {}, [[]], true);
  fc.assert(
    fc.property(path, other, (places, value) => {
      try {
        const { run, steps } = readTrainingRecording(JSON.stringify(changedAt(short, places, value)));
        for (const step of [...run.steps, ...steps]) expect(step.metrics).toBeTypeOf('object');
        for (const { groups, rows } of steps)
          for (const row of rows) {
            expect(groups[row.group]?.dialogues[row.dialogue]).toBeDefined();
            expect(row.logProbs).toHaveLength(row.tokenIds.length);
          }
      } catch (error) {
        expect(error).toMatchObject({ name: 'Failure', code: 'invalidConfig' });
      }
    }),
    { numRuns: 150 },
  );
});
