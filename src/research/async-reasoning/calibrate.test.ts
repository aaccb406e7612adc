import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { CalibrationEvent, CalibrationReport } from '@/protocol/calibration.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import {
  CALIBRATION_DEFAULTS,
  type CalibrationIo,
  type CalibrationRequest,
  chooseThreshold,
  runCalibration,
} from './calibrate.ts';
import { setupFromQuestion } from './reasoning-setup.ts';
import { finishReasoning, runReasoning } from './run-reasoning.ts';

// All forms of the words in the tiny vocabulary.
const YES_IDS = [279, 281, 283, 285];
const NO_IDS = [280, 282, 284, 286];
// No fixed text has a z.
const [A, Z] = [0x61, 0x7a];

let tokenizer: PieceTokenizer;
beforeAll(async () => {
  tokenizer = new PieceTokenizer(await readTinyTokenBytes());
});

const requestOf = (
  settings: Partial<ReasoningSettings> = {},
  change: Partial<CalibrationRequest> = {},
): CalibrationRequest => ({
  questions: ['One?'],
  steps: 10,
  targetShare: 0.6,
  settings: { ...DEFAULT_REASONING_SETTINGS, probeInterval: 2, probeAtParagraphs: false, ...settings },
  ...change,
});

/** The margin of each probe, yes minus no; `numWritten` counts what the probe sees of the answer. */
type Margins = (probe: number, numWritten: number) => number;

function decoderWith(margins: Margins): FakeDecoder {
  let probe = 0;
  return new FakeDecoder({
    vocabSize: tokenizer.vocabSize,
    logits: ({ block, visibleIds }) => {
      if (block === 'writer_output') return new Map([[Z, 9]]);
      if (block !== 'question') return new Map([[A, 9]]);
      const margin = margins(probe++, visibleIds.filter((id) => id === Z).length);
      // Far above all other logits; the four forms of each word have one logit.
      return new Map([...YES_IDS.map((id) => [id, margin] as const), ...NO_IDS.map((id) => [id, 0] as const)]);
    },
  });
}

interface Outcome {
  readonly events: readonly CalibrationEvent[];
  readonly report: CalibrationReport;
}

async function calibrated(
  decoder: FakeDecoder | ReferenceDecoder,
  request: CalibrationRequest,
  io: CalibrationIo = {},
): Promise<Outcome> {
  const events: CalibrationEvent[] = [];
  const run = runCalibration(decoder, tokenizer, request, io);
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return { events, report: value };
    events.push(value);
  }
}

