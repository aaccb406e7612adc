import { expect, it } from 'vitest';
import type { ChatAnswer } from './chat.ts';
import type { OtherModel, TimedPiece } from './comparison.ts';
import { otherRunOf, piecesOf } from './other-run.ts';

const MODEL: OtherModel = { kind: 'webLlm', model: 'small' };
const CLOCK = { totalMs: 4000, speakingRate: 10 };

const answerOf = (answer: Partial<ChatAnswer>): ChatAnswer => ({
  text: '',
  thinking: null,
  tokens: null,
  stopReason: 'stop',
  timing: { timeToFirstTokenMs: 1, totalMs: 2, numTokens: 7 },
  ...answer,
});
const wrote = (text: string, elapsedMs: number): TimedPiece => ({ stream: 'writer', text, elapsedMs });
const thought = (text: string, elapsedMs: number): TimedPiece => ({ stream: 'thinker', text, elapsedMs });

it('an answer has its times and its own count of tokens; steps are not known', () => {
  const pieces = [wrote('It', 500), wrote(' is.', 1000), wrote(' Yes', 2000)];
  const run = otherRunOf(MODEL, pieces, answerOf({ text: 'It is. Yes' }), CLOCK);
  expect(run).toEqual({
    model: MODEL,
    stop: 'writer_eos',
    failure: null,
    text: { thinker: '', writer: 'It is. Yes' },
    pieces,
    metrics: {
      timeToFirstTokenMs: 500,
      timeToFirstSentenceMs: 1000,
      // Three words are one spoken chunk: it is ready with the last.
      timeToFirstSpeechMs: 2000,
      totalMs: 4000,
      steps: null,
      stepsToFirstToken: null,
      stepsDelay: null,
      totalDelaySeconds: 2,
      adjustedDelaySeconds: 1,
      thinkerTokens: 0,
      writerTokens: 7,
    },
    numTokens: 7,
  });
});

it('a long piece is spoken word by word, as if its words had been tokens', () => {
  const first = 'one two three four five ';
  const run = otherRunOf(MODEL, [wrote(first, 1000), wrote('six', 9000)], answerOf({ text: `${first}six` }), CLOCK);
  expect(run.metrics.timeToFirstSpeechMs).toBe(1000);
});

it('the time of thoughts counts as waiting, and tokens are not counted apart', () => {
  const pieces = [thought('Hm', 300), thought('.', 2500), wrote('Yes.', 3000)];
  const run = otherRunOf(MODEL, pieces, answerOf({ text: 'Yes.', thinking: 'Hm.', stopReason: 'length' }), CLOCK);
  expect(run).toMatchObject({
    stop: 'budget',
    text: { thinker: 'Hm.', writer: 'Yes.' },
    metrics: { timeToFirstTokenMs: 3000, totalDelaySeconds: 3, thinkerTokens: null, writerTokens: null },
    numTokens: 7,
  });
});

it('a thought that nobody had marked is none of the answer when its end has come', () => {
  const pieces = [wrote('H', 300), wrote('m.Ye', 2000), wrote('s.', 3000)];
  const run = otherRunOf(MODEL, pieces, answerOf({ text: 'Yes.', thinking: 'Hm.' }), CLOCK);
  expect(run.pieces).toEqual([thought('H', 300), thought('m.', 2000), wrote('Ye', 2000), wrote('s.', 3000)]);
  expect(run.metrics.timeToFirstTokenMs).toBe(2000);
});

it('what is broken off keeps what had come and says why', () => {
  const failure = { code: 'endpointFailed', message: 'The connection was lost.' } as const;
  const run = otherRunOf(MODEL, [wrote('It', 500)], { failure }, CLOCK);
  expect(run).toMatchObject({
    stop: 'failed',
    failure,
    text: { writer: 'It' },
    metrics: { timeToFirstTokenMs: 500, timeToFirstSentenceMs: null, totalMs: null, totalDelaySeconds: null },
  });
});

it('thoughts of a delta come in front of what is written; an empty one is no piece', () => {
  expect(piecesOf({ thinking: 'Hm', text: 'Yes', tokens: [] }, 5)).toEqual([thought('Hm', 5), wrote('Yes', 5)]);
  expect(piecesOf({ thinking: '', text: '', tokens: [] }, 5)).toEqual([]);
});
