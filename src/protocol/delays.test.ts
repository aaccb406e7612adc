import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimedToken } from './comparison.ts';
import { delayMetrics, firstSentenceEnd, spokenChunks } from './delays.ts';

const token = (stream: TimedToken['stream'], step: number, seconds: number, text: string): TimedToken => ({
  stream,
  step,
  text,
  elapsedMs: seconds * 1000,
});
const wrote = (step: number, seconds: number, text: string): TimedToken => token('writer', step, seconds, text);
const thought = (step: number, seconds: number, text = 'x'): TimedToken => token('thinker', step, seconds, text);

// Ten characters a second; two thoughts, then twelve tokens of three characters and the end token.
const ANSWER = [
  ...['So ', 'it ', 'is ', 'an ', 'ox.'].map((text, i) => wrote(2 + i, 2 + i * 0.5, text)),
  // Chunk 2 is late: its last token comes at 8 s.
  ...[' We', ' go', ' on', ' up', ' or'].map((text, i) => wrote(7 + i, 6 + i * 0.5, text)),
  ...[' a ', 'bit'].map((text, i) => wrote(13 + i, 8.1 + i * 0.1, text)),
];
const RUN = {
  tokens: [thought(0, 0.5), thought(1, 1), ...ANSWER.slice(0, 10), thought(12, 8.05), ...ANSWER.slice(10)],
  stop: 'writer_eos',
  totalMs: 8300,
} as const;
const RUN_WITH_END = { ...RUN, tokens: [...RUN.tokens, wrote(15, 8.3, '')] };

describe('spoken chunks', () => {
  it('start when they are ready and the voice is free', () => {
    // Ready at 4, 8 and 8.2 s; they take 1.5, 1.5 and .6 s.
    const chunks = spokenChunks(ANSWER, { speakingRate: 10 });
    expect(chunks.map(({ text }) => text)).toEqual(['So it is an ox.', ' We go on up or', ' a bit']);
    expect(chunks.map(({ ready, start, end }) => [ready, start, end])).toEqual([
      [4, 4, 5.5],
      [8, 8, 9.5],
      [8.2, 9.5, 10.1],
    ]);
    expect(chunks.map(({ delay }) => delay)).toEqual([4, 2.5, 0]);
  });

  it('wait for their own synthesis only', () => {
    const synthesisSeconds = (text: string): number => (text.startsWith('So') ? 3 : 0);
    const chunks = spokenChunks(ANSWER, { speakingRate: 10, synthesisSeconds });
    // 4 + 3 = 7 until 8.5; the others were ready before that.
    expect(chunks.map(({ delay }) => delay)).toEqual([7, 0, 0]);
  });

  it('count characters, not UTF-16 units', () => {
    expect(spokenChunks([wrote(0, 1, '😀é')], { speakingRate: 2 })[0]?.end).toBe(2);
  });
});

describe('delay metrics', () => {
  it('equal what is computed by hand', () => {
    expect(delayMetrics(RUN_WITH_END, { speakingRate: 10 })).toEqual({
      timeToFirstTokenMs: 2000,
      timeToFirstSentenceMs: 4000,
      timeToFirstSpeechMs: 4000,
      totalMs: 8300,
      steps: 16,
      stepsToFirstToken: 3,
      // Steps 0 to 14 for twelve tokens.
      stepsDelay: 3,
      totalDelaySeconds: 6.5,
      // 3 + 1.5.
      adjustedDelaySeconds: 4.5,
      thinkerTokens: 3,
      writerTokens: 12,
    });
  });

  it('leave out what came before Enter, but count its tokens', () => {
    // Enter at 2.2 s: thoughts and the first token were there, step 3 is the first to be waited for.
    const tokens = RUN.tokens.map((each) => ({ ...each, elapsedMs: each.elapsedMs - 2200 }));
    const metrics = delayMetrics({ ...RUN, tokens, totalMs: 6000 }, { speakingRate: 10 });
    expect(metrics).toMatchObject({ timeToFirstTokenMs: 0, timeToFirstSentenceMs: 1800, thinkerTokens: 3 });
    expect(metrics).toMatchObject({ steps: 12, stepsToFirstToken: 0, stepsDelay: 1, writerTokens: 12 });
    expect(metrics.totalDelaySeconds).toBeCloseTo(1.8 + 2.5, 9);
  });

  it('say null where nothing was written', () => {
    const metrics = delayMetrics({ ...RUN, tokens: [thought(0, 1), wrote(1, 2, '')] }, { speakingRate: 10 });
    expect(metrics).toMatchObject({
      timeToFirstTokenMs: null,
      timeToFirstSentenceMs: null,
      timeToFirstSpeechMs: null,
      stepsToFirstToken: null,
      stepsDelay: null,
      totalDelaySeconds: 0,
      steps: 2,
      writerTokens: 0,
    });
    expect(delayMetrics({ ...RUN, tokens: [] }, { speakingRate: 10 })).toMatchObject({ steps: 0, stepsDelay: null });
  });

  it('have no first sentence when the budget cuts it', () => {
    const tokens = [wrote(0, 1, 'It is'), wrote(1, 2, ' an ox')];
    const first = (stop: 'budget' | 'writer_eos'): number | null =>
      delayMetrics({ tokens, stop, totalMs: 2 }, { speakingRate: 10 }).timeToFirstSentenceMs;
    expect(first('budget')).toBeNull();
    expect(first('writer_eos')).toBe(2000);
  });
});

