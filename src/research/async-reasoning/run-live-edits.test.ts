/** What an edit does to the thoughts, checked against runs that never saw the changed text. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type { ReasoningEvent, ReasoningSettings, TraceInputEvent } from '@/protocol/reasoning.ts';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import {
  type At,
  collectRun,
  END_OF_THINK,
  eventsOf,
  kindsAt,
  LIVE_SETTINGS,
  type LiveOutcome,
  type LiveScript,
  type LiveScripts,
  readLiveScripts,
  sent,
  settled,
  shownTexts,
  typed,
  waitsOf,
} from '@/testing/live-script.ts';
import { OpenDecoder } from '@/testing/open-decoder.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SteppedInputs } from './input-queue.ts';
import { INPUT_OPENING } from './prompts.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

type Policy = ReasoningSettings['onEdit'];

const run = (inputs: readonly At[], onEdit: Policy, script: LiveScript = {}): ReturnType<LiveScripts['scripted']> =>
  scripts.scripted(inputs, { ...script, settings: { budget: 40, onEdit, ...script.settings } });

/** The thinker's text at the end of each step, as it was shown. */
function thoughtsBySteps({ events }: Pick<LiveOutcome, 'events'>): string[] {
  return events.flatMap((event, i) =>
    event.kind === 'stepped' ? [shownTexts({ events: events.slice(0, i + 1) }).thinker] : [],
  );
}

const affectedIn = (outcome: Pick<LiveOutcome, 'events'>): Extract<ReasoningEvent, { kind: 'thoughtsAffected' }>[] =>
  eventsOf(outcome, 'thoughtsAffected');
const eventAt = <K extends TraceInputEvent['kind']>(
  { trace }: LiveOutcome,
  step: number,
  kind: K,
): Extract<TraceInputEvent, { kind: K }> | undefined =>
  trace.setup.events.find(
    (event): event is Extract<TraceInputEvent, { kind: K }> => event.step === step && event.kind === kind,
  );
const thoughtsOf = ({ trace }: LiveOutcome): readonly number[] => trace.result.final.thinker_tokens;

// Read with step 4, so the thoughts of steps 4 to 8 rest on it.
const EDITED = [typed(0, 'one two '), typed(4, 'one two black cats '), typed(9, 'one two white mice '), sent(14, 'x')];

