/** Follow-up turns: the answer joins the history as it stands in the cache, and nothing of it is encoded again. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DecoderRow, RowResult } from '@/engine/generation/decoder.ts';
import type { ReferenceModel } from '@/engine/model/forward.reference.ts';
import { at } from '@/lib/assert.ts';
import type { ReasoningSettings, ReasoningTrace, TraceRow } from '@/protocol/reasoning.ts';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import {
  type At,
  collectRun,
  EOS,
  eventsOf,
  kindsAt,
  LIVE_SETTINGS,
  type LiveOutcome,
  type LiveScript,
  type LiveScripts,
  readLiveScripts,
  remark,
  sent,
  settled,
  shownTexts,
  typed,
  waitsOf,
} from '@/testing/live-script.ts';
import { type OpenBlock, OpenDecoder } from '@/testing/open-decoder.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SteppedInputs } from './input-queue.ts';
import { INPUT_OPENING, NEXT_TURN } from './prompts.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

type Ran = Awaited<ReturnType<LiveScripts['scripted']>>;

const run = (inputs: readonly At[], script: LiveScript = {}): Promise<Ran> =>
  scripts.scripted(inputs, {
    answers: Array.from({ length: 40 }, () => true),
    ...script,
    settings: { budget: 8, followUps: true, ...script.settings },
  });
const special = (text: string): number[] => scripts.tokenizer.encode(text, { parseSpecial: true });
const lengthsOf = ({ trace }: LiveOutcome): Readonly<Record<string, number>> => trace.result.final.lengths;

const TURNS = [sent(0, 'One?'), typed(50, 'Two and '), sent(53, 'Two and more?'), sent(99, 'Three?')];
const ENDS = { 4: EOS, 9: EOS, 14: EOS };

describe.each(['B', 'A'] as const)('turns of design %s', (design) => {
  const script: LiveScript = { writer: ENDS, settings: { design } };

  it('follow each other in one run', async () => {
    const outcome = await run(TURNS, script);
    // Between the turns, and before Enter once the budget of thoughts was spent.
    expect(waitsOf(outcome)).toEqual(['followUp', 'budget', 'followUp', 'followUp']);
    expect(outcome.trace.result.final.stop).toBe('writer_eos');
    expect(eventsOf(outcome, 'turnStarted').map(({ turn }) => turn)).toEqual([1, 2]);
    expect([0, 1, 2].map((turn) => scripts.inputOf(outcome, turn))).toEqual(['One?\n', 'Two and more?\n', 'Three?\n']);
    expect(outcome.trace.result.turns).toHaveLength(2);
    // The second question was thought about while it was typed.
    const { step } = at(eventsOf(outcome, 'turnStarted'), 0);
    const { rows, state } = at(outcome.trace.result.steps, step);
    expect(state).toBe('thinker_only');
    expect(rows).toHaveLength(1);
    const start = outcome.trace.setup.stream_tokens;
    const texts = shownTexts(outcome);
    expect(texts.writer).toHaveLength(4);
    expect(outcome.trace.result.final.writer_tokens).toHaveLength(start.writer.length + 5);
  });

  it('encode nothing twice', async () => {
    for (const historyThoughts of ['keep', 'drop'] as const) {
      const { decoder, trace } = await run(TURNS, { ...script, settings: { design, historyThoughts } });
      const { lengths } = trace.result.final;
      const written = new Map<string, number>();
      for (const { rows } of decoder.calls)
        for (const { view, tokenIds } of rows) {
          const name = view.at(-1) ?? '';
          written.set(name, (written.get(name) ?? 0) + tokenIds.length);
        }
      const start = trace.setup.stream_tokens.thinker.length;
      for (const [name, length] of Object.entries(lengths)) {
        // Cleared after every probe, or filled for every start of the thoughts.
        if (name === 'question' || name.startsWith('dummy_')) continue;
        const isDropped = historyThoughts === 'drop' && /^thinker_output(@1)?$/u.test(name);
        if (isDropped) expect(length).toBe(start);
        else expect([name, written.get(name) ?? 0]).toEqual([name, length]);
      }
      // Once a turn has begun, the blocks of earlier ones are only looked at.
      const second = decoder.calls.findIndex(({ rows }) => rows.some(({ view }) => (view.at(-1) ?? '').endsWith('@1')));
      const late = decoder.calls.slice(second).flatMap(({ rows }) => rows.map(({ view }) => view.at(-1) ?? ''));
      const own = late.filter((name) => !name.includes('@') && name !== 'question' && !name.startsWith('dummy_'));
      expect(own).toEqual([]);
    }
  });

  it('open behind what was written last', async () => {
    const ended = await run([sent(0, 'One?'), sent(50, 'Two?')], script);
    const opening = design === 'B' ? 'input_prompt@1' : 'writer_prompt@1';
    expect(ended.decoder.encodedInto(opening)).toEqual(special(NEXT_TURN));
    // By the budget: the last token chosen was not encoded yet.
    const spent = await run([sent(0, 'One?'), sent(50, 'Two?')], { settings: { design } });
    expect(waitsOf(spent)).toEqual(['budget', 'budget']);
    const last = spent.trace.result.turns?.[0]?.writer_tokens.at(-1) ?? -1;
    expect(spent.decoder.encodedInto(opening)).toEqual([last, ...special(NEXT_TURN)]);
    if (design === 'A') expect(spent.decoder.encodedInto('thinker_prompt@1')).toEqual([last, ...special(NEXT_TURN)]);
  });

  it('see what the streams saw', async () => {
    for (const historyThoughts of ['keep', 'drop'] as const) {
      const { trace } = await run(TURNS.slice(0, 3), { ...script, settings: { design, historyThoughts } });
      const events = trace.result.steps.flatMap((step) => step.events ?? []);
      const views = events.find(({ kind }) => kind === 'next_turn')?.views ?? {};
      const history = {
        B: ['input_prompt', 'input_block', 'thinker_output', 'writer_output'],
        A: ['writer_prompt', 'writer_input', 'thinker_output', 'writer_split', 'writer_output'],
      }[design];
      const behindAnswer = historyThoughts === 'keep' ? ['thinker_split', 'thinker_output'] : [];
      const thinkersHistory =
        design === 'B'
          ? history
          : ['thinker_prompt', 'thinker_input', 'thinker_turn', 'writer_output', ...behindAnswer];
      const now = {
        B: {
          thinker: ['input_prompt@1', 'input_block@1'],
          writer: ['input_prompt@1', 'input_block@1', 'thinker_output@1'],
        },
        A: {
          thinker: ['thinker_prompt@1', 'thinker_input@1', 'thinker_turn@1', 'writer_output@1', 'thinker_split@1'],
          writer: ['writer_prompt@1', 'writer_input@1', 'thinker_output@1', 'writer_split@1'],
        },
      }[design];
      expect(views['thinker']).toEqual([...thinkersHistory, ...now.thinker, 'thinker_output@1']);
      expect(views['writer']).toEqual([...history, ...now.writer, 'writer_output@1']);
      expect(views['probe']?.slice(-3)).toEqual(
        design === 'B'
          ? ['thinker_output@1', 'writer_output@1', 'question']
          : ['thinker_split@1', 'thinker_output@1', 'question'],
      );
    }
  });
});

describe('between two turns', () => {
  it('what is typed while the answer is written waits for its end', async () => {
    const inputs = [sent(0, 'One?'), typed(2, 'Two '), typed(3, 'Two or '), sent(4, 'Two or three?')];
    const outcome = await run(inputs, { writer: ENDS });
    expect(scripts.inputOf(outcome, 0)).toBe('One?\n');
    expect(scripts.inputOf(outcome, 1)).toBe('Two or three?\n');
    // The answer ends with step 4: no wait in between, and the thoughts begin in the next step.
    expect(eventsOf(outcome, 'turnStarted')).toMatchObject([{ step: 5, turn: 1 }]);
    expect(kindsAt(outcome, 5)).toEqual(['next_turn', 'append_input', 'start_thinker', 'start_writer']);
    expect(waitsOf(outcome)[0]).toBe('followUp');
  });

  it('white space begins none', async () => {
    const inputs = [sent(0, 'One?'), typed(50, ' '), sent(51, '\n'), typed(52, 'Tw'), settled(53, 'Two')];
    const outcome = await run(inputs, { writer: ENDS });
    expect(eventsOf(outcome, 'turnStarted')).toHaveLength(1);
    expect(waitsOf(outcome)).toEqual(['followUp', 'budget']);
    expect(scripts.inputOf(outcome, 1)).toBe('Two');
  });

  it('no probe and no hold is left over from the last turn', async () => {
    const settings = { probeTiming: 'overlapped', probeInterval: 5, budget: 12 } as const;
    // The fifth step chooses the end and makes a probe due beside the next step.
    const outcome = await run([sent(0, 'One?'), typed(50, 'Two '), sent(60, 'Two')], { writer: { 4: EOS }, settings });
    const { step } = at(eventsOf(outcome, 'turnStarted'), 0);
    expect(step).toBe(5);
    const second = outcome.trace.result.steps.slice(step, step + 12);
    expect(second.every(({ state, probe }) => state === 'thinker_only' && probe === undefined)).toBe(true);
  });

  it('a burst begins anew', async () => {
    const settings = { minWriterSteps: 4, probeInterval: 3, budget: 12 };
    const inputs = [sent(0, 'One?'), sent(50, 'Two?')];
    const outcome = await run(inputs, { writer: { 4: EOS }, settings, answers: [] });
    const passed = outcome.trace.result.steps.flatMap(({ step, probe }) =>
      probe === undefined ? [] : [[step, probe.passed_over === true]],
    );
    // Writing from step 0 on, and from step 5 on: "no" after 3 and 1 steps is passed over, after 4 it counts.
    expect(passed.slice(0, 3)).toEqual([
      [2, true],
      [5, true],
      [8, false],
    ]);
  });

  it('the writer is not told of what was left untold', async () => {
    // The budget ends the first turn before a paragraph does; the next answer ends by itself.
    const inputs = [sent(0, 'One?'), remark(2, 'a'), sent(50, 'Two?')];
    const outcome = await run(inputs, { writer: { 11: EOS } });
    expect(waitsOf(outcome)).toEqual(['budget', 'followUp']);
    const told = outcome.trace.setup.events.filter((event) => 'stream' in event && event.stream === 'writer');
    expect(told).toEqual([]);
  });

  it('remarks are numbered on', async () => {
    const outcome = await run([sent(0, 'One?'), remark(2, 'a'), sent(50, 'Two?'), remark(60, 'b')], {
      settings: { budget: 6 },
    });
    expect(outcome.trace.text.thinker).not.toContain('input 1 received');
    const notes = outcome.trace.setup.events.flatMap((event) => ('stream' in event ? [scripts.textOf(event.ids)] : []));
    expect(notes.some((text) => text.includes('input 1 received'))).toBe(true);
    expect(eventsOf(outcome, 'remarkRead')).toHaveLength(1);
    // The second one came behind the answer, so it began a third turn.
    expect(eventsOf(outcome, 'turnStarted').map(({ turn }) => turn)).toEqual([1, 2]);
  });
});

/** Lets the writer end where the test says. */
class EndingDecoder extends OpenDecoder {
  readonly endsAt: number;
  #numWritten = 0;

