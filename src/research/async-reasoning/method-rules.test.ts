/** Each rule of the method that is a setting: what it changes, and that it changes nothing else. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { logSumExp } from '@/lib/statistics.ts';
import type { ReasoningSettings, ReasoningTrace, TraceProbe } from '@/protocol/reasoning.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import {
  collectRun,
  END_OF_THINK,
  LIVE_SETTINGS,
  type LiveOutcome,
  type LiveScripts,
  NEWLINE,
  readLiveScripts,
  remark,
  sent,
  typed,
} from '@/testing/live-script.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import { SteppedInputs } from './input-queue.ts';
import { setupFromQuestion } from './reasoning-setup.ts';
import { finishReasoning, runReasoning } from './run-reasoning.ts';
import { parseTraceSetup } from './trace-schema.ts';

// All forms of the words in the tiny vocabulary.
const YES_IDS = [279, 281, 283, 285];
const NO_IDS = [280, 282, 284, 286];
const [A, B] = [0x61, 0x62];

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

interface Script {
  /** Yes minus no, of each probe in order; then -1. */
  readonly margins?: readonly number[];
  /** Tokens that the streams would like to choose at their n-th choice, instead of `a`; the runner-up is `b`. */
  readonly thinker?: Readonly<Record<number, number>>;
  readonly writer?: Readonly<Record<number, number>>;
}

function decoderOf({ margins = [], thinker = {}, writer = {} }: Script): FakeDecoder {
  let [numProbes, numThoughts, numWritten] = [0, 0, 0];
  return new FakeDecoder({
    vocabSize: scripts.tokenizer.vocabSize,
    logits: ({ block, wants, newIds }) => {
      if (block === 'question') {
        const margin = margins[numProbes++] ?? -1;
        return new Map([...YES_IDS.map((id) => [id, margin] as const), ...NO_IDS.map((id) => [id, 0] as const)]);
      }
      if (wants !== 'token' || newIds.length > 1) return new Map();
      const wanted = (block === 'thinker_output' ? thinker[numThoughts++] : writer[numWritten++]) ?? A;
      return new Map([
        [B, 1],
        [wanted, 9],
      ]);
    },
  });
}

async function traced(decoder: Decoder, settings: Partial<ReasoningSettings>): Promise<ReasoningTrace> {
  const used = { ...LIVE_SETTINGS, budget: 12, probeInterval: 2, ...settings };
  const setup = parseTraceSetup(setupFromQuestion('Why?', used, scripts.tokenizer), decoder.vocabSize);
  return finishReasoning(
    runReasoning(decoder, setup, {
      tokenBytes: (id) => scripts.tokenizer.tokenBytes(id),
      createTextStream: () => scripts.tokenizer.createTextStream(),
      now: () => 0,
    }),
  );
}

const run = (script: Script, settings: Partial<ReasoningSettings> = {}): Promise<ReasoningTrace> =>
  traced(decoderOf(script), settings);
const statesOf = ({ result }: ReasoningTrace): string =>
  result.steps.map(({ state }) => ({ thinker_only: 'T', thinker_and_writer: 'B', writer_only: 'W' })[state]).join('');
const probesOf = ({ result }: ReasoningTrace): TraceProbe[] => result.steps.flatMap(({ probe }) => probe ?? []);
const chosenBy = ({ result }: ReasoningTrace, stream: 'thinker' | 'writer'): number[] =>
  result.steps.flatMap(({ rows }) => rows.filter((row) => row.stream === stream).map(({ token }) => token));
/** Probes come after steps 1, 3, 5, ... and act from the next step on. */
const PROBED = [-0.5, 0, 0.4, 1.2, 0.4, -0.2];