describe('the threshold', () => {
  it.each([
    // Three of five lie above the middle of -1.2 and -1.3.
    [[-1.3, -1, -1.1, -1.6, -1.2], 0.6, -1.25],
    [[-1, -2, -3, -4], 0.5, -2.5],
    [[-1, -2, -3, -4], 0.25, -1.5],
    [[3, 1], 0.5, 2],
    // .6 of two: one (.5) is nearer than two (1).
    [[3, 1], 0.6, 2],
    // Equally near: the writer had rather run.
    [[3, 1], 0.75, 0.9],
    [[3, 1], 0, 3.1],
    [[3, 1], 1, 0.9],
    [[0.5], 0.6, 0.4],
    // Equal scores stay together: all three, or none.
    [[1, 1, 1], 0.6, 0.9],
    [[1, 1, 1], 0.3, 1.1],
    [[2, 1, 1, 1, 0], 0.6, 0.5],
    // As many digits as it takes.
    [[0.5001, 0.5003], 0.5, 0.5002],
    [[-1.337, -1.111], 0.5, -1.22],
    // The setting's range.
    [[40, 30], 0.5, 20],
    [[-30, -40], 0.5, -20],
  ])('of %j for %d is %d', (scores, targetShare, threshold) => {
    expect(chooseThreshold(scores, targetShare)).toBeCloseTo(threshold, 9);
  });

  it('has no share of distinct scores nearer to what was asked for', () => {
    const scores = fc.uniqueArray(fc.integer({ min: -1500, max: 1500 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (hundredths, targetShare) => {
        const values = hundredths.map((value) => value / 100);
        const threshold = chooseThreshold(values, targetShare);
        const numAbove = values.filter((value) => value > threshold).length;
        const distance = Math.abs(numAbove / values.length - targetShare);
        for (let other = 0; other <= values.length; other++)
          expect(distance).toBeLessThanOrEqual(Math.abs(other / values.length - targetShare) + 1e-12);
        expect(values).not.toContain(threshold);
      }),
    );
  });
});

describe('calibration', () => {
  it('puts the threshold where the wanted share of probes says yes', async () => {
    const five = [-1.3, -1, -1.1, -1.6, -1.2];
    const decoder = decoderWith((probe) => at(five, probe % 5));
    const { report } = await calibrated(decoder, requestOf());
    expect(decoder.numLiveObjects).toBe(0);
    expect(report.before).toMatchObject({ marginThreshold: 0, yesShare: 0, writingShare: 0 });
    expect(report.before.margins[0]).toEqual(five.map((margin): unknown => expect.closeTo(margin, 9)));
    expect(report.marginThreshold).toBe(-1.25);
    // No, yes, yes, no, yes after steps 2, 4, 6, 8, 10: the writer runs in steps 5 to 8.
    expect(report.after).toMatchObject({ marginThreshold: -1.25, yesShare: 0.6, writingShare: 0.4 });
    expect(report.summary).toBe(
      '1 question, 5 probes: margins from -1.60 to -1.00. Threshold -1.25 lets the writer go on at 60 % of the ' +
        'probes; it ran in 40 % of the steps instead of 0 %.',
    );
  });

  it('pools the margins of all questions', async () => {
    // A question has five probes: the first question's are all above the second's.
    const decoder = decoderWith((probe) => (probe % 10 < 5 ? 3 : -3) + (probe % 5) / 10);
    const { report } = await calibrated(decoder, requestOf({}, { questions: ['One?', 'Two?'], targetShare: 0.5 }));
    expect(report.before.margins.map((margins) => margins.length)).toEqual([5, 5]);
    // Between -2.6 and 3.
    expect(report.marginThreshold).toBe(0.2);
    expect(report.after.yesShare).toBe(0.5);
    expect(report.summary).toContain('2 questions, 10 probes: margins from -3.00 to 3.40.');
  });

  it('counts the bias into the threshold and leaves it out of the margins', async () => {
    const decoder = decoderWith((probe) => [-3, -1, -2, -5, -4][probe % 5] ?? 0);
    const { report } = await calibrated(decoder, requestOf({ yesBias: 1.4 }));
    expect(report.before.margins[0]).toEqual([-3, -1, -2, -5, -4].map((m): unknown => expect.closeTo(m, 9)));
    // Between -3 and -4, plus 1.4.
    expect(report.marginThreshold).toBeCloseTo(-2.1, 9);
    expect(report.after.yesShare).toBe(0.6);
    // Before, -1 + 1.4 was above 0.
    expect(report.before.yesShare).toBe(0.2);
    expect(report.summary).toContain('Threshold -2.10 for margin plus bias (1.40) lets the writer go on at 60 %');
    expect(report.summary).toContain('margins from -5.00 to -1.00');
  });

  it('turns the margins round where yes means pausing', async () => {
    const decoder = decoderWith((probe) => [5, 1, 2, 4, 3][probe % 5] ?? 0);
    const { report } = await calibrated(decoder, requestOf({ probeRule: 'pause', probeQuestion: 'Pause?' }));
    expect(report.before.margins[0]).toEqual([-5, -1, -2, -4, -3].map((m): unknown => expect.closeTo(m, 9)));
    expect(report.marginThreshold).toBe(-3.5);
    expect(report.after.yesShare).toBe(0.6);
  });

  // Without an answer -1, -2, -3, -4, -5, so the first choice is -3.5.
  const lifted =
    (lift: number): Margins =>
    (probe, numWritten) =>
      -1 - (probe % 5) + (numWritten > 0 ? lift : 0);

  it('chooses once more when the answer changes the margins', async () => {
    const { report, events } = await calibrated(decoderWith(lifted(1.6)), requestOf());
    // Pass 2: -1, -.4, -1.4, -2.4, -3.4, all yes. Of both passes' margins six are above the middle of -2.4 and -3.
    expect(report.marginThreshold).toBe(-2.7);
    // The same margins again, all but the last one yes.
    expect(report.after).toMatchObject({ marginThreshold: -2.7, yesShare: 0.8, writingShare: 0.8 });
    expect(report.after.margins[0]).toEqual([-1, -0.4, -1.4, -2.4, -3.4].map((m): unknown => expect.closeTo(m, 9)));
    expect(events.filter(({ pass }) => pass === 2)).toHaveLength(20);
    expect(report.summary).toContain(
      'Threshold -2.70, chosen again after -3.50 had given 100 %, lets the writer go on at 80 % of the probes; it ran',
    );
  });

  it('keeps the first choice when the second one is no better, and says what it missed', async () => {
    const { report, events } = await calibrated(decoderWith(lifted(10)), requestOf());
    // Once the writer has begun, every probe says yes, whatever the threshold.
    expect(events.filter(({ pass }) => pass === 2)).toHaveLength(20);
    expect(report).toMatchObject({ marginThreshold: -3.5, after: { marginThreshold: -3.5, yesShare: 1 } });
    expect(report.summary).toContain(
      'Threshold -3.50 lets the writer go on at 100 % of the probes (60 % were asked for); it ran in 80 % of the steps',
    );
  });
});

describe('what can go wrong', () => {
  it('refuses steps in which no probe is asked', async () => {
    const decoder = decoderWith(() => 0);
    await expect(calibrated(decoder, requestOf({ probeInterval: 20 }))).rejects.toThrow(
      expect.objectContaining({ code: 'invalidConfig' }),
    );
    await expect(calibrated(decoder, requestOf({ probeInterval: 20 }))).rejects.toThrow('calibrate: steps:');
    expect(decoder.numLiveObjects).toBe(0);
  });

  it.each([1, 2] as const)('is cancelled in pass %d', async (pass) => {
    const controller = new AbortController();
    const decoder = decoderWith(() => -1);
    const watch = async (): Promise<void> => {
      for await (const event of runCalibration(decoder, tokenizer, requestOf(), { signal: controller.signal }))
        if (event.pass === pass && event.step === 3) controller.abort();
    };
    await expect(watch()).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('frees everything when the consumer leaves', async () => {
    const decoder = decoderWith(() => -1);
    for await (const event of runCalibration(decoder, tokenizer, requestOf())) if (event.step === 3) break;
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('goes on with the next question when the context is full', async () => {
    const decoder = new FakeDecoder({ vocabSize: tokenizer.vocabSize, contextLength: 600, logits: () => new Map() });
    const request = requestOf({}, { questions: ['One?', 'Two?'], steps: 1000 });
    const { report } = await calibrated(decoder, request);
    expect(report.before.margins.map((margins) => margins.length > 0)).toEqual([true, true]);
  });
});

describe('progress', () => {
  it('tells pass, question, step, margins so far and the time left', async () => {
    let time = 0;
    const decoder = decoderWith((probe) => -1 - (probe % 5) / 10);
    const now = (): number => (time += 0.5);
    const { events } = await calibrated(decoder, requestOf({}, { questions: ['One?', 'Two?'] }), { now });
    expect(events).toHaveLength(40);
    expect(events[0]).toMatchObject({ pass: 1, question: 'One?', questionIndex: 0, questionCount: 2, step: 1 });
    expect(events[15]).toMatchObject({ pass: 1, question: 'Two?', questionIndex: 1, step: 6, steps: 10 });
    expect(events[15]?.margins).toHaveLength(5 + 3);
    expect(events[39]).toMatchObject({ pass: 2, question: 'Two?', step: 10, secondsLeft: 0 });
    const left = events.map(({ secondsLeft }) => secondsLeft ?? NaN);
    expect(left.every((seconds, i) => i === 0 || seconds <= at(left, i - 1) + 0.01)).toBe(true);
    expect(left[0]).toBeGreaterThan(left[20] ?? Infinity);
  });
});

describe('on a tiny model', () => {
  it('is the same twice, and holds in a run of its own', async () => {
    const model = await readTinyReferenceModel('qwen2');
    const request = requestOf({ probeInterval: 3 }, { questions: CALIBRATION_DEFAULTS.questions.slice(1), steps: 24 });
    const calibrate = async (): Promise<CalibrationReport> => {
      const decoder = new ReferenceDecoder(model);
      const { report } = await calibrated(decoder, request);
      expect(decoder.numLiveBlocks).toBe(0);
      return report;
    };
    const report = await calibrate();
    expect(await calibrate()).toEqual(report);
    expect(Math.abs(report.after.yesShare - 0.6)).toBeLessThanOrEqual(Math.abs(report.before.yesShare - 0.6));
    let [numProbes, numYes, numSteps, numWriting] = [0, 0, 0, 0];
    for (const question of request.questions) {
      const { marginThreshold } = report;
      const settings = { ...request.settings, marginThreshold, budget: 24 };
      const { result } = await finishReasoning(
        runReasoning(new ReferenceDecoder(model), setupFromQuestion(question, settings, tokenizer), {
          tokenBytes: (id) => tokenizer.tokenBytes(id),
          createTextStream: () => tokenizer.createTextStream(),
        }),
      );
      for (const { probe, state } of result.steps) {
        numSteps++;
        if (state !== 'thinker_only') numWriting++;
        if (probe === undefined) continue;
        numProbes++;
        if (probe.score > marginThreshold) numYes++;
      }
    }
    expect(report.after.yesShare).toBeCloseTo(numYes / numProbes, 12);
    expect(report.after.writingShare).toBeCloseTo(numWriting / numSteps, 12);
  });
});