  constructor(model: ReferenceModel, endsAt: number) {
    super(model);
    this.endsAt = endsAt;
  }

  override async forward(rows: readonly DecoderRow[]): Promise<RowResult[]> {
    const results = await super.forward(rows);
    return results.map((result, r) => {
      const row = at(rows, r);
      const isWriter = row.view.at(-1)?.name.startsWith('writer_output') === true && row.output.kind === 'token';
      return isWriter && ++this.#numWritten === this.endsAt ? { ...result, tokenId: EOS } : result;
    });
  }
}

const rowsOf = (trace: ReasoningTrace, from: number, stream: TraceRow['stream']): TraceRow[] =>
  trace.result.steps.slice(from).flatMap(({ rows }) => rows.filter((row) => row.stream === stream));

// Seconds on an idle machine; many times that on a busy one.
describe('on tiny models', { timeout: 60_000 }, () => {
  const live = (
    decoder: ReferenceDecoder,
    inputs: readonly At[],
    settings: Partial<ReasoningSettings>,
  ): ReturnType<LiveScripts['live']> =>
    scripts.live(decoder, () => ({ ...LIVE_SETTINGS, followUps: true, ...settings }), new SteppedInputs(inputs));

  it.each([
    ['llama', 'B', 'drop'],
    ['qwen2', 'B', 'keep'],
    ['qwen3', 'A', 'drop'],
    ['qwen3', 'A', 'keep'],
  ] as const)(
    'a turn attends to the blocks of the last one: %s, design %s, thoughts: %s',
    async (name, design, history) => {
      const model = await readTinyReferenceModel(name);
      const inputs = [sent(0, 'Sum 7 and 8.'), sent(99, 'And a river?')];
      const settings = { design, historyThoughts: history, budget: 7, yesBias: 2 } as const;
      const whole = await collectRun(live(new EndingDecoder(model, 5), inputs, settings));
      const begun = at(eventsOf(whole, 'turnStarted'), 0).step;
      const decoder = new EndingDecoder(model, 5);
      for await (const event of live(decoder, inputs, settings))
        if (event.kind === 'stepped' && event.step.step === begun + 1) break;
      // By hand: forks of the blocks as that step left them, in the order that the design gives.
      const lastTurn = {
        B: ['input_prompt', 'input_block', 'thinker_output', 'writer_output'],
        A: [
          'thinker_prompt',
          'thinker_input',
          'thinker_turn',
          'writer_output',
          ...(history === 'keep' ? ['thinker_split', 'thinker_output'] : []),
        ],
      }[design];
      const thisTurn = {
        B: ['input_prompt@1', 'input_block@1', 'thinker_output@1'],
        A: [
          'thinker_prompt@1',
          'thinker_input@1',
          'thinker_turn@1',
          'writer_output@1',
          'thinker_split@1',
          'thinker_output@1',
        ],
      }[design];
      const fork = (block: string): OpenBlock => decoder.blocks.get(block)?.fork(block) ?? decoder.createBlock(block);
      const expected = at(rowsOf(whole.trace, begun + 2, 'thinker'), 0);
      const isAlone = design === 'B' || at(whole.trace.result.steps, begun + 2).rows.length === 1;
      const output = { kind: 'token' } as const;
      const thinkerRow = { view: [...lastTurn, ...thisTurn].map(fork), tokenIds: [expected.input], output };
      const [writerRow] = rowsOf(whole.trace, begun + 2, 'writer');
      const rows: DecoderRow[] = [thinkerRow];
      if (!isAlone && writerRow !== undefined) {
        // In design A both rows see what the other one appends: the writer's own block is the one in the thinker's view.
        const own = at(thinkerRow.view, thinkerRow.view.length - 3);
        const before = ['writer_prompt', 'writer_input', 'thinker_output', 'writer_split', 'writer_output'];
        const now = ['writer_prompt@1', 'writer_input@1'];
        const view = [
          ...[...before, ...now].map(fork),
          at(thinkerRow.view, thinkerRow.view.length - 1),
          fork('writer_split@1'),
          own,
        ];
        rows.unshift({ view, tokenIds: [writerRow.input], output });
      }
      const results = await decoder.forward(rows);
      const result = at(results, results.length - 1);
      expect(result.lengths).toEqual(expected.lengths);
      expect(result.rotaryOffsets).toEqual(expected.loc);
      expect(result.logsumexp).toBeCloseTo(expected.logsumexp, 10);
      if (history === 'drop')
        expect(lengthsOf(whole)['thinker_output']).toBe(whole.trace.setup.stream_tokens.thinker.length);
      else expect(lengthsOf(whole)['thinker_output']).toBeGreaterThan(whole.trace.setup.stream_tokens.thinker.length);
    },
  );

  it.each(['llama', 'qwen2', 'qwen3'] as const)(
    'is plain decoding of all that was said, thoughts kept, where the thinker stood still while the writer wrote (%s)',
    async (name) => {
      const decoder = new EndingDecoder(await readTinyReferenceModel(name), 6);
      // Three thoughts, then the writer alone until it ends; sending what it has answered ends the turn.
      const inputs = [settled(0, 'Sum 7 and 8'), sent(50, 'Sum 7 and 8'), sent(99, 'And a river?')];
      const settings = { historyThoughts: 'keep', writeBeforeSend: true, thoughtBudget: 3, budget: 20 } as const;
      const { trace, events } = await collectRun(live(decoder, inputs, settings));
      const begun = at(eventsOf({ events }, 'turnStarted'), 0).step;
      const states = trace.result.steps.slice(0, begun).map(({ state }) => state);
      expect(states).toEqual([...Array(3).fill('thinker_only'), ...Array(6).fill('writer_only')]);
      const thoughts = rowsOf(trace, begun, 'thinker');
      const { thinker, writer } = trace.setup.stream_tokens;
      const [said] = trace.result.turns ?? [];
      const history = [
        ...special(INPUT_OPENING),
        ...scripts.encode('Sum 7 and 8'),
        // Neither the thought that the budget left pending nor the end of the answer was encoded.
        ...(said?.thinker_tokens.slice(0, -1) ?? []),
        ...(said?.writer_tokens.slice(0, -1) ?? []),
        ...special(NEXT_TURN),
        ...scripts.encode('And a river?\n'),
        ...thinker.slice(0, -1),
      ];
      expect(said?.writer_tokens).toHaveLength(writer.length + 6);
      expect(thoughts.length).toBeGreaterThanOrEqual(3);
      const plain = new ReferenceDecoder(await readTinyReferenceModel(name));
      const view = [plain.createBlock('all')];
      const output = { kind: 'token' } as const;
      await plain.forward([{ view, tokenIds: history, output }]);
      for (const { input, logsumexp, top } of thoughts) {
        const [result] = await plain.forward([{ view, tokenIds: [input], output }]);
        expect(result?.logsumexp).toBeCloseTo(logsumexp, 10);
        const logits = new Map(result?.top);
        for (const [id, logit] of top) if (logits.has(id)) expect(logits.get(id)).toBeCloseTo(logit, 9);
      }
    },
  );

  it('is no such thing where thoughts were left out', async () => {
    // The check above would see it: here the sums differ by far more than rounding.
    const model = await readTinyReferenceModel('llama');
    const inputs = [settled(0, 'Sum 7 and 8'), sent(50, 'Sum 7 and 8'), sent(99, 'And a river?')];
    const settings = { writeBeforeSend: true, thoughtBudget: 3, budget: 20 };
    const sums = await Promise.all(
      (['keep', 'drop'] as const).map(async (historyThoughts) => {
        const outcome = await collectRun(live(new EndingDecoder(model, 6), inputs, { ...settings, historyThoughts }));
        const begun = at(eventsOf(outcome, 'turnStarted'), 0).step;
        return at(rowsOf(outcome.trace, begun, 'thinker'), 0).logsumexp;
      }),
    );
    expect(Math.abs(at(sums, 0) - at(sums, 1))).toBeGreaterThan(1e-4);
  });
});