describe('the thoughts that an edit affects', () => {
  it.each(['keep', 'rewind'] as const)('are those made after the changed text was read (%s)', async (policy) => {
    const outcome = await run(EDITED.slice(0, 3), policy);
    const [affected, ...others] = affectedIn(outcome);
    const before = at(thoughtsBySteps(outcome), 8);
    expect(others).toEqual([]);
    // One letter a step.
    expect(affected).toMatchObject({ step: 9, policy, tokens: 5, range: { from: 4, to: 9 } });
    expect(before).toHaveLength(9);
    const after = at(thoughtsBySteps(outcome), 9);
    expect(after.slice(0, -1)).toBe(policy === 'keep' ? before : before.slice(0, 4));
  });

  it('are all of them when they begin anew', async () => {
    const outcome = await run(EDITED.slice(0, 3), 'restart');
    expect(affectedIn(outcome)).toMatchObject([{ policy: 'restart', tokens: 9, range: { from: 0, to: 9 } }]);
    expect(kindsAt(outcome, 9)).toEqual(['edit_input', 'start_thinker']);
    expect(at(thoughtsBySteps(outcome), 9)).toHaveLength(1);
  });

  it('are all of them when the first words change, which the prefix has seen too', async () => {
    const outcome = await run([typed(0, 'one two '), typed(4, 'ten two '), sent(9, 'ten two')], 'rewind');
    expect(affectedIn(outcome)).toMatchObject([{ policy: 'restart', tokens: 4, range: { from: 0, to: 4 } }]);
    expect(kindsAt(outcome, 4)).toEqual(['edit_input', 'start_thinker']);
  });

  it('are measured in UTF-16 units', async () => {
    // Three bytes of a euro sign, then letters.
    const script = { thinker: { 0: 0xe2, 1: 0x82, 2: 0xac } };
    const outcome = await run([typed(0, 'a '), typed(3, 'a b '), typed(5, 'a c '), sent(9, 'a c')], 'keep', script);
    expect(affectedIn(outcome)).toMatchObject([{ tokens: 2, range: { from: 1, to: 3 } }]);
    expect(thoughtsBySteps(outcome)[2]).toBe('€');
  });

  it('are none when the text was changed before a step had seen it', async () => {
    const outcome = await run(
      [typed(0, 'one '), typed(3, 'one two '), typed(3, 'one six '), sent(5, 'one six')],
      'keep',
    );
    expect(affectedIn(outcome)).toEqual([]);
    expect(kindsAt(outcome, 3)).toEqual(['append_input']);
  });

  it('are found again by a second edit, in what the first one left', async () => {
    const drafts = [
      typed(0, 'one '),
      typed(2, 'one two three four '),
      // Only "four" goes: the thoughts from step 2 on stay, and rest on "two three" too.
      typed(5, 'one two three '),
      typed(8, 'one two six '),
      sent(10, 'one two six'),
    ];
    const kept = await run(drafts, 'keep');
    expect(affectedIn(kept).map(({ range }) => range)).toEqual([
      { from: 2, to: 5 },
      { from: 2, to: 8 },
    ]);
    // By size: the first edit is small and keeps them, the second one reaches further back.
    const far = [typed(0, 'a b '), typed(2, 'a b c d e f g h '), typed(6, 'a b c d e f g x '), typed(9, 'a b y ')];
    const bySize = await run([...far, sent(12, 'a b y')], 'auto');
    expect(affectedIn(bySize)).toMatchObject([
      { policy: 'keep', range: { from: 2, to: 6 } },
      { policy: 'rewind', range: { from: 2, to: 9 } },
    ]);
  });

  it('are found by characters where a word was read in two parts', async () => {
    const drafts = (last: string): At[] => [
      typed(0, 'a '),
      settled(2, 'a tw'),
      typed(5, 'a twins '),
      typed(8, `${last} `),
      sent(10, last),
    ];
    // "tw" was read with step 2, "ins" with step 5.
    expect(affectedIn(await run(drafts('a twice'), 'keep'))).toMatchObject([{ range: { from: 5, to: 8 } }]);
    expect(affectedIn(await run(drafts('a ten'), 'keep'))).toMatchObject([{ range: { from: 2, to: 8 } }]);
    // " the" is one piece, so that "th" was read as another token before.
    const anew = [typed(0, '7 '), settled(2, '7 th'), typed(5, '7 the '), typed(8, '7 to '), sent(10, '7 to')];
    expect(affectedIn(await run(anew, 'keep'))).toMatchObject([{ range: { from: 2, to: 8 } }]);
  });
});

describe('thoughts that began anew', () => {
  it('rest on all that had been read by then', async () => {
    const long = 'one two three four five six ';
    const inputs = [typed(0, 'one '), typed(2, 'one two '), typed(4, long), typed(7, long.replace('two', 'six'))];
    const outcome = await run(inputs, 'rewind', { settings: { keepThoughtsFrom: 0.3 } });
    expect([2, 4].map((step) => kindsAt(outcome, step).includes('start_thinker'))).toEqual([false, true]);
    // "two" was read with step 2, but for thoughts that are gone.
    expect(affectedIn(outcome)).toMatchObject([{ policy: 'restart', tokens: 3 }]);
  });

  it('do so only while nothing is written', async () => {
    const settings = { keepThoughtsFrom: 0.6, writeBeforeSend: true, probeInterval: 1 };
    const outcome = await run([typed(0, 'one '), typed(2, 'one two three four ')], 'keep', {
      settings,
      answers: [true],
    });
    expect(kindsAt(outcome, 1)).toContain('start_writer');
    expect(kindsAt(outcome, 2)).toEqual(['append_input']);
  });
});

describe('the policy by size', () => {
  it.each([
    [4, 'keep'],
    [5, 'rewind'],
  ])('of %d tokens cut is %s', async (removed, policy) => {
    const text = `q${'z'.repeat(removed)}`;
    expect(scripts.encode(text)).toHaveLength(1 + removed);
    const outcome = await run([settled(0, 'q'), settled(2, text), settled(4, 'qx'), sent(6, 'qx')], 'auto');
    expect(affectedIn(outcome)).toMatchObject([{ policy, range: { from: 2, to: 4 } }]);
    expect(kindsAt(outcome, 4)).toEqual(policy === 'keep' ? ['edit_input'] : ['edit_input', 'rewind']);
  });
});

