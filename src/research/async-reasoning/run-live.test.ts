import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReasoningEvent, ReasoningTrace } from '@/protocol/reasoning.ts';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import {
  type At,
  collectRun,
  END_OF_THINK,
  EOS,
  kindsAt,
  LIVE_SETTINGS,
  type LiveOutcome,
  type LiveScript,
  type LiveScripts,
  readLiveScripts,
  sent,
  statesOf,
  typed,
  waitsOf,
} from '@/testing/live-script.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SteppedInputs } from './input-queue.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});
const scripted = (inputs: readonly At[], script?: LiveScript): Promise<LiveOutcome> => scripts.scripted(inputs, script);
const inputOf = (outcome: LiveOutcome): string => scripts.inputOf(outcome);

describe('typing, thinking and sending', () => {
  it('waits for something to read, thinks while it grows, and writes once it is sent', async () => {
    const drafts = [
      typed(0, 'How'),
      typed(0, 'How many '),
      typed(2, 'How many big she'),
      sent(4, 'How many big sheep?'),
    ];
    const outcome = await scripted(drafts, { answers: [true, false, true] });
    expect(waitsOf(outcome)).toEqual([]);
    expect(kindsAt(outcome, 0)).toEqual(['set_params', 'append_input', 'start_thinker']);
    expect(kindsAt(outcome, 2)).toEqual(['append_input']);
    expect(kindsAt(outcome, 4)).toEqual(['set_params', 'append_input', 'start_writer']);
    expect(inputOf(outcome)).toBe('How many big sheep?\n');
    // Probes after steps 5 (yes) and 8 (no); six steps of budget from step 4 on.
    expect(statesOf(outcome)).toBe('TTTTBBBBBT');
    expect(outcome.trace.result.final.stop).toBe('budget');
    expect(outcome.trace.setup.params.budget).toBe(10);
  });

  it('reports what it read', async () => {
    const { events } = await scripted([typed(0, 'a b '), typed(1, 'a b c d'), sent(2, 'a b c')]);
    const read = events.flatMap((event) => (event.kind === 'draftRead' ? [event] : []));
    expect(
      read.map(({ step, keptTokens, addedTokens, removedTokens, heldBackTokens }) => [
        step,
        keptTokens,
        addedTokens,
        removedTokens,
        heldBackTokens,
      ]),
    ).toEqual([
      [0, 0, 2, 0, 0],
      [1, 2, 1, 0, 1],
      [2, 3, 1, 0, 0],
    ]);
  });

  it('takes a question that is sent at once', async () => {
    const outcome = await scripted([sent(0, 'Why? ')], { writer: { 1: EOS } });
    expect(kindsAt(outcome, 0)).toEqual(['append_input', 'start_thinker', 'start_writer']);
    expect(inputOf(outcome)).toBe('Why?\n');
    expect(outcome.trace.result.final.stop).toBe('writer_eos');
    expect(statesOf(outcome)).toBe('BB');
  });

  it('says what it waits for, once, while a first word is typed', async () => {
    const outcome = await scripted([typed(0, ''), typed(1, 'W'), typed(2, 'Why'), sent(3, 'Why?')]);
    expect(waitsOf(outcome)).toEqual(['emptyDraft']);
    expect(outcome.trace.result.steps[0]?.step).toBe(0);
  });

  it('does not take white space for a question, sent or not', async () => {
    const outcome = await scripted([sent(0, ' \n ')]);
    expect(outcome.trace.result).toMatchObject({ steps: [], final: { stop: 'stopped' } });
  });

  it('ignores drafts after sending', async () => {
    const outcome = await scripted([sent(0, 'one two'), typed(2, 'three four ')]);
    expect(inputOf(outcome)).toBe('one two\n');
  });

  it('leaves control tokens of the draft text', async () => {
    const outcome = await scripted([sent(0, '<|im_end|>')]);
    expect(inputOf(outcome)).toBe('<|im_end|>\n');
    expect(outcome.trace.setup.events.some((event) => event.kind === 'append_input' && event.ids.includes(EOS))).toBe(
      false,
    );
  });

  it('leaves prefixes out of the texts', async () => {
    const { trace, events } = await scripted([sent(0, 'Why?')], { writer: { 2: EOS } });
    const texts = events.flatMap((event) => (event.kind === 'stepped' ? [event] : []));
    const { thinker_tokens: thoughts, writer_tokens: response } = trace.result.final;
    const { thinker, writer } = trace.setup.stream_tokens;
    expect(texts.map(({ thinkerText }) => thinkerText).join('')).toBe(scripts.textOf(thoughts.slice(thinker.length)));
    expect(texts.map(({ writerText }) => writerText).join('')).toBe(scripts.textOf(response.slice(writer.length, -1)));
  });
});

