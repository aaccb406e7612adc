import { beforeAll, describe, expect, it } from 'vitest';
import { COMPARISON_MODES } from '@/protocol/comparison.ts';
import type { EvaluationEvent, EvaluationItem, EvaluationRecord } from '@/protocol/evaluation.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { runComparison } from '@/research/async-reasoning/compare.ts';
import { setupFromQuestion } from '@/research/async-reasoning/reasoning-setup.ts';
import { finishReasoning, runReasoning } from '@/research/async-reasoning/run-reasoning.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import { type EvaluationFindings, type EvaluationRequest, runEvaluation } from './run-evaluation.ts';
import { summarise } from './summary.ts';

const [YES, EOS, SEVEN] = [279, 317, '7'.charCodeAt(0)];
const FORWARD_MS = 10;

let tokenizer: PieceTokenizer;
beforeAll(async () => {
  tokenizer = new PieceTokenizer(await readTinyTokenBytes());
});

const settingsOf = (settings: Partial<ReasoningSettings> = {}): ReasoningSettings => ({
  ...DEFAULT_REASONING_SETTINGS,
  budget: 8,
  probeInterval: 2,
  ...settings,
});

const ITEMS: readonly EvaluationItem[] = [
  { id: 'right', question: 'What is 3 + 4?', kind: 'number', answer: '7.0' },
  { id: 'wrong', question: 'What is 3 + 5?', kind: 'number', answer: '8' },
  { id: 'unread', question: 'Which?', kind: 'choice', answer: 'A', choices: ['one', 'two'] },
];

const requestOf = (change: Partial<EvaluationRequest> = {}): EvaluationRequest => ({
  source: { kind: 'items', name: 'Mine', items: ITEMS },
  configurations: [
    { name: 'async', mode: 'asynchronous', settings: settingsOf() },
    { name: 'direct', mode: 'noThinking', settings: settingsOf({ budget: 3 }) },
  ],
  done: [],
  ...change,
});

/** Says 7 and then ends its turn; the probe says yes. A forward takes ten milliseconds. */
class SevenDecoder extends FakeDecoder {
  time = 0;

  constructor(contextLength?: number) {
    super({
      vocabSize: tokenizer.vocabSize,
      ...(contextLength !== undefined && { contextLength }),
      logits: ({ block, visibleIds }) =>
        new Map([[block === 'question' ? YES : visibleIds.at(-1) === SEVEN ? EOS : SEVEN, 9]]),
    });
  }

  readonly now = (): number => this.time;

  override forward(rows: Parameters<FakeDecoder['forward']>[0]): ReturnType<FakeDecoder['forward']> {
    this.time += FORWARD_MS;
    return super.forward(rows);
  }
}

interface Outcome {
  readonly events: readonly EvaluationEvent[];
  readonly findings: EvaluationFindings;
}

async function evaluated(
  request: EvaluationRequest,
  decoder: SevenDecoder = new SevenDecoder(),
  onEvent: (event: EvaluationEvent) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Outcome> {
  const events: EvaluationEvent[] = [];
  const run = runEvaluation(decoder, tokenizer, request, { now: decoder.now, ...(signal && { signal }) });
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return { events, findings: value };
    events.push(value);
    onEvent(value);
  }
}

const keysOf = (records: readonly EvaluationRecord[]): string[] =>
  records.map(({ itemId, configuration }) => `${itemId} ${configuration}`);

const ALL = ['right async', 'right direct', 'wrong async', 'wrong direct', 'unread async', 'unread direct'];

/** Without what the clock says. */
function withoutTimes(records: readonly EvaluationRecord[]): unknown {
  return records.map(({ metrics, trace, tokens, ...record }) => ({
    ...record,
    counts: [metrics.steps, metrics.stepsToFirstToken, metrics.stepsDelay, metrics.thinkerTokens, metrics.writerTokens],
    tokens:
      trace?.result.steps.map(({ step, rows }) => [step, rows.map(({ stream, token }) => [stream, token])]) ??
      tokens?.map(({ step, stream, text }) => [step, stream, text]),
  }));
}

