import { beforeEach, expect, test } from 'vitest';
import { createSpeaker, type Speaker } from './speaker.ts';

interface Said {
  readonly text: string;
  readonly emit: (type: string, charIndex?: number) => void;
  rate: number;
}

let said: Said[] = [];
let numCancels = 0;
let speaker: Speaker;

beforeEach(() => {
  said = [];
  numCancels = 0;
  const utteranceOf = (text: string): SpeechSynthesisUtterance => {
    const listeners = new Map<string, (event: { charIndex: number }) => void>();
    return {
      text,
      rate: 1,
      addEventListener: (type: string, listener: (event: { charIndex: number }) => void) =>
        listeners.set(type, listener),
      emit: (type: string, charIndex = 0) => listeners.get(type)?.({ charIndex }),
    } as unknown as SpeechSynthesisUtterance;
  };
  const voice = {
    speak: (utterance: SpeechSynthesisUtterance) => void said.push(utterance as unknown as Said),
    cancel: () => void numCancels++,
  };
  speaker = createSpeaker(voice, utteranceOf, () => 30);
});

test('sentences are said as they are finished, the rest when the answer is complete', () => {
  speaker.textChanged('The capital', false);
  speaker.textChanged('The capital is Paris. It l', false);
  speaker.textChanged('The capital is Paris. It lies', true);
  expect(said.map(({ text }) => text)).toEqual(['The capital is Paris.', ' It lies']);
  expect(said[0]?.rate).toBe(2);
});

test('what is unspoken follows the voice, and counts words that it has not got yet', () => {
  speaker.textChanged('The capital is Paris. It l', false);
  expect(speaker.unspokenSeconds()).toBeCloseTo(26 / 30, 9);
  said[0]?.emit('boundary', 15);
  expect(speaker.unspokenSeconds()).toBeCloseTo(11 / 30, 9);
  said[0]?.emit('end');
  expect(speaker.unspokenSeconds()).toBeCloseTo(5 / 30, 9);
});

test('a sentence that the voice refuses counts as said', () => {
  speaker.textChanged('One. ', true);
  said[0]?.emit('error');
  expect(speaker.unspokenSeconds()).toBe(0);
});

test('another answer silences the one before, whose late events change nothing', () => {
  speaker.textChanged('One two. Three', false);
  speaker.textChanged('', false);
  expect(numCancels).toBe(1);
  speaker.textChanged('Four five. S', false);
  said[0]?.emit('end');
  expect(speaker.unspokenSeconds()).toBeCloseTo(12 / 30, 9);
});