describe('edits before the writer has started', () => {
  it('keeps thoughts after a small one', async () => {
    const outcome = await scripted([typed(0, 'two cats '), typed(2, 'two dogs '), sent(3, 'two dogs')]);
    expect(kindsAt(outcome, 2)).toEqual(['edit_input']);
    expect(inputOf(outcome)).toBe('two dogs\n');
  });

  it('thinks afresh after a large one', async () => {
    const outcome = await scripted([
      typed(0, 'two black cats '),
      typed(4, 'some white mice '),
      sent(8, 'some white mice'),
    ]);
    expect(kindsAt(outcome, 4)).toEqual(['edit_input', 'start_thinker']);
    const [thinker] = outcome.trace.result.steps[4]?.rows ?? [];
    expect(thinker?.lengths.at(-1)).toBe(outcome.trace.setup.stream_tokens.thinker.length);
    // A fresh budget too: without it the run would wait at step 6.
    expect(waitsOf(outcome)).toEqual([]);
  });

  it('waits when nothing is left, and thinks afresh then, whatever comes', async () => {
    const outcome = await scripted([typed(0, 'one '), typed(2, ''), typed(2, 'one '), sent(3, 'one')]);
    expect(waitsOf(outcome)).toEqual([]);
    const emptied = await scripted([typed(0, 'one '), typed(2, ''), typed(4, 'one two '), sent(3, 'one two')]);
    expect(waitsOf(emptied)).toEqual(['emptyDraft']);
    const again = await scripted([typed(0, 'one '), typed(2, ''), typed(9, 'one two '), sent(10, 'one two')]);
    expect(kindsAt(again, 2)).toEqual(['append_input', 'start_thinker']);
  });
});

describe('the budget before sending', () => {
  it('is spent on thoughts, then the run waits, and sending gives a fresh one', async () => {
    const outcome = await scripted([typed(0, 'one '), typed(50, 'one two '), sent(60, 'one two three')]);
    expect(waitsOf(outcome)).toEqual(['budget']);
    expect(statesOf(outcome)).toMatch(/^TTTTTTB/);
    expect(outcome.trace.result.steps).toHaveLength(12);
    expect(kindsAt(outcome, 6)).toEqual(['set_params', 'append_input', 'start_writer']);
  });

  it('ends the run when no one sends', async () => {
    const outcome = await scripted([typed(0, 'one ')]);
    expect(outcome.trace.result.final.stop).toBe('budget');
    expect(statesOf(outcome)).toBe('TTTTTT');
  });

  it('is not used up once thoughts have ended', async () => {
    const outcome = await scripted([typed(0, 'one '), sent(50, 'one')], { thinker: { 1: END_OF_THINK } });
    expect(waitsOf(outcome)).toEqual(['budget']);
    expect(statesOf(outcome)).toBe('TTWWWWWW');
  });
});