describe('the first sentence', () => {
  it.each([
    ['It is 33. So', 9],
    ['Pi is 3.14 or so. Yes', 17],
    ['Pi is 3.', 8],
    ['Really? No', 7],
    ['Stop!" she said', 6],
    ['Well… no', 5],
    ['Well... no', 7],
    ['By J. Smith. Yes', 12],
    ['Some, e.g. this. Yes', 16],
    ['The U.S. is. Yes', 12],
    ['Solve for x. Then', 12],
    ['So do I. Then', 8],
    ['\n\nFirst line\nsecond', 13],
    ['1. Take it. Go', 11],
    ['...\n- A list\n', 13],
    ['是的。好', 3],
    ['**Yes.** And', 8],
  ])('of %j ends at %d', (text, end) => {
    expect(firstSentenceEnd(text, false)).toBe(end);
  });

  it.each(['', ' \n', 'The ox', 'Pi is 3.14', 'By J.', '1.', '...'])('of %j is not there yet', (text) => {
    expect(firstSentenceEnd(text, false)).toBeUndefined();
  });

  it('ends with the text when there is no more', () => {
    expect(firstSentenceEnd('The ox \n'.trimEnd(), true)).toBe(6);
    expect(firstSentenceEnd(' \n', true)).toBeUndefined();
  });
});

/** A run: each step adds a thought, an answer token, or both, and takes some time. */
const runs = fc
  .record({
    steps: fc.array(
      fc.record({
        ms: fc.integer({ min: 1, max: 3000 }),
        who: fc.constantFrom('thinker', 'writer', 'both'),
        text: fc.constantFrom('a', ' on', '.', '\n', ' é'),
      }),
      { maxLength: 60 },
    ),
    enterMs: fc.integer({ min: 0, max: 20_000 }),
    speakingRate: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ steps, enterMs, speakingRate }) => {
    let elapsedMs = -enterMs;
    const tokens = steps.flatMap(({ ms, who, text }, step) => {
      elapsedMs += ms;
      const made = { step, elapsedMs, text };
      const streams = who === 'both' ? (['thinker', 'writer'] as const) : [who];
      return streams.map((stream) => ({ ...made, stream }));
    });
    return { run: { tokens, stop: 'budget', totalMs: Math.max(elapsedMs, 0) } as const, speech: { speakingRate } };
  });

describe('for any run', () => {
  it('delays are not negative, the adjusted one is the smaller, and speech fills the rest', () => {
    fc.assert(
      fc.property(runs, ({ run, speech }) => {
        const answer = run.tokens.filter(({ stream }) => stream === 'writer');
        const chunks = spokenChunks(answer, speech);
        const spoken = answer.reduce((total, { text }) => total + text.length, 0) / speech.speakingRate;
        const metrics = delayMetrics(run, speech);
        for (const { delay } of chunks) expect(delay).toBeGreaterThanOrEqual(0);
        for (const { start, ready } of chunks) expect(start).toBeGreaterThanOrEqual(ready);
        expect(metrics.adjustedDelaySeconds).toBeLessThanOrEqual(metrics.totalDelaySeconds);
        expect(metrics.adjustedDelaySeconds).toBeGreaterThanOrEqual(metrics.totalDelaySeconds - chunks.length - 1e-9);
        // Silence and speech together are all the time up to the last word.
        expect(chunks.at(-1)?.end ?? 0).toBeCloseTo(metrics.totalDelaySeconds + spoken, 6);
      }),
    );
  });

  it('the first token comes before the first sentence and the first sound', () => {
    fc.assert(
      fc.property(runs, ({ run, speech }) => {
        const metrics = delayMetrics(run, speech);
        const first = metrics.timeToFirstTokenMs ?? 0;
        expect(first).toBeGreaterThanOrEqual(0);
        expect(metrics.timeToFirstSentenceMs ?? first).toBeGreaterThanOrEqual(first);
        expect(metrics.timeToFirstSpeechMs ?? first).toBeGreaterThanOrEqual(first - 1e-9);
        expect(metrics.stepsDelay ?? 0).toBeGreaterThanOrEqual(0);
        expect(metrics.stepsToFirstToken ?? 0).toBeLessThanOrEqual(metrics.steps);
      }),
    );
  });

  it('a faster voice never waits less, a slower one never more', () => {
    fc.assert(
      fc.property(runs, ({ run, speech }) => {
        const faster = delayMetrics(run, { speakingRate: speech.speakingRate * 2 });
        expect(faster.totalDelaySeconds).toBeGreaterThanOrEqual(delayMetrics(run, speech).totalDelaySeconds - 1e-9);
      }),
    );
  });

  it('a start that is later by a second makes the total delay larger by at most that', () => {
    fc.assert(
      fc.property(runs, ({ run, speech }) => {
        const tokens = run.tokens.map((each) => ({ ...each, elapsedMs: each.elapsedMs + 1000 }));
        const later = delayMetrics({ ...run, tokens }, speech).totalDelaySeconds;
        const { totalDelaySeconds } = delayMetrics(run, speech);
        expect(later).toBeGreaterThanOrEqual(totalDelaySeconds - 1e-9);
        expect(later).toBeLessThanOrEqual(totalDelaySeconds + 1 + 1e-9);
      }),
    );
  });
});
