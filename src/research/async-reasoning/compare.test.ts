import { beforeAll, describe, expect, it } from 'vitest';
import { COMPARISON_MODES, type ComparisonEvent, type ComparisonRun } from '@/protocol/comparison.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { type ComparisonFindings, type ComparisonRequest, runComparison } from './compare.ts';
import { delayMetrics } from '@/protocol/delays.ts';
import { setupFromQuestion } from './reasoning-setup.ts';
import { finishReasoning, runReasoning } from './run-reasoning.ts';
import { runSequential } from './sequential-run.ts';
import { runTimedReasoning, type TimedReasoningIo, typedInputs } from './timed-reasoning.ts';

const [YES, EOS] = [279, 317];
const QUESTION = 'Why is the sky blue?';
const FORWARD_MS = 10;

let tokenizer: PieceTokenizer;
beforeAll(async () => {
  tokenizer = new PieceTokenizer(await readTinyTokenBytes());
});

const settingsOf = (settings: Partial<ReasoningSettings> = {}): ReasoningSettings => ({
  ...DEFAULT_REASONING_SETTINGS,
  budget: 12,
  probeInterval: 4,
  ...settings,
});
const requestOf = (change: Partial<ComparisonRequest> = {}): ComparisonRequest => ({
  question: QUESTION,
  modes: COMPARISON_MODES,
  settings: settingsOf(),
  typingRate: 0,
  ...change,
});

/** Writes letters that depend on what can be seen; the probe says yes. A forward takes ten milliseconds. */
class SlowDecoder extends FakeDecoder {
  time = 0;

  constructor() {
    super({
      vocabSize: tokenizer.vocabSize,
      logits: ({ block, visibleIds }) =>
        block === 'question'
          ? new Map([[YES, 5]])
          : new Map([[97 + (visibleIds.reduce((sum, id, i) => (sum + id * (i + 7)) % 9973, 0) % 26), 9]]),
    });
  }

  readonly now = (): number => this.time;

  override forward(rows: Parameters<FakeDecoder['forward']>[0]): ReturnType<FakeDecoder['forward']> {
    this.time += FORWARD_MS;
    return super.forward(rows);
  }
}

interface Outcome {
  readonly events: readonly ComparisonEvent[];
  readonly findings: ComparisonFindings;
}

async function compared(
  decoder: FakeDecoder | ReferenceDecoder,
  request: ComparisonRequest,
  io: TimedReasoningIo = {},
): Promise<Outcome> {
  const events: ComparisonEvent[] = [];
  const run = runComparison(decoder, tokenizer, request, io);
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return { events, findings: value };
    events.push(value);
  }
}

const runOf = ({ findings }: Outcome, mode: ComparisonRun['mode']): ComparisonRun | undefined =>
  findings.runs.find((run) => run.mode === mode);