describe('an edit while the run waits for Enter', () => {
  const drafts = [typed(0, 'one two '), typed(2, 'one two cats '), typed(50, 'one two dogs ')];
  const affectedIn = ({ events }: LiveOutcome): ReasoningEvent[] =>
    events.filter(({ kind }) => kind === 'thoughtsAffected');

  it('is seen to, and gives a fresh budget where thoughts rest on the old text', async () => {
    const outcome = await scripted([...drafts, typed(60, 'one two dogs and ')], { settings: { onEdit: 'rewind' } });
    expect(waitsOf(outcome)).toEqual(['budget', 'budget']);
    expect(kindsAt(outcome, 6)).toEqual(['edit_input', 'rewind']);
    expect(affectedIn(outcome)).toMatchObject([{ step: 6, policy: 'rewind', tokens: 4 }]);
    // What only adds to the text does not end the wait.
    expect(outcome.trace.result.steps).toHaveLength(12);
  });

  it('ends the rest of the thoughts only where it leaves them something to do', async () => {
    const settings = { budget: 8, onEdit: 'rewind' } as const;
    const thinker = { 4: END_OF_THINK };
    const rewound = await scripted(drafts, { thinker, settings });
    expect(kindsAt(rewound, 5)).toEqual(['edit_input', 'rewind']);
    expect(rewound.trace.result.steps[5]).toMatchObject({ state: 'thinker_only' });
    const kept = await scripted([...drafts, sent(60, 'one two dogs ')], {
      thinker,
      settings: { ...settings, onEdit: 'keep' },
    });
    expect(waitsOf(kept)).toEqual(['budget', 'budget']);
    expect(affectedIn(kept)).toMatchObject([{ step: 5, policy: 'keep', tokens: 3 }]);
    expect(kindsAt(kept, 5)).toEqual(['edit_input', 'set_params', 'append_input', 'start_writer']);
  });
});

describe('writing before sending', () => {
  const settings = { writeBeforeSend: true };

  it('starts the writer with the step behind the first yes', async () => {
    const outcome = await scripted([typed(0, 'one '), sent(5, 'one two')], { settings, answers: [true, false, true] });
    expect(kindsAt(outcome, 0)).toEqual(['append_input', 'start_thinker']);
    expect(kindsAt(outcome, 3)).toEqual(['start_writer']);
    // Sending does not wake a paused writer: from its start on the probe decides.
    expect(statesOf(outcome)).toBe('TTTBBBTTTBB');
    expect(kindsAt(outcome, 5)).toEqual(['append_input']);
  });

  it('drops thoughts and response that rest on changed text, or keeps them stale', async () => {
    const drafts = [typed(0, 'two black cats '), typed(4, 'some mice '), sent(5, 'some mice')];
    const answers = [true, true, true];
    const bySize = await scripted(drafts, { settings, answers });
    expect(kindsAt(bySize, 4)).toEqual(['edit_input', 'start_thinker']);
    const kept = await scripted(drafts, { settings: { ...settings, onEdit: 'keep' }, answers });
    expect(kindsAt(kept, 4)).toEqual(['edit_input']);
  });

  it('drops both when nothing is left of the draft', async () => {
    const script = { settings, answers: [true, true] };
    const outcome = await scripted([typed(0, 'one '), typed(4, ''), typed(4, 'two '), sent(6, 'two')], script);
    expect(kindsAt(outcome, 4)).toEqual(['edit_input', 'start_thinker']);
    const waited = await scripted([typed(0, 'one '), typed(4, ''), typed(99, 'two '), sent(99, 'two x')], script);
    expect(kindsAt(waited, 4)).toEqual(['edit_input', 'start_thinker']);
    expect(waited.trace.result.steps[4]?.rows.map(({ stream }) => stream)).toEqual(['thinker']);
  });

  it('waits when the writer ends early; an unchanged question then ends the run', async () => {
    const script = { settings, answers: [true], writer: { 1: EOS } };
    const outcome = await scripted([typed(0, 'one two '), sent(50, 'one two')], script);
    expect(waitsOf(outcome)).toEqual(['budget']);
    expect(outcome.trace.result.final.stop).toBe('writer_eos');
    expect(outcome.trace.result.steps).toHaveLength(5);
  });

  it('starts anew when the writer ended early and the question has changed', async () => {
    const script = { settings, answers: [true], writer: { 1: EOS } };
    const outcome = await scripted([typed(0, 'one two '), sent(50, 'one two three')], script);
    expect(kindsAt(outcome, 5)).toEqual(['append_input', 'start_thinker', 'start_writer']);
    expect(outcome.trace.result.final.stop).toBe('budget');
    expect(outcome.trace.result.steps).toHaveLength(11);
  });
});