describe('edits of every kind', () => {
  const base = [typed(0, 'one two '), typed(3, 'one two three four ')];
  it.each([
    ['a deletion at the end', 'one two ', { from: 3, to: 6 }],
    ['an insertion in front', 'so one two three four ', { from: 0, to: 6 }],
    ['an insertion in the middle', 'one two or three four ', { from: 3, to: 6 }],
    ['a changed word', 'one two three five ', { from: 3, to: 6 }],
    ['everything else', 'what now ', { from: 0, to: 6 }],
  ])('%s', async (_, text, range) => {
    const outcome = await run([...base, typed(6, text), sent(8, text)], 'keep');
    expect(affectedIn(outcome)).toMatchObject([{ policy: 'keep', range }]);
    expect(scripts.inputOf(outcome)).toBe(`${text.trim()}\n`);
  });

  it.each([
    ['typing on', typed(6, 'one two three four five ')],
    ['sending', sent(6, 'one two three four')],
    ['a rest', settled(6, 'one two three four')],
    ['a space', typed(6, 'one two three four  ')],
    ['a word that goes on', settled(6, 'one two three fourteen')],
  ])('%s is none', async (_, input) => {
    for (const onEdit of ['rewind', 'restart', 'keep'] as const) {
      const outcome = await run([...base, input], onEdit);
      expect(affectedIn(outcome)).toEqual([]);
      const kinds = outcome.trace.setup.events.map(({ kind }) => kind);
      expect(kinds).not.toContain('rewind');
      expect(kinds.filter((kind) => kind === 'start_thinker')).toHaveLength(1);
    }
  });

  it('tells the thinker of an edit under kept thoughts only', async () => {
    const settings = { reminders: true };
    const inputs = EDITED.slice(0, 3);
    const note = ' ... [SYSTEM: the user has changed the question above]\n';
    const kept = await run(inputs, 'keep', { settings });
    expect(kindsAt(kept, 9)).toEqual(['edit_input', 'inject']);
    expect(eventAt(kept, 9, 'inject')?.ids).toEqual(scripts.encode(note));
    expect(kept.trace.text.thinker).toContain(note);
    for (const onEdit of ['rewind', 'restart'] as const)
      expect((await run(inputs, onEdit, { settings })).trace.text.thinker).not.toContain('SYSTEM');
    expect((await run([typed(0, 'a '), typed(2, 'a b ')], 'keep', { settings })).trace.text.thinker).not.toContain(
      'SYS',
    );
  });

  it('takes a note back with the thoughts behind it', async () => {
    // "mice" is changed again: the note and all behind it had seen it.
    const drafts = [...EDITED.slice(0, 3), typed(12, 'one two white rats '), sent(14, 'one two white rats')];
    let policy: Policy = 'keep';
    const settings = (): ReasoningSettings => ({ ...LIVE_SETTINGS, budget: 40, reminders: true, onEdit: policy });
    const events: ReasoningEvent[] = [];
    const live = scripts.live(scripts.fakeDecoder({}), settings, new SteppedInputs(drafts));
    for await (const event of live) {
      events.push(event);
      if (event.kind === 'stepped' && event.step.step === 10) policy = 'rewind';
    }
    const [first, second] = affectedIn({ events });
    expect(first?.range).toEqual({ from: 4, to: 9 });
    expect(second).toMatchObject({ policy: 'rewind', tokens: 3, range: { from: 9, to: 12 } });
    expect(shownTexts({ events }).thinker.slice(0, 9)).toBe(at(thoughtsBySteps({ events }), 8));
  });

  it('rolls ended thoughts back too, and they go on', async () => {
    const drafts = [typed(0, 'one two '), typed(2, 'one two cats '), sent(50, 'one two dogs')];
    const outcome = await run(drafts, 'rewind', { thinker: { 4: END_OF_THINK } });
    expect(waitsOf(outcome)).toEqual(['budget']);
    expect(kindsAt(outcome, 5)).toEqual(['set_params', 'edit_input', 'rewind', 'start_writer']);
    expect(outcome.trace.result.steps[5]).toMatchObject({ state: 'thinker_and_writer' });
    const cut = eventAt(outcome, 5, 'rewind');
    expect(cut).toMatchObject({ thinker: outcome.trace.setup.stream_tokens.thinker.length + 2, writer: 0 });
  });

  it('leaves thoughts ended that ended before the changed text was read', async () => {
    // They end with the third step; "cats" is read while only the writer runs.
    const drafts = [typed(0, 'one two '), typed(5, 'one two cats '), typed(8, 'one two dogs ')];
    const settings = { writeBeforeSend: true };
    const spent = await run(drafts, 'rewind', { settings: { ...settings, thoughtBudget: 3 } });
    expect(spent.trace.result.steps[8]).toMatchObject({ state: 'writer_only', rows: [{ stream: 'writer' }] });
    const { decoder, ...outcome } = await run(drafts, 'rewind', { thinker: { 2: END_OF_THINK }, settings });
    expect(kindsAt(outcome, 8)).toEqual(['edit_input', 'rewind']);
    const { rows, state } = at(outcome.trace.result.steps, 8);
    expect([state, rows.map(({ stream }) => stream)]).toEqual(['writer_only', ['writer']]);
    expect(outcome.trace.result.final.thinker_tokens.at(-1)).toBe(END_OF_THINK);
    expect(decoder.encodedInto('thinker_output')).not.toContain(END_OF_THINK);
  });
});