describe('an evaluation', () => {
  it('runs each item under every configuration before the next, and judges the answers', async () => {
    const decoder = new SevenDecoder();
    const { findings } = await evaluated(requestOf(), decoder);
    expect(findings).toMatchObject({ format: 'duet-evaluation-1', source: requestOf().source, items: ITEMS });
    expect(keysOf(findings.records)).toEqual(ALL);
    expect(findings.records.map(({ text, extracted, isCorrect }) => [text.writer, extracted, isCorrect])).toEqual([
      ['7', '7', true],
      ['7', '7', true],
      ['7', '7', false],
      ['7', '7', false],
      ['7', null, false],
      ['7', null, false],
    ]);
    expect(findings.records.map(({ stop }) => stop)).toEqual(ALL.map(() => 'writer_eos'));
    expect(findings.summary).toEqual(summarise(['async', 'direct'], findings.records));
    expect(
      findings.summary.rows.map(({ numCorrect, numUnread, numItems }) => [numCorrect, numUnread, numItems]),
    ).toEqual([
      [1, 1, 3],
      [1, 1, 3],
    ]);
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('keeps the trace of asynchronous runs: the run that the method makes of this question alone', async () => {
    const { findings } = await evaluated(requestOf());
    const decoder = new SevenDecoder();
    // Runs that are timed read no attention.
    const settings: ReasoningSettings = { ...settingsOf(), readAttention: 'off' };
    const alone = await finishReasoning(
      runReasoning(decoder, setupFromQuestion('What is 3 + 4?', settings, tokenizer), {
        tokenBytes: (id) => tokenizer.tokenBytes(id),
        createTextStream: () => tokenizer.createTextStream(),
        now: decoder.now,
      }),
    );
    expect(findings.records[0]?.trace?.result.steps).toEqual(alone.result.steps);
    expect(findings.records.map(({ trace }) => trace !== undefined)).toEqual([true, false, true, false, true, false]);
    // Other ways of answering keep their tokens.
    for (const { text, tokens } of findings.records.filter(({ trace }) => trace === undefined))
      expect(tokens?.map((token) => (token.stream === 'writer' ? token.text : '')).join('')).toBe(text.writer);
  });

  it('measures what a comparison measures, in each mode', async () => {
    const settings = settingsOf();
    const configurations = COMPARISON_MODES.map((mode) => ({ name: mode, mode, settings }));
    const { findings } = await evaluated(requestOf({ configurations }));
    const decoder = new SevenDecoder();
    const request = { question: 'What is 3 + 4?', modes: COMPARISON_MODES, settings, typingRate: 0 };
    const comparison = runComparison(decoder, tokenizer, request, { now: decoder.now });
    for (let step = await comparison.next(); ; step = await comparison.next()) {
      if (step.done !== true) continue;
      const expected = step.value.runs.map(({ stop, text, metrics }) => ({ stop, text, metrics }));
      expect(findings.records.slice(0, 4).map(({ stop, text, metrics }) => ({ stop, text, metrics }))).toEqual(
        expected,
      );
      break;
    }
  });

  it('tells what begins, what has ended and how long it takes', async () => {
    const { events, findings } = await evaluated(requestOf());
    expect(events[0]).toEqual({ kind: 'started', items: ITEMS, total: 6, done: 0 });
    const begun = events.filter(({ kind }) => kind === 'itemStarted');
    expect(begun).toEqual(
      findings.records.map(({ configuration, itemId }) => ({ kind: 'itemStarted', configuration, itemId })),
    );
    const ended = events.filter((event) => event.kind === 'itemEnded');
    expect(ended.map(({ done, total }) => [done, total])).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
    expect(ended.map(({ record }) => record)).toEqual(findings.records);
    expect(ended.map(({ summary }) => summary.rows[0]?.numItems)).toEqual([1, 1, 2, 2, 3, 3]);
    // Not before both have been timed. An item takes each configuration the same time.
    const [asynchronous = 0, direct = 0] = findings.records.map(({ metrics }) => metrics.totalMs / 1000);
    expect(asynchronous).toBeGreaterThan(direct);
    const expected = [2 * (asynchronous + direct), asynchronous + 2 * direct, asynchronous + direct, direct, 0];
    const left = ended.map(({ secondsLeft }) => secondsLeft);
    expect(left[0]).toBeNull();
    for (const [index, seconds] of expected.entries()) expect(left[index + 1]).toBeCloseTo(seconds, 9);
  });

  it('gives a built-in set by its seed', async () => {
    const source = { kind: 'builtIn', set: 'arithmetic', numItems: 3, seed: 5 } as const;
    const configurations = requestOf().configurations.slice(1);
    const [first, second] = [
      await evaluated(requestOf({ source, configurations })),
      await evaluated(requestOf({ source, configurations })),
    ];
    expect(first.findings.items).toHaveLength(3);
    expect(first.findings).toEqual(second.findings);
  });

  it('goes on behind an item that does not fit into the context', async () => {
    const long = { id: 'long', question: 'x'.repeat(400), kind: 'number', answer: '7' } as const;
    const source = { kind: 'items', name: 'Mine', items: [long, ...ITEMS] } as const;
    const { findings } = await evaluated(requestOf({ source }), new SevenDecoder(360));
    expect(findings.records.map(({ stop, extracted }) => [stop, extracted]).slice(0, 3)).toEqual([
      ['context_full', null],
      ['context_full', null],
      ['writer_eos', '7'],
    ]);
  });

  it('depends on seed and item alone when a tiny model samples, not on what ran before', async () => {
    const configurations = (seed: number): EvaluationRequest['configurations'] =>
      (['asynchronous', 'noThinking'] as const).map((mode) => ({
        name: mode,
        mode,
        settings: settingsOf({ temperature: 1, seed, budget: 5 }),
      }));
    const items = ITEMS.slice(0, 2);
    const run = async (change: Partial<EvaluationRequest>): Promise<readonly EvaluationRecord[]> => {
      const inner = new ReferenceDecoder(await readTinyReferenceModel('qwen3'));
      const source = { kind: 'items', name: 'Mine', items } as const;
      const evaluation = runEvaluation(new SamplingDecoder(inner), tokenizer, requestOf({ source, ...change }), {
        now: () => 0,
      });
      for (;;) {
        const { done, value } = await evaluation.next();
        if (done !== true) continue;
        expect(inner.numLiveBlocks).toBe(0);
        return value.records;
      }
    };
    const records = await run({ configurations: configurations(11) });
    const backwards = { kind: 'items', name: 'Mine', items: items.toReversed() } as const;
    const others = await run({ source: backwards, configurations: configurations(11).toReversed() });
    expect(others.toReversed()).toEqual(records);
    expect(await run({ configurations: configurations(12) })).not.toEqual(records);
  }, 30_000);
});

describe('records that are there already', () => {
  it('are not run again, and end where the whole evaluation would have', async () => {
    const whole = await evaluated(requestOf());
    const done = [4, 1, 0].flatMap((index) => whole.findings.records[index] ?? []);
    const decoder = new SevenDecoder();
    const resumed = await evaluated(requestOf({ done }), decoder);
    expect(resumed.events[0]).toMatchObject({ kind: 'started', total: 6, done: 3 });
    const begun = resumed.events.filter((event) => event.kind === 'itemStarted');
    expect(begun.map(({ itemId, configuration }) => `${itemId} ${configuration}`)).toEqual([
      'wrong async',
      'wrong direct',
      'unread direct',
    ]);
    expect(resumed.findings.records).toEqual(whole.findings.records);
    expect(resumed.findings.summary).toEqual(whole.findings.summary);
    const ended = resumed.events.filter((event) => event.kind === 'itemEnded');
    expect(ended.map(({ done: count }) => count)).toEqual([4, 5, 6]);
    expect(ended[0]?.secondsLeft).not.toBeNull();
  });

  it('of everything need no decoder', async () => {
    const { records } = (await evaluated(requestOf())).findings;
    const decoder = new SevenDecoder();
    expect((await evaluated(requestOf({ done: records }), decoder)).findings.records).toEqual(records);
    expect(decoder.calls).toEqual([]);
  });

  it('are judged again', async () => {
    const { records } = (await evaluated(requestOf())).findings;
    const claimed = records.map((record) => ({ ...record, extracted: '8', isCorrect: true }));
    expect((await evaluated(requestOf({ done: claimed }))).findings.records).toEqual(records);
  });

  it('must belong to the evaluation, once', async () => {
    const [record] = (await evaluated(requestOf())).findings.records;
    if (record === undefined) throw new Error('There is no record.');
    for (const done of [[{ ...record, itemId: 'other' }], [{ ...record, configuration: 'other' }], [record, record]]) {
      const decoder = new SevenDecoder();
      await expect(evaluated(requestOf({ done }), decoder)).rejects.toThrow(
        expect.objectContaining({
          code: 'invalidConfig',
          message: expect.stringMatching(/^evaluate: done\.\d: /) as string,
        }),
      );
      expect(decoder.calls).toEqual([]);
    }
  });
});

describe('ending early', () => {
  it.each([0, 1, 2, 3, 4, 5])(
    'in the middle of item %i gives no record of it, and the rest makes it whole',
    async (index) => {
      const whole = await evaluated(requestOf());
      const controller = new AbortController();
      const decoder = new SevenDecoder();
      const records: EvaluationRecord[] = [];
      let begun = -1;
      const forward = decoder.forward.bind(decoder);
      let forwards = 0;
      decoder.forward = (rows) => {
        // The second forward of the item: it is in the middle.
        if (begun === index && ++forwards === 2) controller.abort();
        return forward(rows);
      };
      const stopped = evaluated(
        requestOf(),
        decoder,
        (event) => {
          if (event.kind === 'itemStarted') begun++;
          if (event.kind === 'itemEnded') records.push(event.record);
        },
        controller.signal,
      );
      await expect(stopped).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
      expect(decoder.numLiveObjects).toBe(0);
      expect(keysOf(records)).toEqual(ALL.slice(0, index));
      const resumed = await evaluated(requestOf({ done: records }));
      expect(withoutTimes(resumed.findings.records)).toEqual(withoutTimes(whole.findings.records));
    },
  );

  it('between two items', async () => {
    const controller = new AbortController();
    const stopped = evaluated(
      requestOf(),
      new SevenDecoder(),
      (event) => {
        if (event.kind === 'itemEnded') controller.abort();
      },
      controller.signal,
    );
    await expect(stopped).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('by a decoder that fails', async () => {
    const decoder = new SevenDecoder();
    decoder.forward = () => Promise.reject(new Error('lost'));
    await expect(evaluated(requestOf(), decoder)).rejects.toThrow('lost');
    expect(decoder.numLiveObjects).toBe(0);
  });
});