describe('the comparison', () => {
  it('runs every mode by itself, on the same question and settings', async () => {
    const decoder = new SlowDecoder();
    const outcome = await compared(decoder, requestOf(), { now: decoder.now });
    expect(decoder.numLiveObjects).toBe(0);
    expect(outcome.findings).toMatchObject({
      format: 'duet-comparison-1',
      question: QUESTION,
      typingRate: 0,
      settings: settingsOf(),
    });
    expect(outcome.findings.runs.map(({ mode }) => mode)).toEqual(COMPARISON_MODES);
    // Alone, each mode gives the same tokens at the same times.
    for (const mode of ['thinkThenAnswer', 'noThinking', 'interleaved'] as const) {
      const alone = new SlowDecoder();
      const request = { mode, question: QUESTION, settings: settingsOf() };
      const tokens = [];
      for await (const token of runSequential(alone, tokenizer, request, { now: alone.now })) tokens.push(token);
      expect(runOf(outcome, mode)?.tokens).toEqual(tokens);
    }
  });

  it("gives the asynchronous run's own tokens, step by step", async () => {
    const decoder = new SlowDecoder();
    const outcome = await compared(decoder, requestOf({ modes: ['asynchronous'] }), { now: decoder.now });
    const alone = new SlowDecoder();
    const trace = await finishReasoning(
      runReasoning(alone, setupFromQuestion(QUESTION, settingsOf(), tokenizer), {
        tokenBytes: (id) => tokenizer.tokenBytes(id),
        createTextStream: () => tokenizer.createTextStream(),
        now: alone.now,
      }),
    );
    const run = runOf(outcome, 'asynchronous');
    const expected = trace.result.steps.flatMap(({ step, rows, elapsed_ms: elapsedMs }) =>
      rows.map(({ stream, token }) => ({ stream, step, elapsedMs, text: String.fromCharCode(token) })),
    );
    expect(run?.tokens).toEqual(expected);
    expect(run?.tokens.some(({ stream }) => stream === 'writer')).toBe(true);
    expect(run).toMatchObject({ stop: 'budget', metrics: { steps: 12, thinkerTokens: 12, writerTokens: 8 } });
    // Four prompts, four steps and one probe in front of the first answer token's own step.
    expect(run?.metrics.timeToFirstTokenMs).toBe((4 + 4 + 1 + 1) * FORWARD_MS);
  });

  it('reckons what waiting cost by the speaking rate of the settings', async () => {
    const decoder = new SlowDecoder();
    const settings = settingsOf({ speakingRate: 30 });
    const { findings } = await compared(decoder, requestOf({ settings }), { now: decoder.now });
    for (const { tokens, stop, metrics, text } of findings.runs) {
      expect(metrics).toEqual(delayMetrics({ tokens, stop, totalMs: metrics.totalMs }, { speakingRate: 30 }));
      expect(metrics.totalMs).toBeGreaterThanOrEqual(tokens.at(-1)?.elapsedMs ?? Infinity);
      for (const stream of ['thinker', 'writer'] as const)
        expect(text[stream]).toBe(tokens.map((token) => (token.stream === stream ? token.text : '')).join(''));
    }
  });

  it('waits for thoughts only where the mode thinks first', async () => {
    const decoder = new SlowDecoder();
    const outcome = await compared(decoder, requestOf(), { now: decoder.now });
    const steps = Object.fromEntries(
      outcome.findings.runs.map(({ mode, metrics }) => [mode, metrics.stepsToFirstToken]),
    );
    expect(steps).toEqual({ asynchronous: 5, thinkThenAnswer: 7, noThinking: 1, interleaved: 5 });
  });

  it('tells how far it is and how long it takes', async () => {
    const decoder = new SlowDecoder();
    const { events } = await compared(decoder, requestOf(), { now: decoder.now });
    const marks = events.filter(({ kind }) => kind !== 'progressed');
    expect(marks.map(({ kind }) => kind)).toEqual(COMPARISON_MODES.flatMap(() => ['modeStarted', 'modeEnded']));
    expect(marks.filter(({ kind }) => kind === 'modeStarted')).toMatchObject(
      COMPARISON_MODES.map((mode, index) => ({ mode, index, count: 4 })),
    );
    const progress = events.filter((event) => event.kind === 'progressed');
    const shares = progress.map(({ share }) => share);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares[0]).toBeCloseTo(1 / 48, 9);
    expect(shares.at(-1)).toBe(1);
    expect(progress[0]?.secondsLeft).toBeNull();
    // A step is one forward in the three other modes, and the last step leaves nothing.
    expect(progress.at(-2)?.secondsLeft).toBeCloseTo(0.011, 3);
    expect(progress.at(-1)?.secondsLeft).toBe(0);
  });

  it('runs the modes that it is given, in their order', async () => {
    const modes = ['noThinking', 'asynchronous'] as const;
    const { findings } = await compared(new SlowDecoder(), requestOf({ modes }));
    expect(findings.runs.map(({ mode }) => mode)).toEqual(modes);
  });

  it('goes on with the next mode when the context is full', async () => {
    const decoder = new FakeDecoder({ vocabSize: tokenizer.vocabSize, contextLength: 90, logits: () => new Map() });
    const { findings } = await compared(decoder, requestOf({ settings: settingsOf({ budget: 200 }) }));
    expect(findings.runs.map(({ stop }) => stop)).toEqual(COMPARISON_MODES.map(() => 'context_full'));
  });

  it('works with design A, and ends an answer with its turn', async () => {
    const decoder = new FakeDecoder({
      vocabSize: tokenizer.vocabSize,
      logits: ({ block }) => (block === 'question' ? new Map([[YES, 5]]) : new Map([[EOS, 9]])),
    });
    const { findings } = await compared(decoder, requestOf({ settings: settingsOf({ design: 'A' }) }));
    expect(findings.runs.map(({ stop }) => stop)).toEqual(COMPARISON_MODES.map(() => 'writer_eos'));
    expect(findings.runs.map(({ metrics }) => metrics.timeToFirstTokenMs)).toEqual([null, null, null, null]);
  });

  it('is the same twice on a tiny model', async () => {
    const run = async (): Promise<unknown> => {
      const decoder = new ReferenceDecoder(await readTinyReferenceModel('qwen3'));
      const { findings } = await compared(decoder, requestOf(), { now: () => 0 });
      expect(decoder.numLiveBlocks).toBe(0);
      return findings;
    };
    expect(await run()).toEqual(await run());
  });
});

