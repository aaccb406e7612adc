import { describe, expect, test } from 'vitest';
import type { Comparison, ComparisonMode, ComparisonRun, DelayMetrics, TimedToken } from '@/protocol/comparison.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { otherRunOf } from '@/protocol/other-run.ts';
import type { ReasoningStopReason } from '@/protocol/reasoning.ts';
import { EMPTY_TRACK, trackOf } from '@/state/comparison-track.ts';
import type { ComparisonLane } from '@/state/comparison-view.ts';
import { comparisonCsv } from './comparison-csv.ts';
import { laneOfMode, lanesLabel, momentText } from './lane-of-mode.ts';
import { bestValue, isBest, metricRows, secondsText, valueText } from '../metric-rows.ts';

const METRICS: DelayMetrics = {
  timeToFirstTokenMs: 2100,
  timeToFirstSentenceMs: 5300,
  timeToFirstSpeechMs: 2900,
  totalMs: 21_000,
  steps: 140,
  stepsToFirstToken: 14,
  stepsDelay: 20,
  totalDelaySeconds: 3.25,
  adjustedDelaySeconds: 1.5,
  thinkerTokens: 100,
  writerTokens: 40,
};

const TOKENS: readonly TimedToken[] = [
  { stream: 'thinker', text: 'Hm', step: 0, elapsedMs: 1000 },
  { stream: 'thinker', text: '.', step: 1, elapsedMs: 2000 },
  { stream: 'writer', text: 'Yes', step: 1, elapsedMs: 2000 },
  { stream: 'writer', text: '.', step: 2, elapsedMs: 3000 },
];

const runOf = (
  mode: ComparisonMode,
  metrics: Partial<DelayMetrics> = {},
  stop: ReasoningStopReason = 'writer_eos',
): ComparisonRun => ({
  mode,
  stop,
  text: { thinker: 'Hm.', writer: 'Yes.' },
  tokens: TOKENS,
  metrics: { ...METRICS, ...metrics },
});

const laneOf = (run: ComparisonRun): ComparisonLane => ({ way: run.mode, status: 'done', track: trackOf(run), run });

const WAITING: ComparisonLane = { way: 'interleaved', status: 'waiting', track: EMPTY_TRACK, run: null };

const COMPARISON: Comparison = {
  format: 'duet-comparison-1',
  createdAt: '2026-01-02T03:04:05.000Z',
  question: 'He said "no", why?\nTell me.',
  typingRate: 5,
  settings: DEFAULT_REASONING_SETTINGS,
  model: { id: 'smollm2', sha256: null },
  device: { vendor: 'google', architecture: 'swiftshader', isSoftware: true },
  runs: [runOf('asynchronous'), runOf('noThinking', { timeToFirstSentenceMs: null })],
};

describe('lanes', () => {
  test('a lane has spans for both streams, the waiting, and its marks in seconds', () => {
    const lane = laneOfMode(laneOf(runOf('asynchronous')));
    expect(lane).toMatchObject({
      name: 'Asynchronous',
      note: 'first token 2.10 s, first sentence 5.30 s',
      thinking: [{ fromMs: 1000, toMs: 2000 }],
      writing: [{ fromMs: 1000, toMs: 3000 }],
      waiting: [{ fromMs: 0, toMs: 1000 }],
      firstTokenMs: 2100,
    });
  });

  test('what has not run says so, and an answer that never came too', () => {
    expect(laneOfMode(WAITING).note).toBe('not begun');
    expect(laneOfMode({ ...WAITING, status: 'unfinished' }).note).toBe('not finished');
    expect(laneOfMode(laneOf(runOf('noThinking', { timeToFirstTokenMs: null }))).note).toBe('no answer');
  });

  test('the picture can be read without seeing it', () => {
    expect(lanesLabel([laneOf(runOf('asynchronous')), WAITING], 4200)).toBe(
      'Lanes over seconds since Enter. The question was typed for 4.20 s in front of it. ' +
        'Asynchronous: first token 2.10 s, first sentence 5.30 s; Interleaved: not begun.',
    );
  });

  test('another model is called one, and a failed one says so', () => {
    const other = { kind: 'webLlm', model: 'Qwen3-0.6B-q4f16_1-MLC' } as const;
    const failure = { code: 'endpointFailed', message: 'No network.' } as const;
    const run = otherRunOf(other, [], { failure }, { totalMs: 1, speakingRate: 15 });
    const lane: ComparisonLane = { way: other, status: 'done', track: trackOf(run), run };
    expect(laneOfMode(lane)).toMatchObject({
      name: 'Another model: Qwen3 0.6B, on web-llm',
      shortName: 'Other, web-llm',
      note: 'failed',
    });
    expect(laneOfMode({ ...lane, status: 'running', run: null }).note).toBe('running');
  });

  test('a moment says what every way did then', () => {
    const lanes = [laneOf(runOf('asynchronous')), WAITING];
    expect(momentText(lanes, 1500)).toBe('1.50 s · Asynchronous thinks and writes');
    expect(momentText(lanes, 2500)).toBe('2.50 s · Asynchronous writes');
    expect(momentText(lanes, 9000)).toBe('9.00 s · Asynchronous has ended');
    expect(momentText(lanes, -2000)).toBe('\u22122.00 s');
  });
});

