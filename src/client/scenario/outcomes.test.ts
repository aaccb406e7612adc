import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import { checkRun, readRun } from '@/protocol/recording-schema.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import type { OutcomeStream, ScenarioOutcome } from '@/protocol/scenario/outcome.ts';
import type { Scenario, WrittenScenario } from '@/protocol/scenario/scenario.ts';
import { compareRuns } from '@/state/compare-runs.ts';
import { baselineOf } from './baseline-of.ts';
import { compareOutcomes } from './compare-outcomes.ts';
import { decimals, visible } from './explain.ts';
import { judgeOutcome } from './judge-outcome.ts';
import { durations, timingRatio } from './timing-ratios.ts';
import { traceStreams } from './trace-streams.ts';

const RUN = readRun(readFileSync('public/recordings/change-of-mind.json', 'utf8'));
const textOf = (id: number): Promise<string> => Promise.resolve(`t${id}`);
const compareWith = { compareRuns, textOf };

function outcomeOf(trace: ReasoningTrace | null, change: Partial<ScenarioOutcome> = {}): ScenarioOutcome {
  const streams = trace === null ? [] : traceStreams(trace).map(streamOf);
  return {
    format: 'duet-scenario-outcome',
    version: 1,
    scenario: 'A run',
    panel: 'thinking',
    device: { vendor: 'google', architecture: 'swiftshader', description: '', isSoftware: true },
    model: { id: 'm', name: 'M', sha256: 'aa', contextLength: 9, kernelShape: 'threadPerRows', kvType: 'f32' },
    streams,
    facts: { stop: 'budget' },
    metrics: { steps: 20, loss: 1.5 },
    counts: null,
    memory: null,
    failure: null,
    trace,
    ratios: [],
    group: null,
    training: null,
    elapsedMs: 1,
    ...change,
  };
}

function streamOf({ turn, stream, ...tokens }: ReturnType<typeof traceStreams>[number]): OutcomeStream {
  return { name: `turn${turn + 1}.${stream}`, text: 'Hello', ...tokens };
}

/** The trace with one row's token changed, and its margin. */
function withToken(step: number, token: number, margin: number): ReasoningTrace {
  const steps = RUN.result.steps.map((one) =>
    one.step === step ? { ...one, rows: one.rows.map((row) => ({ ...row, token, margin })) } : one,
  );
  return { ...RUN, result: { ...RUN.result, steps } };
}

describe('streams of a trace', () => {
  test.each(['change-of-mind', 'remark-in-the-middle', 'thinking-while-typing'])(
    '%s: each chosen token has its step and margin, through edits, cuts and notes',
    (name) => {
      const run = readRun(readFileSync(`public/recordings/${name}.json`, 'utf8'));
      const streams = traceStreams(run);
      expect(streams.length).toBeGreaterThan(0);
      for (const { stream, tokenIds, choices } of streams) {
        expect(choices).toHaveLength(tokenIds.length);
        for (const [i, choice] of (choices ?? []).entries()) {
          if (choice?.step === undefined) continue;
          const row = run.result.steps[choice.step]?.rows.find((one) => one.stream === stream);
          expect([row?.token, row?.margin]).toEqual([tokenIds[i], choice.margin]);
        }
        expect(choices?.some((choice) => choice?.step !== undefined)).toBe(true);
      }
    },
  );
});