describe('ending early', () => {
  it.each(COMPARISON_MODES)('by the signal, in %s', async (mode) => {
    const controller = new AbortController();
    const decoder = new SlowDecoder();
    const run = runComparison(decoder, tokenizer, requestOf(), { signal: controller.signal });
    const watch = async (): Promise<void> => {
      for await (const event of run)
        if (event.kind === 'progressed' && event.mode === mode && event.token.step === 2) controller.abort();
    };
    await expect(watch()).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(decoder.numLiveObjects).toBe(0);
  });

  it.each(COMPARISON_MODES)('by leaving, in %s', async (mode) => {
    const decoder = new SlowDecoder();
    for await (const event of runComparison(decoder, tokenizer, requestOf()))
      if (event.kind === 'progressed' && event.mode === mode) break;
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('by a decoder that fails', async () => {
    const decoder = new SlowDecoder();
    decoder.forward = () => Promise.reject(new Error('lost'));
    await expect(compared(decoder, requestOf())).rejects.toThrow('lost');
    expect(decoder.numLiveObjects).toBe(0);
  });
});

describe('a question that is typed', () => {
  it('comes in drafts and is sent with its last character', () => {
    const inputs = typedInputs('It is 33, 😀.', 10);
    expect(inputs.map(({ atMs }) => atMs)).toEqual([400, 800, 1200]);
    expect(inputs.map(({ input }) => input)).toEqual([
      { kind: 'draft', text: 'It i', sent: false },
      { kind: 'draft', text: 'It is 33', sent: false },
      { kind: 'draft', text: 'It is 33, 😀.', sent: true },
    ]);
    expect(typedInputs('It is', 0)).toEqual([{ atMs: 0, input: { kind: 'draft', text: 'It is', sent: true } }]);
  });

  it('is thought about before Enter by the asynchronous run alone', async () => {
    const question = `${'Why is the sky blue '.repeat(3)}?`;
    const modes = ['asynchronous', 'noThinking'] as const;
    const outcome = await compared(new SlowDecoder(), requestOf({ question, modes, typingRate: 61 }));
    const [asynchronous, other] = outcome.findings.runs;
    const before = asynchronous?.tokens.filter(({ elapsedMs }) => elapsedMs < 0) ?? [];
    expect(before.length).toBeGreaterThan(0);
    expect(before.every(({ stream }) => stream === 'thinker')).toBe(true);
    // Typing takes a second; the first draft comes after 400 ms.
    expect(before.every(({ elapsedMs }) => elapsedMs >= -600)).toBe(true);
    expect(other?.tokens.every(({ elapsedMs }) => elapsedMs >= 0)).toBe(true);
    expect(asynchronous?.stop).toBe('budget');
    // Enter gives both streams the whole budget.
    expect(asynchronous?.metrics).toMatchObject({ steps: 12, stepsToFirstToken: 1 });
  });

  it('leaves out thoughts that were begun anew', async () => {
    const question = `${'Why is the sky blue '.repeat(3)}?`;
    const settings = settingsOf({ keepThoughtsFrom: 1, budget: 6 });
    const decoder = new SlowDecoder();
    const yielded: string[] = [];
    const run = runTimedReasoning(decoder, tokenizer, { question, settings, typingRate: 61 });
    for (;;) {
      const { done, value } = await run.next();
      if (done === true) {
        const thoughts = value.tokens.filter(({ stream }) => stream === 'thinker');
        expect(thoughts.length).toBe(6);
        expect(thoughts.every(({ elapsedMs }) => elapsedMs >= 0)).toBe(true);
        break;
      }
      yielded.push(value.text);
    }
    expect(yielded.length).toBeGreaterThan(6);
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('does not wait for follow-ups, and hears the voice without typing too', async () => {
    const settings = settingsOf({ followUps: true, speechPause: true, maxUnspokenSeconds: 0.5, speakingRate: 3 });
    const modes = ['asynchronous'] as const;
    const [run] = (await compared(new SlowDecoder(), requestOf({ modes, settings }))).findings.runs;
    expect(run?.stop).toBe('budget');
    // Two characters a third of a second apart are more than half a second of speech.
    expect(run?.metrics.writerTokens).toBe(2);
  });
});