describe('figures', () => {
  const rows = metricRows(15);
  const row = (key: keyof DelayMetrics): (typeof rows)[number] => {
    const found = rows.find((candidate) => candidate.key === key);
    if (found === undefined) throw new Error(key);
    return found;
  };

  test('every metric has a row, times in seconds, delays with their speaking rate', () => {
    expect(rows.map(({ key }) => key).toSorted()).toEqual(Object.keys(METRICS).toSorted());
    expect(row('timeToFirstTokenMs').value(METRICS)).toBe(2.1);
    expect(row('adjustedDelaySeconds').meaning).toContain('15 characters/s');
  });

  test('the least cost of at least two is best; counts of tokens have none', () => {
    const runs = [runOf('asynchronous'), runOf('noThinking', { timeToFirstTokenMs: 400 }), null];
    const best = bestValue(row('timeToFirstTokenMs'), runs);
    expect(best).toBe(0.4);
    expect(isBest(row('timeToFirstTokenMs'), runOf('noThinking', { timeToFirstTokenMs: 400 }), best)).toBe(true);
    expect(isBest(row('timeToFirstTokenMs'), runOf('asynchronous'), best)).toBe(false);
    expect(bestValue(row('timeToFirstTokenMs'), [runOf('asynchronous'), null])).toBeNull();
    expect(bestValue(row('writerTokens'), runs)).toBeNull();
  });

  test('a run without an end is no rival in what needs one', () => {
    const cut = runOf('noThinking', { totalMs: 1 }, 'budget');
    expect(bestValue(row('totalMs'), [runOf('asynchronous'), runOf('interleaved', { totalMs: 30_000 }), cut])).toBe(21);
    expect(isBest(row('totalMs'), cut, 0.001)).toBe(false);
  });

  test('numbers keep three digits or so; what there is not is a dash', () => {
    expect([0.042, 9.994, 9.996, 59.2, 592.05].map(secondsText)).toEqual(['0.04', '9.99', '10.0', '59.2', '592']);
    expect(valueText(row('timeToFirstSentenceMs'), null)).toBe('–');
    expect(valueText(row('steps'), 140)).toBe('140');
  });
});

describe('the table as a file', () => {
  const parsed = comparisonCsv(COMPARISON);

  test('has a line per way, with figures in seconds and their context', () => {
    const [header = '', ...lines] = parsed.trimEnd().split('\r\n');
    expect(header.split(',').slice(0, 4)).toEqual([
      'mode',
      'stop',
      'time_to_first_token_seconds',
      'time_to_first_sentence_seconds',
    ]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^asynchronous,writer_eos,2\.1,5\.3,2\.9,21,3\.25,1\.5,140,14,20,100,40,/);
    expect(lines[1]).toMatch(/^noThinking,writer_eos,2\.1,,2\.9,/);
    expect(lines[0]).toContain('google swiftshader (software)');
  });

  test('quotes, commas and line ends in the question stay in their cell', () => {
    expect(parsed).toContain('"He said ""no"", why?\nTell me."');
  });

  test('another model has a line of its own without what is not known of it; a failure stands at the end', () => {
    const model = { kind: 'endpoint', model: 'small', url: 'http://localhost:1/v1' } as const;
    const failure = { code: 'endpointFailed', message: 'It is away.' } as const;
    const clock = { totalMs: 900, speakingRate: 15 };
    const other = otherRunOf(model, [{ stream: 'writer', text: 'Ye', elapsedMs: 500 }], { failure }, clock);
    const csv = comparisonCsv({ ...COMPARISON, question: 'Why?', others: [other] });
    const [header = '', , , line = ''] = csv.split('\r\n');
    expect(line).toMatch(/^endpoint,failed,0\.5,,0\.5,,,,,,,,,Why\?,0,15,,/);
    expect(line).toContain('"small, at localhost:1",,,2026-');
    expect(header.endsWith(',failure')).toBe(true);
    expect(line.endsWith(',It is away.')).toBe(true);
  });
});