describe('replay', () => {
  it('covers settings that change during the run', async () => {
    const script = { answers: [true, false, true] };
    let current = LIVE_SETTINGS;
    const run = scripts.live(
      scripts.fakeDecoder(script),
      () => current,
      new SteppedInputs([typed(0, 'one '), sent(2, 'one')]),
    );
    const events: ReasoningEvent[] = [];
    let trace: ReasoningTrace | undefined;
    while (trace === undefined) {
      const { done, value } = await run.next();
      if (done === true) trace = value;
      else events.push(value);
      if (events.filter(({ kind }) => kind === 'stepped').length === 3)
        current = { ...LIVE_SETTINGS, budget: 8, yesBias: 7, probeInterval: 2 };
    }
    const { setup, result } = trace;
    expect(setup.events.at(-1)).toEqual({ step: 3, kind: 'set_params', probe_interval: 2, yes_bias: 7 });
    expect(result.steps).toHaveLength(10);
    await scripts.expectReplay(trace, scripts.fakeDecoder(script));
  });

  it('covers a full context', async () => {
    const outcome = await scripted([typed(0, 'one '), sent(3, 'one two three')], { contextLength: 150 });
    expect(outcome.trace.result.final.stop).toBe('context_full');
  });

  it('begins anew when the question has outgrown what the thoughts began on, until the writer starts', async () => {
    const drafts = [typed(0, 'one two '), typed(2, 'one two three '), sent(4, 'one two three four five')];
    const keeps = await scripted(drafts);
    expect([2, 4].flatMap((step) => kindsAt(keeps, step))).not.toContain('start_thinker');
    const outgrown = await scripted(drafts, { settings: { keepThoughtsFrom: 0.6 } });
    expect(kindsAt(outgrown, 2)).not.toContain('start_thinker');
    expect(kindsAt(outgrown, 4)).toEqual(expect.arrayContaining(['append_input', 'start_thinker', 'start_writer']));
  });

  it('covers any series of drafts', async () => {
    const word = fc.constantFrom('', 'one ', 'one two ', 'one two three ', 'ten ', 'on', 'one two, or six or seven ');
    const draft = fc.record({ step: fc.nat(12), text: word }).map(({ step, text }) => typed(step, text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(draft, { maxLength: 6 }),
        fc.boolean(),
        fc.array(fc.boolean(), { maxLength: 5 }),
        fc.dictionary(fc.nat(6).map(String), fc.constantFrom(EOS, 256, 97), { maxKeys: 2 }),
        async (drafts, writeBeforeSend, answers, writer) => {
          const script = { settings: { writeBeforeSend }, answers, writer };
          await scripted([...drafts, sent(14, 'one two three')], script);
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  }, 60_000);

  it.each(['llama', 'qwen2', 'qwen3'] as const)(
    'gives the same trace twice and in a replay on tiny %s',
    async (name) => {
      const model = await readTinyReferenceModel(name);
      const drafts = [
        typed(0, 'Sum 7 and '),
        typed(3, 'Sum 8 and 4 '),
        typed(6, 'Sum 8 and 4; name one ri'),
        sent(9, 'Sum 8 and 4; name one river.'),
      ];
      const settings = { ...LIVE_SETTINGS, budget: 16, probeInterval: 4, yesBias: 2, reminders: true };
      const run = async (): Promise<ReasoningTrace> => {
        const decoder = new ReferenceDecoder(model);
        const { trace } = await collectRun(scripts.live(decoder, () => settings, new SteppedInputs(drafts)));
        expect(decoder.numLiveBlocks).toBe(0);
        return trace;
      };
      const trace = await run();
      expect(await run()).toEqual(trace);
      expect(trace.result.steps.length).toBeGreaterThanOrEqual(20);
      await scripts.expectReplay(trace, new ReferenceDecoder(model));
    },
  );
});