describe('the probe', () => {
  it('lets the writer run while yes weighs more than no, and not at a tie', async () => {
    const trace = await run({ margins: PROBED });
    expect(statesOf(trace)).toBe('TTTTTTBBBBBB');
    const forms = (value: number): number[] => YES_IDS.map(() => value);
    for (const [i, margin] of PROBED.entries()) {
      const probe = at(probesOf(trace), i);
      expect(probe).toMatchObject({ yes_logits: forms(margin), no_logits: forms(0), yes: margin > 0 });
      expect(probe.score).toBeCloseTo(margin, 12);
      expect(probe).not.toHaveProperty('limit');
    }
  });

  it('adds the bias', async () => {
    expect(statesOf(await run({ margins: PROBED }, { yesBias: 0.6 }))).toBe('TTBBBBBBBBBB');
    expect(statesOf(await run({ margins: PROBED }, { yesBias: -0.6 }))).toBe('TTTTTTTTBBTT');
  });

  it('compares with the threshold', async () => {
    const trace = await run({ margins: PROBED }, { marginThreshold: 0.5 });
    expect(statesOf(trace)).toBe('TTTTTTTTBBTT');
    expect(probesOf(trace).every(({ limit }) => limit === 0.5)).toBe(true);
    expect(statesOf(await run({ margins: PROBED }, { marginThreshold: -0.5, yesBias: 0 }))).toBe('TTTTBBBBBBBB');
    // Bias and threshold are two ends of one scale.
    expect(statesOf(await run({ margins: PROBED }, { marginThreshold: 1.1, yesBias: 0.6 }))).toBe('TTTTTTTTBBTT');
  });

  it('asks more of a waiting writer and less of a running one by the hysteresis', async () => {
    const trace = await run({ margins: PROBED }, { hysteresis: 0.3 });
    expect(statesOf(trace)).toBe('TTTTTTBBBBBB');
    expect(probesOf(trace).map(({ limit }) => limit)).toEqual([0.3, 0.3, 0.3, -0.3, -0.3, -0.3]);
    // Without it this margin stops the writer, with it it does not start one.
    const weak = [0.2, 0.4, -0.2, -0.4];
    expect(statesOf(await run({ margins: weak }, { budget: 10 }))).toBe('TTBBBBTTTT');
    expect(statesOf(await run({ margins: weak }, { budget: 10, hysteresis: 0.3 }))).toBe('TTTTBBBBTT');
  });

  it('turns round where yes means pausing', async () => {
    const trace = await run({ margins: PROBED }, { probeRule: 'pause', probeQuestion: 'Pause?' });
    expect(statesOf(trace)).toBe('TTBBTTTTTTTT');
    expect(probesOf(trace).map(({ score, yes }) => [score, yes])).toEqual(
      PROBED.map((margin): unknown => [expect.closeTo(-margin, 12), margin < 0]),
    );
    expect(trace.setup.params.question).toBe('Pause?');
    // Bias and threshold still count for writing on.
    expect(statesOf(await run({ margins: PROBED }, { probeRule: 'pause', yesBias: 0.45 }))).toBe('TTBBBBBBTTBB');
  });

  it('passes over a no while the burst is short', async () => {
    const margins = [1, -1, -1, -1, 1, -1];
    expect(statesOf(await run({ margins }))).toBe('TTBBTTTTTTBB');
    const trace = await run({ margins }, { minWriterSteps: 3 });
    expect(statesOf(trace)).toBe('TTBBBBTTTTBB');
    expect(probesOf(trace).map((probe) => probe.passed_over === true)).toEqual([
      false,
      true,
      false,
      false,
      false,
      true,
    ]);
    // Just long enough.
    expect(statesOf(await run({ margins }, { minWriterSteps: 2 }))).toBe('TTBBTTTTTTBB');
    expect(statesOf(await run({ margins }, { minWriterSteps: 200 }))).toBe('TTBBBBBBBBBB');
  });

  it('passes over nothing that a paragraph end stopped', async () => {
    const script = { margins: [1, -1, -1, 1], writer: { 0: NEWLINE, 1: NEWLINE } };
    const trace = await run(script, { minWriterSteps: 9 });
    // The writer's own prefix makes its first newline an empty line: it waits before the probe says no.
    expect(statesOf(trace).slice(0, 8)).toBe('TTBTTTTT');
    expect(probesOf(trace).some((probe) => probe.passed_over === true)).toBe(false);
  });

  it('takes the words that it is given', async () => {
    const trace = await run({}, { yesWords: ['Yes'], noWords: ['no', 'No'] });
    const { yes_ids: yes, no_ids: no } = trace.setup.params;
    expect([yes, no].map((ids) => ids.map((id) => scripts.textOf([id]).trim()))).toEqual([
      ['Yes', 'Yes'],
      ['no', 'No', 'no', 'No'],
    ]);
  });
});