describe('with the writer running before Enter', () => {
  const settings = { writeBeforeSend: true };
  const answers = [true, true, true];
  const drafts = [typed(0, 'one two '), typed(5, 'one two cats '), typed(8, 'one two dogs '), sent(12, 'one two dogs')];

  it('rolls both streams back to what had seen unchanged text', async () => {
    const outcome = await run(drafts, 'rewind', { settings, answers });
    const { thinker, writer } = outcome.trace.setup.stream_tokens;
    // The probe says yes after step 2; "cats" is read with step 5.
    expect(eventAt(outcome, 8, 'rewind')).toMatchObject({ thinker: thinker.length + 5, writer: writer.length + 2 });
    const step = at(outcome.trace.result.steps, 8);
    expect(step.rows).toMatchObject([{ stream: 'thinker' }]);
    // The answer waits for the probe again; what is left of it is what was written then.
    const written = outcome.trace.result.steps.flatMap(({ rows }) =>
      rows.flatMap((row) => (row.stream === 'writer' ? [row.token] : [])),
    );
    expect(outcome.trace.result.final.writer_tokens.slice(0, writer.length + 2)).toEqual([
      ...writer,
      ...written.slice(0, 2),
    ]);
  });

  it('starts the writer anew when its prefix was read behind text that has changed', async () => {
    // "cats" is read in the step in which the writer starts.
    const inputs = [
      typed(0, 'one two '),
      typed(3, 'one two cats '),
      typed(5, 'one two dogs '),
      sent(12, 'one two dogs'),
    ];
    const outcome = await run(inputs, 'rewind', { settings, answers });
    expect(kindsAt(outcome, 3)).toEqual(['append_input', 'start_writer']);
    expect(eventAt(outcome, 5, 'rewind')).toMatchObject({ writer: 0 });
    expect(kindsAt(outcome, 6)).toEqual(['start_writer']);
  });
});

/** Thoughts from the first step at which the new text is there, in both runs. */
function expectSameThoughts(edited: LiveOutcome, unseen: LiveOutcome, minLength: number): void {
  const numShared = Math.min(thoughtsOf(edited).length, thoughtsOf(unseen).length);
  expect(numShared).toBeGreaterThanOrEqual(minLength);
  expect(thoughtsOf(edited).slice(0, numShared)).toEqual(thoughtsOf(unseen).slice(0, numShared));
}

const CASES: [name: string, edited: At[], unseen: At[]][] = [
  [
    'a changed middle',
    [typed(0, 'one two '), typed(4, 'one two black cats '), typed(9, 'one two white mice ')],
    [typed(0, 'one two '), typed(4, 'one two white mice ')],
  ],
  ['a deletion', [typed(0, 'one two '), typed(4, 'one two black cats '), typed(9, 'one two ')], [typed(0, 'one two ')]],
  [
    'two edits',
    [
      typed(0, 'one two '),
      typed(3, 'one two black '),
      typed(6, 'one two black cats '),
      typed(8, 'one two black rats '),
      typed(11, 'one two green rats '),
    ],
    [typed(0, 'one two '), typed(3, 'one two green rats ')],
  ],
  [
    'an edit while a long text is read',
    [typed(0, 'one two '), typed(4, `one two ${'black cats '.repeat(9)}`), typed(9, 'one two white mice ')],
    [typed(0, 'one two '), typed(4, 'one two white mice ')],
  ],
];