describe('a baseline', () => {
  const outcome = outcomeOf(RUN);

  test('has no times, is met by its own outcome, and its trace is one', async () => {
    const baseline = baselineOf(outcome);
    expect(JSON.stringify(baseline)).not.toContain('elapsed_ms');
    if (baseline.trace === null) throw new Error('It has no trace.');
    checkRun(JSON.parse(JSON.stringify(baseline.trace)));
    expect(await compareOutcomes(outcome, baseline, compareWith)).toBeNull();
  });

  test('another token is explained by step, tokens, margins and the probe', async () => {
    const probed = RUN.result.steps.find(({ probe }) => probe !== undefined)?.step ?? 0;
    const found = await compareOutcomes(outcomeOf(withToken(probed, 7, 0.01)), baselineOf(outcome), compareWith);
    expect(found).toMatchObject({ what: 'token', step: probed, actual: { token: 7, margin: 0.01 } });
    const words = found?.explanation.join('\n') ?? '';
    expect(words).toContain(`The runs part at step ${probed}`);
    expect(words).toMatch(/In this run 7 “t7” was drawn; \d+ “t\d+” was likelier/);
    expect(words).toContain('7 “t7”');
    expect(words).toContain('top-2 margin');
    expect(words).toContain('rounding decides');
    expect(words).toContain('The probe of this step in this run');
    expect(words).toContain('the code or the baseline was changed');
  });

  test('another adapter, model and kernel shape are said as likely causes', async () => {
    const elsewhere = outcomeOf(withToken(3, 7, 2), {
      device: { vendor: 'nvidia', architecture: 'hopper', description: '', isSoftware: false },
      model: { id: 'm', name: 'M', sha256: 'bb', contextLength: 9, kernelShape: 'workgroupPerRows', kvType: 'f32' },
    });
    const words = (await compareOutcomes(elsewhere, baselineOf(outcome), compareWith))?.explanation.join('\n');
    expect(words).toContain('another adapter (google swiftshader; this is nvidia hopper)');
    expect(words).toContain('another file: SHA-256 bb');
    expect(words).toContain('The kernels have another shape');
    expect(words).not.toContain('the code or the baseline was changed');
  });

  const plain = outcomeOf(null, {
    streams: [{ name: 'answer1', tokenIds: [1, 2, 3], text: 'abc', choices: [{ logProb: -1, margin: 2 }, null, null] }],
  });

  test.each([
    [
      [
        [9, -0.5],
        [2, -1.5],
      ],
      ['9 “t9” led the second best, 2 “t2”, by 1 (top-2 margin of the log-probabilities)', 'The choice was clear'],
    ],
    [
      [
        [2, -0.1],
        [9, -1.1],
      ],
      ['9 “t9” was drawn; 2 “t2” was likelier', 'The token was drawn at random'],
    ],
  ] as const)('a token chosen of %j is explained by how it was chosen', async (top, words) => {
    const choice = { logProb: -1, margin: 1, top };
    const streams = [{ name: 'answer1', tokenIds: [1, 9, 3], text: 'abc', choices: [null, choice, null] }];
    const found = await compareOutcomes({ ...plain, streams }, baselineOf(plain), compareWith);
    for (const part of words) expect(found?.explanation.join(' ')).toContain(part);
  });

  test.each([
    [
      'token',
      { streams: [{ name: 'answer1', tokenIds: [1, 9, 3], text: 'abc' }] },
      'answer1 differs first at token 1: 9',
    ],
    ['token', { streams: [{ name: 'answer1', tokenIds: [1, 2], text: 'ab' }] }, 'no token; the baseline has 3'],
    ['stream', { streams: [] }, 'answer1 is in the baseline, but not in this run'],
    [
      'stream',
      { streams: [...plain.streams, { name: 'answer2', tokenIds: [], text: '' }] },
      'answer2 is not in the baseline',
    ],
    ['fact', { facts: { stop: 'stopped' } }, 'The fact stop is stopped; the baseline has budget'],
    ['metric', { metrics: { steps: 21, loss: 1.5 } }, 'The metric steps is 21; the baseline has 20'],
    [
      'failure',
      { failure: { code: 'deviceLost', message: 'Gone.' } },
      'ended with deviceLost; the baseline’s ended with no failure',
    ],
  ] as const)('%s: %j', async (what, change, words) => {
    const found = await compareOutcomes({ ...plain, ...change }, baselineOf(plain), compareWith);
    expect(found?.what).toBe(what);
    expect(found?.explanation.join(' ')).toContain(words);
  });

  test.each([
    [1.5, 1.5004, true],
    [1.5, 1.504, false],
    [0.00005, 0.0005, false],
    [0, 0.000001, true],
    [109_120, 109_121, false],
    [109_120.5, 109_121.5, true],
  ])('a metric of %d that comes out as %d: the same by rounding is %j', async (kept, found, isSame) => {
    const [before, after] = [kept, found].map((loss) => ({ ...plain, metrics: { loss } }));
    const difference = await compareOutcomes({ ...plain, ...after }, baselineOf({ ...plain, ...before }), compareWith);
    expect(difference === null).toBe(isSame);
  });
});