describe('paragraphs', () => {
  const thinker = { 4: NEWLINE, 5: NEWLINE };

  it('of the thinker call the probe, or do not', async () => {
    // The thinker's own prefix ends with one line end, the sixth choice makes an empty line.
    const asked = await run({ thinker, margins: [1] }, { probeInterval: 100 });
    expect(asked.result.steps.flatMap(({ step, probe }) => (probe ? [[step, probe.why]] : []))).toEqual([
      [5, ['paragraph']],
    ]);
    const silent = await run({ thinker, margins: [1] }, { probeInterval: 100, probeAtParagraphs: false });
    expect(probesOf(silent)).toEqual([]);
    const both = await run({ thinker, margins: [1] }, { probeInterval: 6 });
    expect(probesOf(both).map(({ why }) => why)).toEqual([['interval', 'paragraph'], ['interval']]);
    const interval = await run({ thinker, margins: [1] }, { probeInterval: 6, probeAtParagraphs: false });
    expect(probesOf(interval).map(({ why }) => why)).toEqual([['interval'], ['interval']]);
  });

  it('of the writer pause it, or do not', async () => {
    const script = { writer: { 2: NEWLINE, 3: NEWLINE }, margins: [1, -1] };
    const paused = await run(script, { probeInterval: 10, budget: 19 });
    expect(statesOf(paused)).toBe('TTTTTTTTTTBBBBTTTTT');
    expect(paused.result.steps[13]).toMatchObject({ writer_paragraph_end: true, state_after: 'thinker_only' });
    const running = await run(script, { probeInterval: 10, budget: 19, paragraphPause: false });
    expect(statesOf(running)).toBe('TTTTTTTTTTBBBBBBBBB');
    expect(running.result.steps.some((step) => step.writer_paragraph_end === true)).toBe(false);
  });
});

describe('the end of thoughts', () => {
  it('comes by the token, if that is allowed', async () => {
    const thinker = { 3: END_OF_THINK };
    const trace = await run({ thinker });
    expect(statesOf(trace)).toBe('TTTTWWWWWWWW');
    expect(trace.result.steps[3]).toMatchObject({ end_of_think: true });
    expect(probesOf(trace)).toHaveLength(1);
    const endless = await run({ thinker }, { allowThinkEnd: false });
    expect(statesOf(endless)).toBe('TTTTTTTTTTTT');
    expect(chosenBy(endless, 'thinker')[3]).toBe(B);
    expect(endless.setup.params.forbidden.thinker).toContain(END_OF_THINK);
    expect(trace.setup.params.forbidden.thinker).not.toContain(END_OF_THINK);
    expect(trace.setup.params.forbidden.writer).toContain(END_OF_THINK);
  });

  it.each([1, 2, 5, 12, 13])('comes by the budget of %d thoughts', async (thoughtBudget) => {
    const trace = await run({}, { thoughtBudget });
    expect(statesOf(trace)).toBe('TTTTTTTTTTTT'.slice(0, thoughtBudget).padEnd(12, 'W'));
    expect(chosenBy(trace, 'thinker')).toHaveLength(Math.min(12, thoughtBudget));
    const spent = trace.result.steps.flatMap((step) => (step.thought_budget_spent === true ? [step.step] : []));
    expect(spent).toEqual(thoughtBudget > 12 ? [] : [thoughtBudget - 1]);
    expect(trace.result.steps.some((step) => step.end_of_think === true)).toBe(false);
  });

  it('is the token where both come together', async () => {
    const trace = await run({ thinker: { 3: END_OF_THINK } }, { thoughtBudget: 4 });
    expect(trace.result.steps[3]).toMatchObject({ end_of_think: true });
    expect(trace.result.steps[3]).not.toHaveProperty('thought_budget_spent');
  });
});