// Seconds on an idle machine; many times that on a busy one.
describe('a run that rolls back goes on as one that never saw the changed text', { timeout: 60_000 }, () => {
  it.each(CASES)('%s', async (_, edited, unseen) => {
    const one = await run(edited, 'rewind');
    const other = await run(unseen, 'rewind');
    expect(scripts.inputOf(one)).toBe(scripts.inputOf(other));
    expectSameThoughts(one, other, 40);
  });

  it.each(CASES)('%s, on a tiny model', async (_, edited, unseen) => {
    const model = await readTinyReferenceModel('qwen3');
    const settings = { ...LIVE_SETTINGS, budget: 24, onEdit: 'rewind' } as const;
    const live = (decoder: Decoder, inputs: readonly At[]): Promise<LiveOutcome> =>
      collectRun(scripts.live(decoder, () => settings, new SteppedInputs(inputs)));
    const one = await live(new ReferenceDecoder(model), edited);
    const other = await live(new ReferenceDecoder(model), unseen);
    expectSameThoughts(one, other, 28);
    // Not the tokens alone: the logits behind them, by the length of the thoughts.
    const unseenBy = logitSums(other);
    const shared = [...logitSums(one)].filter(([length]) => unseenBy.has(length));
    expect(shared.length).toBeGreaterThan(12);
    for (const [length, sum] of shared) expect(sum).toBeCloseTo(unseenBy.get(length) ?? NaN, 9);
  });
});

/** By length of the thinker's block, as that was encoded last. */
function logitSums({ trace }: LiveOutcome): Map<number, number> {
  const thinkers = trace.result.steps.flatMap(({ rows }) => rows.filter(({ stream }) => stream === 'thinker'));
  return new Map(thinkers.map(({ lengths, logsumexp }) => [lengths.at(-1) ?? 0, logsumexp]));
}

describe('the input block after edits', { timeout: 60_000 }, () => {
  it.each(['llama', 'qwen2', 'qwen3'] as const)(
    'holds what fresh reading of the text gives (invariant 11), tiny %s',
    async (name) => {
      const model = await readTinyReferenceModel(name);
      const decoder = new OpenDecoder(model);
      const inputs = [
        typed(0, 'Sum 7 and 9 now '),
        typed(2, 'Sum 7 and 8 now '),
        settled(3, 'Sum 17 and 8'),
        settled(4, 'Sum 17 and 83; name a ri'),
        typed(6, 'Sum 17 and 83; name a river '),
      ];
      const live = scripts.live(decoder, () => ({ ...LIVE_SETTINGS, budget: 20 }), new SteppedInputs(inputs));
      for await (const event of live) if (event.kind === 'stepped' && event.step.step === 7) break;
      // Disposing of a block does not empty it.
      const held = decoder.blocks.get('input_block')?.block;
      const fresh = new OpenDecoder(model);
      const [prompt, input] = [fresh.createBlock('prompt'), fresh.createBlock('input')];
      const encode = (text: string): number[] => scripts.tokenizer.encode(text, { parseSpecial: true });
      const output = { kind: 'none' } as const;
      await fresh.forward([{ view: [prompt], tokenIds: encode(INPUT_OPENING), output }]);
      await fresh.forward([{ view: [prompt, input], tokenIds: encode('Sum 17 and 83; name a river'), output }]);
      expect(held?.length).toBe(input.length);
      for (let layer = 0; layer < model.config.numHiddenLayers; layer++)
        for (const part of ['keys', 'values'] as const) {
          const expected = input.block[part](layer);
          const difference = held?.[part](layer).map((value, i) => Math.abs(value - (expected[i] ?? NaN)));
          expect(Math.max(...(difference ?? [NaN]))).toBeLessThan(1e-12);
        }
    },
  );
});