describe('expectations', () => {
  function scenarioWith(expectations: WrittenScenario['expect'], model = {}): Scenario {
    return checkScenario({
      format: 'duet-scenario',
      version: 1,
      name: 'A run',
      panel: 'thinking',
      model: { source: 'm', ...model },
      inputs: { kind: 'question', question: 'Why?' },
      expect: expectations,
    });
  }
  const outcome = outcomeOf(RUN, {
    counts: {
      dispatches: 91,
      submits: 1,
      readbacks: 1,
      readbackBytes: 64,
      bindGroupsCreated: 0,
      dispatchesPerLayer: 8,
    },
  });
  const unmet = async (expectations: WrittenScenario['expect'], one = outcome): Promise<string[]> =>
    (await judgeOutcome(scenarioWith(expectations), one, textOf))
      .filter(({ isMet }) => !isMet)
      .map(({ name, explanation }) => [name, ...explanation].join(' '));

  test('what holds is met', async () => {
    const [thinker] = outcome.streams;
    const all: WrittenScenario['expect'] = {
      tokenIds: { 'turn1.thinker': [...(thinker?.tokenIds ?? [])] },
      texts: [{ of: 'turn1.thinker', equals: 'Hello', contains: 'ell', matches: '^H' }],
      facts: { stop: 'budget' },
      metrics: [{ name: 'steps', min: 20, max: 20 }],
      counts: { dispatches: 91, submits: 1 },
    };
    expect(await unmet(all)).toEqual([]);
    const judged = await judgeOutcome(scenarioWith(all), outcome, textOf);
    expect(judged.map(({ name }) => name)).toEqual([
      'no failure',
      'tokens of turn1.thinker',
      'text of turn1.thinker is',
      'text of turn1.thinker contains',
      'text of turn1.thinker matches',
      'stop',
      'metric steps',
      'count of dispatches',
      'count of submits',
    ]);
  });

  test('a wrong token is explained by its place, step and margin', async () => {
    const writer = outcome.streams.find(({ name }) => name === 'turn1.writer');
    const ids = [...(writer?.tokenIds ?? [])];
    ids[ids.length - 1] = 7;
    const [words = ''] = await unmet({ tokenIds: { 'turn1.writer': ids } });
    const choice = writer?.choices?.at(-1);
    expect(words).toContain(`differs first at token ${ids.length - 1} (step ${choice?.step}): expected 7 “t7”`);
    expect(words).toContain(`by ${decimals(choice?.margin ?? 0)} (top-2 margin`);
  });

  test.each<readonly [WrittenScenario['expect'], string]>([
    [{ tokenIds: { 'turn2.writer': [1] } }, 'The outcome has turn1.thinker, turn1.writer.'],
    [{ tokenIds: { 'turn1.writer': [] } }, 'part of a prompt'],
    [{ texts: [{ of: 'turn1.writer', contains: 'Rome' }] }, 'text of turn1.writer contains'],
    [{ facts: { stop: 'stopped' } }, 'stop'],
    [{ metrics: [{ name: 'steps', max: 19 }] }, 'metric steps'],
    [{ metrics: [{ name: 'stebs', max: 19 }] }, 'The outcome has steps, loss.'],
    [{ counts: { dispatches: 90 } }, 'count of dispatches'],
    [{ memory: { total: 1 } }, 'bytes of total'],
    [{ failure: { code: 'deviceLost' } }, 'failure'],
  ])('%j is not met', async (expectations, words) => {
    const found = await unmet(expectations);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(words);
  });

  test('a failure that was not expected fails, one that was is met', async () => {
    const failed = outcomeOf(null, { failure: { code: 'deviceLost', message: 'The device is gone.' } });
    expect(await unmet({}, failed)).toHaveLength(1);
    expect(await unmet({ failure: { code: 'deviceLost', messageContains: 'gone' } }, failed)).toEqual([]);
    expect(await unmet({ failure: { code: 'deviceLost', messageContains: 'left' } }, failed)).toHaveLength(1);
    expect(await unmet({ failure: { code: 'busy' } }, failed)).toHaveLength(1);
  });

  test('the model’s file is held to its hash', async () => {
    const judged = await judgeOutcome(scenarioWith({}, { sha256: 'c'.repeat(64) }), outcome, textOf);
    expect(judged.find(({ name }) => name === 'SHA-256 of the model')?.isMet).toBe(false);
  });
});

describe('times by each other', () => {
  test('median by median, with the spread of the quartiles', () => {
    const [ratio] = timingRatio('a / b', [2, 4, 6, 8, 10], [1, 2, 3]);
    expect(ratio).toEqual({ name: 'a / b', ratio: 3, low: 4 / 2.5, high: 8 / 1.5, counts: [5, 3] });
    expect(timingRatio('a / b', [], [1])).toEqual([]);
    expect(timingRatio('a / b', [1], [])).toEqual([]);
    expect(timingRatio('a / b', [1], [0])).toEqual([]);
  });

  test('durations are differences of neighbours', () => {
    expect(durations([1, 3, 6])).toEqual([2, 3]);
    expect(durations([])).toEqual([]);
  });
});

test('what cannot be seen is shown as an escape', () => {
  expect(visible('a\nb\t\u0000\uFFFD')).toBe('a\\nb\\t\\u0000·');
  expect([decimals(0.00001), decimals(1.23456), decimals(2), decimals(NaN)]).toEqual(['1.0e-5', '1.2346', '2', 'NaN']);
});