describe('first words and forbidden tokens', () => {
  it('are what the settings say', async () => {
    const trace = await run({}, { thinkerStart: 'ab', writerStart: 'ba' });
    const { thinker, writer } = trace.setup.stream_tokens;
    expect([thinker, writer].map((ids) => scripts.textOf(ids).slice(-2))).toEqual(['ab', 'ba']);
    // The last of them is pending.
    expect(trace.result.steps[0]?.rows[0]?.input).toBe(thinker.at(-1));
    const [all, control] = await Promise.all([
      run({}, { forbiddenTokens: 'controlAndSystem', forbiddenPenalty: 7 }),
      run({}, { forbiddenTokens: 'control' }),
    ]);
    expect(all.setup.params.forbidden_penalty).toBe(7);
    const { thinker: more } = all.setup.params.forbidden;
    const { thinker: fewer } = control.setup.params.forbidden;
    expect(more).toEqual(expect.arrayContaining([...fewer]));
    const system = more.filter((id) => !fewer.includes(id));
    expect(system.every((id) => /SYSTEM:?$/u.test(scripts.textOf([id])))).toBe(true);
  });

  it('a penalty below the gap forbids nothing', async () => {
    const settings = { allowThinkEnd: false, forbiddenPenalty: 7 };
    // 9 - 7 is above the runner-up's 1, 9 - 9 is not.
    expect(chosenBy(await run({ thinker: { 3: END_OF_THINK } }, settings), 'thinker')[3]).toBe(END_OF_THINK);
    const strict = await run({ thinker: { 3: END_OF_THINK } }, { ...settings, forbiddenPenalty: 9 });
    expect(chosenBy(strict, 'thinker')[3]).toBe(B);
  });
});

describe('a probe beside the next step', () => {
  const settings = { probeInterval: 3, budget: 14 };
  const margins = [1, -1, 1, -1];

  it('decides one step later and costs no forward', async () => {
    const [blocking, beside] = [decoderOf({ margins }), decoderOf({ margins })];
    const one = await traced(blocking, settings);
    const other = await traced(beside, { ...settings, probeTiming: 'overlapped' });
    expect(statesOf(one)).toBe('TTTBBBTTTBBBTT');
    expect(statesOf(other)).toBe('TTTTBBBTTTBBBT');
    expect(probesOf(one)).toHaveLength(4);
    expect(probesOf(other)).toHaveLength(4);
    expect(other.result.steps.flatMap(({ step, probe }) => (probe ? [step] : []))).toEqual([3, 6, 9, 12]);
    const numPrompts = one.setup.prefill.length;
    expect(blocking.calls).toHaveLength(numPrompts + 14 + 4);
    expect(beside.calls).toHaveLength(numPrompts + 14);
    expect(other.result.final.lengths['question']).toBe(0);
    // The question is encoded as often, each time into an empty block.
    expect(beside.encodedInto('question')).toEqual(blocking.encodedInto('question'));
    for (const { lengths } of probesOf(other)) expect(lengths.at(-1)).toBe(other.setup.params.question_ids.length);
  });

  it('that is due when the thoughts end is not asked', async () => {
    const trace = await run({ margins, thinker: { 5: END_OF_THINK } }, { ...settings, probeTiming: 'overlapped' });
    expect(statesOf(trace)).toBe('TTTTBBWWWWWWWW');
    expect(probesOf(trace)).toHaveLength(1);
  });

  it.each(['llama', 'qwen3'] as const)(
    'leaves all thoughts of design B as they are, and sees what a probe one step later sees (tiny %s)',
    async (name) => {
      const model = await readTinyReferenceModel(name);
      const used = { ...settings, budget: 24, yesBias: 1.5 };
      const one = await traced(new ReferenceDecoder(model), used);
      const other = await traced(new ReferenceDecoder(model), { ...used, probeTiming: 'overlapped' });
      expect(statesOf(one)).toContain('B');
      expect(statesOf(other)).not.toBe(statesOf(one));
      expect(chosenBy(other, 'thinker')).toEqual(chosenBy(one, 'thinker'));
      // With a writer that never runs, a blocking probe behind step 3 sees what the one beside it sees.
      const never = { budget: 6, marginThreshold: 20 };
      const beside = await traced(new ReferenceDecoder(model), {
        ...never,
        probeInterval: 3,
        probeTiming: 'overlapped',
      });
      const behind = await traced(new ReferenceDecoder(model), { ...never, probeInterval: 4 });
      const [first, same] = [at(probesOf(beside), 0), at(probesOf(behind), 0)];
      expect(first.lengths).toEqual(same.lengths);
      expect(first.loc).toEqual(same.loc);
      first.yes_logits.forEach((logit, i) => expect(logit).toBeCloseTo(at(same.yes_logits, i), 10));
      expect(first.score).toBeCloseTo(same.score, 10);
    },
    60_000,
  );
});

