import { readFile, readdir } from 'node:fs/promises';
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
