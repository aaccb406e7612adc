import { describe, expect, test } from 'vitest';
import type { Cue } from '@/protocol/presenter-presets.ts';
import { keyRestMs, typeCues, type TypistSeat } from './typist.ts';

/** A text box as the panel has it: Enter empties it. */
class Box implements TypistSeat {
  text = '';
  readonly log: string[] = [];
  restedMs = 0;
  numThoughts = 0;
  numWritten = 0;
  onRest = (): void => undefined;
  readonly draft = (): string => this.text;
  readonly typed = (text: string): void => {
    this.text = text;
    this.log.push(text);
  };
  readonly submitted = (text: string): void => {
    this.log.push(`sent ${text}`);
    this.text = '';
  };
  readonly thinkerTokens = (): number => this.numThoughts;
  readonly writerTokens = (): number => this.numWritten;
  readonly rest = async (milliseconds: number): Promise<void> => {
    this.restedMs += milliseconds;
    this.onRest();
    await Promise.resolve();
  };
  readonly until = async (isTrue: () => boolean): Promise<void> => {
    for (let turn = 0; turn < 100 && !isTrue(); turn++) {
      this.numThoughts++;
      this.numWritten++;
      await Promise.resolve();
    }
  };
}

const CUES: readonly Cue[] = [
  { kind: 'write', text: 'Hi you' },
  { kind: 'untilThoughts', tokens: 5 },
  { kind: 'erase', count: 3 },
  { kind: 'write', text: 'm, all?' },
  { kind: 'rest', seconds: 2 },
  { kind: 'send' },
  { kind: 'untilAnswer', tokens: 9 },
  { kind: 'write', text: 'Ok.' },
  { kind: 'send' },
];

describe('the typist', () => {
  test('types letter by letter, takes back, waits and sends', async () => {
    const box = new Box();
    await typeCues(CUES, box, new AbortController().signal);
    expect(box.log).toEqual([
      'H',
      'Hi',
      'Hi ',
      'Hi y',
      'Hi yo',
      'Hi you',
      'Hi yo',
      'Hi y',
      'Hi ',
      'Hi m',
      'Hi m,',
      'Hi m, ',
      'Hi m, a',
      'Hi m, al',
      'Hi m, all',
      'Hi m, all?',
      'sent Hi m, all?',
      'O',
      'Ok',
      'Ok.',
      'sent Ok.',
    ]);
    expect(box.numThoughts).toBe(9);
    expect(box.restedMs).toBeGreaterThan(2000);
  });

  test('stops where somebody else types into the box, and leaves that text alone', async () => {
    const box = new Box();
    box.onRest = () => {
      if (box.text === 'Hi y') box.text = 'Hi, my own question';
    };
    await typeCues(CUES, box, new AbortController().signal);
    expect(box.text).toBe('Hi, my own question');
    expect(box.log.at(-1)).toBe('Hi y');
  });

  test('stops when it is told to', async () => {
    const box = new Box();
    const controller = new AbortController();
    box.onRest = () => {
      if (box.text === 'Hi') controller.abort();
    };
    await typeCues(CUES, box, controller.signal);
    expect(box.log).toEqual(['H', 'Hi']);
  });

  test('rests longer behind words, and longest behind clauses', () => {
    for (let index = 0; index < 50; index++) {
      expect(keyRestMs('a', index)).toBeGreaterThanOrEqual(60);
      expect(keyRestMs(' ', index)).toBeGreaterThan(keyRestMs('a', index));
      expect(keyRestMs(',', index)).toBeGreaterThan(keyRestMs(' ', index));
    }
  });
});