describe('sampling', () => {
  const settings = { temperature: 1.2, topK: 5, topP: 1, minP: 0, seed: 7, yesBias: 3, budget: 20, probeInterval: 3 };
  const sampled = async (change: Partial<ReasoningSettings> = {}): Promise<ReasoningTrace> =>
    traced(new SamplingDecoder(new ReferenceDecoder(await readTinyReferenceModel('qwen2'))), {
      ...settings,
      ...change,
    });

  it('gives the same run for a seed, another one for another', async () => {
    const trace = await sampled();
    expect(await sampled()).toEqual(trace);
    expect(statesOf(trace)).toContain('B');
    const other = await sampled({ seed: 8 });
    expect(chosenBy(other, 'thinker')).not.toEqual(chosenBy(trace, 'thinker'));
    const greedy = await sampled({ temperature: 0 });
    expect(greedy.setup.params).not.toHaveProperty('sampling');
    expect(chosenBy(greedy, 'thinker')).not.toEqual(chosenBy(trace, 'thinker'));
    const rows = greedy.result.steps.flatMap((step) => step.rows);
    expect(rows.every(({ token, top }) => token === top[0]?.[0])).toBe(true);
  }, 60_000);

  it.each(['A', 'B'] as const)(
    'repeats a live run of design %s, too, and its replay draws the same',
    async (design) => {
      const model = await readTinyReferenceModel('llama');
      const decoder = (): Decoder => new SamplingDecoder(new ReferenceDecoder(model));
      const used = { ...LIVE_SETTINGS, ...settings, design, budget: 9, onEdit: 'rewind', followUps: true } as const;
      const inputs = [
        typed(0, 'Sum 7 '),
        typed(3, 'Sum 7 and 8 '),
        sent(6, 'Sum 7 and 9'),
        remark(9, 'x'),
        sent(99, 'Why?'),
      ];
      const live = (seed: number): Promise<LiveOutcome> =>
        collectRun(scripts.live(decoder(), () => ({ ...used, seed }), new SteppedInputs(inputs)));
      const { trace } = await live(7);
      expect((await live(7)).trace).toEqual(trace);
      expect((await live(8)).trace.text).not.toEqual(trace.text);
      expect(trace.result.turns).toHaveLength(1);
      await scripts.expectReplay(trace, decoder());
    },
    60_000,
  );

  it('stays within its filters', async () => {
    const rowsOf = async (
      change: Partial<ReasoningSettings>,
    ): Promise<ReasoningTrace['result']['steps'][number]['rows']> =>
      (await sampled(change)).result.steps.flatMap((step) => step.rows);
    const five = await rowsOf({});
    expect(five.every(({ token, top }) => top.some(([id]) => id === token))).toBe(true);
    expect(new Set(five.map(({ token, top }) => top.findIndex(([id]) => id === token))).size).toBeGreaterThan(2);
    const two = await rowsOf({ topK: 2 });
    expect(two.every(({ token, top }) => top.slice(0, 2).some(([id]) => id === token))).toBe(true);
    const one = await rowsOf({ topK: 1 });
    expect(one.every(({ token, top }) => token === top[0]?.[0])).toBe(true);
    // Each token kept by min-p has that share of the likeliest one's chance.
    const likely = await rowsOf({ topK: 0, minP: 0.5, temperature: 1 });
    for (const { token, top } of likely) {
      const [best] = at(top, 0).slice(1);
      const chosen = top.find(([id]) => id === token)?.[1] ?? -Infinity;
      expect(Math.exp(chosen - (best ?? Infinity))).toBeGreaterThanOrEqual(0.5 - 1e-6);
    }
    // And by top-p: what stands before it in order has less than that share of all.
    const nucleus = await rowsOf({ topK: 0, topP: 0.5, temperature: 1 });
    const ranks = nucleus.map(({ token, top, logsumexp }) => {
      const rank = top.findIndex(([id]) => id === token);
      const before = logSumExp(top.slice(0, rank).map(([, logit]) => logit));
      if (rank > 0) expect(before).toBeLessThan(Math.log(0.5) + logsumexp + 1e-6);
      return rank;
    });
    expect(ranks.some((rank) => rank > 0)).toBe(true);
  }, 60_000);
});
