/** Texts as people type them: rests, other scripts, undo, long pastes, and more than fits. */
import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import {
  type At,
  collectRun,
  EOS,
  eventsOf,
  kindsAt,
  LIVE_SETTINGS,
  type LiveScript,
  type LiveScripts,
  readLiveScripts,
  remark,
  sent,
  settled,
  statesOf,
  typed,
  waitsOf,
} from '@/testing/live-script.ts';
import type { FakeDecoder } from '@/testing/fake-decoder.ts';
import { type InputQueue, type LiveInput, SteppedInputs } from './input-queue.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

type Ran = Awaited<ReturnType<LiveScripts['scripted']>>;

const run = (inputs: readonly At[], script: LiveScript = {}): Promise<Ran> =>
  scripts.scripted(inputs, { ...script, settings: { budget: 40, ...script.settings } });
/** What was read into the input block, piece by piece. */
const readPieces = (decoder: FakeDecoder): string[] =>
  decoder.calls.flatMap(({ rows }) =>
    rows.filter(({ view }) => view.at(-1) === 'input_block').map(({ tokenIds }) => scripts.textOf(tokenIds)),
  );
const numStarts = ({ trace }: Ran): number => trace.setup.events.filter(({ kind }) => kind === 'start_thinker').length;

describe('a last word that was read after a rest', () => {
  it('stays read while it grows', async () => {
    const outcome = await run([
      settled(0, 'How ma'),
      typed(2, 'How man'),
      typed(3, 'How many'),
      typed(4, 'How many big '),
      sent(6, 'How many big?'),
    ]);
    // Nothing happens until the word is complete; then it is no edit.
    expect([2, 3].map((step) => kindsAt(outcome, step))).toEqual([[], []]);
    expect(eventsOf(outcome, 'thoughtsAffected')).toEqual([]);
    expect(numStarts(outcome)).toBe(1);
    const read = eventsOf(outcome, 'draftRead');
    expect(read.map(({ removedTokens }) => removedTokens).slice(0, 3)).toEqual([0, 0, 0]);
    expect(read.slice(0, 3).map(({ heldBackTokens }) => heldBackTokens)).toEqual([
      0,
      scripts.encode('n').length,
      scripts.encode('ny').length,
    ]);
    expect(scripts.inputOf(outcome)).toBe('How many big?\n');
  });

  it('is no edit where it is tokenised anew', async () => {
    // " th" is one piece and " the" another, so the seam is read again.
    const [head, part, whole] = ['7', '7 th', '7 the'].map((text) => scripts.encode(text));
    expect(whole?.slice(0, part?.length)).not.toEqual(part);
    for (const onEdit of ['rewind', 'restart', 'keep'] as const) {
      const outcome = await run([typed(0, '7 '), settled(2, '7 th'), typed(5, '7 the '), sent(8, '7 the')], {
        settings: { onEdit, reminders: true },
      });
      expect(kindsAt(outcome, 5)).toEqual(['edit_input']);
      expect(outcome.trace.setup.events.find(({ step }) => step === 5)).toMatchObject({ keep: head?.length });
      expect(eventsOf(outcome, 'thoughtsAffected')).toEqual([]);
    }
  });

  it('is an edit when letters of it go', async () => {
    const drafts = [typed(0, 'a '), settled(2, 'a wolf'), typed(5, 'a wo'), sent(8, 'a wo')];
    const outcome = await run(drafts, { settings: { onEdit: 'keep' } });
    expect(eventsOf(outcome, 'thoughtsAffected')).toMatchObject([{ step: 5, range: { from: 2, to: 5 } }]);
    expect(scripts.inputOf(outcome)).toBe('a wo\n');
  });
});

describe('texts of all scripts', () => {
  it('thinks on while a text without spaces grows, rest by rest', async () => {
    const outcome = await run([
      settled(0, '没有'),
      typed(2, '没有空'),
      typed(3, '没有空格'),
      settled(4, '没有空格的'),
      typed(6, '没有空格的句'),
      sent(8, '没有空格的句子'),
    ]);
    expect(waitsOf(outcome)).toEqual([]);
    expect(numStarts(outcome)).toBe(1);
    expect(outcome.trace.setup.events.filter(({ kind }) => kind === 'edit_input')).toEqual([]);
    expect(scripts.inputOf(outcome)).toBe('没有空格的句子\n');
    expect(kindsAt(outcome, 4)).toEqual(['append_input']);
  });

  it('waits for the first rest of a text without spaces', async () => {
    const outcome = await run([typed(0, '没有'), settled(1, '没有'), sent(4, '没有')]);
    expect(waitsOf(outcome)).toEqual(['emptyDraft']);
    expect(statesOf(outcome).slice(0, 4)).toMatch(/^T+/);
  });

  it.each([
    ['emoji', 'see 👩‍👩‍👧 ', 'see 👩‍👩‍👧 👍🏽 ', 'see 👩‍👩‍👧 👍🏿 ok'],
    ['right to left', 'שלום ', 'שלום לכולם ', 'שלום לכולן היום'],
    ['both directions', 'abc مرحبا ', 'abc مرحبا بك ', 'abc مرحبا بها def'],
    ['combining marks', 'cafe\u0301 ', 'cafe\u0301 no\u0308 ', 'cafe\u0301 no\u0308el'],
    ['odd spaces', 'one\u00a0two ', 'one\u00a0two\u3000three ', 'one\u00a0two\u3000four'],
    ['a lone surrogate', 'x \ud83d ', 'x \ud83d y ', 'x \ud83d z'],
  ])('%s', async (_, first, second, last) => {
    for (const onEdit of ['keep', 'rewind', 'restart'] as const) {
      const outcome = await run([typed(0, first), typed(3, second), sent(6, last)], { settings: { onEdit } });
      expect(scripts.inputOf(outcome)).toBe(`${new TextDecoder().decode(new TextEncoder().encode(last))}\n`);
      expect(statesOf(outcome)).toMatch(/^TTTTTTB/);
    }
  });

  it('cuts inside a character where only its last bytes differ', async () => {
    // 👍🏽 and 👍🏿 share all bytes but the last one.
    const drafts = [typed(0, 'a 👍🏽 '), sent(3, 'a 👍🏿')];
    const { decoder, ...outcome } = await run(drafts, { settings: { onEdit: 'keep' } });
    const cut = outcome.trace.setup.events.find(({ kind }) => kind === 'edit_input');
    expect(cut).toMatchObject({ keep: scripts.encode('a 👍🏽').length - 1 });
    expect(decoder.encodedInto('input_block')).toHaveLength(scripts.encode('a 👍🏽').length + 2);
  });

  it.each(['', ' ', '\n', '\t \u00a0', '\u3000'])('takes %j for nothing, typed, settled or sent', async (text) => {
    for (const input of [typed, settled, sent]) {
      const outcome = await run([input(0, text), sent(3, 'now')]);
      expect(waitsOf(outcome)).toEqual(['emptyDraft']);
      expect(kindsAt(outcome, 0).slice(-3)).toEqual(['append_input', 'start_thinker', 'start_writer']);
    }
  });
});

describe('undo', () => {
  const drafts = [
    typed(0, 'one two three '),
    typed(3, 'one six three '),
    typed(5, 'one two three '),
    sent(7, 'one two three'),
  ];

  it('reads nothing of the common beginning again', async () => {
    const { decoder } = await run(drafts, { settings: { onEdit: 'keep' } });
    expect(readPieces(decoder)).toEqual(['one two three', ' six three', ' two three', '\n']);
  });

  it('within one step changes nothing', async () => {
    const outcome = await run([typed(0, 'one two '), typed(3, 'one '), typed(3, 'one two '), sent(5, 'one two')]);
    expect(kindsAt(outcome, 3)).toEqual([]);
    expect(readPieces(outcome.decoder)).toEqual(['one two', '\n']);
  });
});

/** Hands inputs out when so many tokens of the input block have been read, whatever the step. */
class ProgressInputs implements InputQueue {
  readonly #inputs: { readonly tokens: number; readonly input: LiveInput }[];
  readonly #decoder: () => FakeDecoder;
  #numCalls = 0;
  #numTokens = 0;

  constructor(decoder: () => FakeDecoder, inputs: readonly { readonly tokens: number; readonly input: LiveInput }[]) {
    this.#decoder = decoder;
    this.#inputs = [...inputs];
  }

  take(): LiveInput | undefined {
    const [due] = this.#inputs;
    for (const { rows } of this.#decoder().calls.slice(this.#numCalls))
      for (const { view, tokenIds } of rows) if (view.at(-1) === 'input_block') this.#numTokens += tokenIds.length;
    this.#numCalls = this.#decoder().calls.length;
    return due !== undefined && due.tokens <= this.#numTokens ? this.#inputs.shift()?.input : undefined;
  }

  next(): Promise<LiveInput | undefined> {
    return Promise.resolve(this.#inputs.shift()?.input);
  }
}

describe('a long paste', () => {
  const words = Array.from({ length: 2000 }, (_, i) => `word${i}`).join(' ');
  const draft = (text: string, isSent = false): LiveInput => ({ kind: 'draft', text, sent: isSent });

  async function pasted(
    inputs: readonly { readonly tokens: number; readonly input: LiveInput }[],
    settings = {},
  ): Promise<Ran> {
    const decoder = scripts.fakeDecoder({});
    const used = { ...LIVE_SETTINGS, ...settings };
    const outcome = await collectRun(scripts.live(decoder, () => used, new ProgressInputs(() => decoder, inputs)));
    expect(decoder.numLiveObjects).toBe(0);
    await scripts.expectReplay(outcome.trace, scripts.fakeDecoder({}));
    return { ...outcome, decoder };
  }

  it('is read in pieces of 64 tokens in front of one step, and says how far it is', async () => {
    const { decoder, ...outcome } = await pasted([{ tokens: 0, input: draft(words, true) }]);
    const total = scripts.encode(`${words}\n`).length;
    expect(total).toBeGreaterThan(2000);
    const pieces = decoder.calls.flatMap(({ rows }) => rows.filter(({ view }) => view.at(-1) === 'input_block'));
    expect(pieces.every(({ tokenIds }) => tokenIds.length <= 64)).toBe(true);
    expect(decoder.encodedInto('input_block')).toEqual(scripts.encode(`${words}\n`));
    const progress = eventsOf(outcome, 'reading');
    expect(progress).toHaveLength(Math.ceil(total / 64));
    expect(progress.map(({ doneTokens }) => doneTokens)).toEqual(progress.map((_, i) => Math.min(total, 64 * (i + 1))));
    expect(progress.every(({ totalTokens }) => totalTokens === total)).toBe(true);
    expect(outcome.trace.result.steps).toHaveLength(LIVE_SETTINGS.budget);
    expect(at(outcome.trace.result.steps, 0).events?.at(-1)).toMatchObject({ kind: 'start_writer' });
  });

  it('of up to 64 tokens is read at once', async () => {
    const text = 'z'.repeat(63);
    const outcome = await run([sent(0, text)]);
    expect(kindsAt(outcome, 0)).toEqual(['append_input', 'start_thinker', 'start_writer']);
    expect(eventsOf(outcome, 'reading')).toEqual([]);
    const longer = await run([sent(0, `${text}z`)]);
    expect(eventsOf(longer, 'reading').map(({ doneTokens }) => doneTokens)).toEqual([64, 65]);
  });

  it('is left where it was when another text comes in the middle', async () => {
    const head = words.slice(0, words.indexOf(' word45'));
    const { decoder, ...outcome } = await pasted([
      { tokens: 0, input: draft('word0 ') },
      { tokens: 1, input: draft(`${words} `) },
      { tokens: 400, input: draft(`${head} and no more `) },
      { tokens: 401, input: draft(`${head} and no more`, true) },
    ]);
    const headLength = scripts.encode(head).length;
    const encoded = decoder.encodedInto('input_block');
    // Some hundred tokens instead of thousands, and nothing of the beginning twice.
    expect(encoded.length).toBeLessThan(600);
    expect(encoded.slice(0, headLength)).toEqual(scripts.encode(head));
    expect(scripts.inputOf(outcome)).toBe(`${head} and no more\n`);
    // What was cut had been read in front of this step: no thought had seen it.
    expect(eventsOf(outcome, 'thoughtsAffected')).toEqual([]);
  });

  it('rolls back what it changed at last, though it was read in pieces', async () => {
    const { trace, events } = await pasted(
      [
        { tokens: 0, input: draft('one two ') },
        { tokens: 1, input: draft('one two three ') },
        { tokens: scripts.encode('one two three').length, input: draft(`one two ${words} `) },
        { tokens: 300, input: draft(`one six ${words} `, true) },
      ],
      { onEdit: 'rewind' },
    );
    // Both changes count: "two" was read before the first thought.
    expect(eventsOf({ events }, 'thoughtsAffected')).toMatchObject([{ policy: 'restart' }]);
    expect(trace.setup.events.filter(({ kind }) => kind === 'rewind')).toEqual([]);
  });

  it('that replaces text and is changed while it is read counts as one edit', async () => {
    const text = (rest: string): LiveInput => ({ kind: 'draft', text: `q${rest}`, sent: false, settled: true });
    const { events } = await pasted(
      [
        { tokens: 0, input: text('') },
        { tokens: 1, input: text('y'.repeat(6)) },
        // Cuts six tokens, then one of its own first piece: by size that is a large edit.
        { tokens: 7, input: text('z'.repeat(200)) },
        { tokens: 71, input: text(`${'z'.repeat(63)}${'x'.repeat(10)}`) },
      ],
      { onEdit: 'auto' },
    );
    expect(eventsOf({ events }, 'draftRead').map(({ removedTokens }) => removedTokens)).toEqual([0, 0, 6, 1]);
    expect(eventsOf({ events }, 'thoughtsAffected')).toMatchObject([
      { step: 2, policy: 'rewind', tokens: 1, range: { from: 1, to: 2 } },
    ]);
  });

  it('that is being read again under an answer that had ended is not taken for answered', async () => {
    const script: LiveScript = { settings: { writeBeforeSend: true }, answers: [true], writer: { 1: EOS } };
    const decoder = scripts.fakeDecoder(script);
    const inputs = new ProgressInputs(
      () => decoder,
      [
        { tokens: 0, input: draft('one two ') },
        { tokens: 5000, input: draft(`one two ${words.slice(0, 900)} `) },
        { tokens: 200, input: draft(`one two ${words.slice(0, 900)}`, true) },
      ],
    );
    const settings = { ...LIVE_SETTINGS, ...script.settings };
    const outcome = await collectRun(scripts.live(decoder, () => settings, inputs));
    expect(outcome.trace.result.final.stop).toBe('budget');
    expect(scripts.inputOf(outcome)).toBe(`one two ${words.slice(0, 900)}\n`);
    expect(numStarts({ ...outcome, decoder })).toBe(2);
  });

  it('takes a remark that comes after Enter but before all is read', async () => {
    const outcome = await pasted([
      { tokens: 0, input: draft(words.slice(0, 900), true) },
      { tokens: 128, input: { kind: 'remark', text: 'in short' } },
    ]);
    expect(eventsOf(outcome, 'remarkRead')).toMatchObject([{ step: 1, text: 'in short' }]);
    expect(scripts.inputOf(outcome)).toBe(`${words.slice(0, 900)}\nin short\n`);
  });
});

describe('a full context', () => {
  const long = 'z'.repeat(400);
  const scarce = { contextLength: 700 };

  it('waits, says how much is missing, and goes on once the text is shorter', async () => {
    const outcome = await run([typed(0, `${long} `), typed(1, `${long}${long} `), sent(3, 'short')], scarce);
    const waits = eventsOf(outcome, 'waiting');
    expect(waits.map(({ reason }) => reason)).toEqual(['contextFull', 'contextFull']);
    const prompts = outcome.trace.setup.prefill.reduce((sum, { ids }) => sum + ids.length, 0);
    // 192 tokens are kept free for prefixes, the probe and partly filled pages.
    const missing = (tokens: number): number => tokens + 192 - (scarce.contextLength - prompts);
    expect(waits.map(({ missingTokens }) => missingTokens)).toEqual([missing(400), missing(800)]);
    expect(outcome.trace.result.final.stop).toBe('budget');
    expect(scripts.inputOf(outcome)).toBe('short\n');
  });

  /** Room for so many tokens of a draft. */
  async function roomFor(numTokens: number, design: 'A' | 'B' = 'B'): Promise<number> {
    const { trace } = await run([typed(0, 'a ')], { settings: { design, budget: 1 } });
    return trace.setup.prefill.reduce((sum, { ids }) => sum + ids.length, 192 + numTokens * (design === 'A' ? 2 : 1));
  }

  it.each(['A', 'B'] as const)('fits again by exactly what was missing (design %s)', async (design) => {
    const script = { contextLength: await roomFor(80, design), settings: { design, budget: 2 } };
    const tooLong = await run([typed(0, `${'z'.repeat(100)} `)], script);
    expect(tooLong.trace.result).toMatchObject({ steps: [], final: { stop: 'context_full' } });
    expect(eventsOf(tooLong, 'waiting')).toMatchObject([{ missingTokens: design === 'A' ? 40 : 20 }]);
    expect(waitsOf(await run([typed(0, `${'z'.repeat(80)} x`)], script))).toEqual(['budget']);
    expect(waitsOf(await run([typed(0, `${'z'.repeat(81)} x`)], script))).toEqual(['contextFull']);
  });

  it('takes a shorter text also after Enter', async () => {
    const drafts = [sent(0, `${long}${long}`), remark(1, 'hm'), sent(2, 'short')];
    const outcome = await run(drafts, scarce);
    expect(waitsOf(outcome)).toEqual(['contextFull']);
    expect(scripts.inputOf(outcome)).toBe('short\nhm\n');
    expect(outcome.trace.result.final.stop).toBe('budget');
  });

  it('keeps thoughts going while nothing is added, and recovers from too much', async () => {
    const drafts = [typed(0, 'one '), typed(3, `one ${long}${long} `), typed(4, 'one two '), sent(8, 'one two')];
    const outcome = await run(drafts, scarce);
    expect(waitsOf(outcome)).toEqual(['contextFull']);
    expect(kindsAt(outcome, 3)).toEqual(['append_input']);
    expect(numStarts(outcome)).toBe(1);
  });

  it.each([0, 1, 2, 3, 4, 5])('ends the run while streams grow, with the trace up to there (-%d)', async (less) => {
    const contextLength = (await roomFor(20)) - less;
    const script = { contextLength, answers: [true, true], settings: { budget: 400, followUps: true } };
    const outcome = await run([sent(0, 'one two three')], script);
    expect(outcome.trace.result.final.stop).toBe('context_full');
    expect(eventsOf(outcome, 'stopped')).toMatchObject([{ reason: 'context_full' }]);
    expect(outcome.trace.result.steps.length).toBeGreaterThan(10);
  });

  it('ends it also in a later turn', async () => {
    const script = {
      contextLength: await roomFor(200),
      writer: { 1: EOS },
      settings: { budget: 400, followUps: true },
    };
    const outcome = await run([sent(0, 'one'), sent(99, 'two')], script);
    expect(outcome.trace.result.final.stop).toBe('context_full');
    expect(outcome.trace.result.turns).toHaveLength(1);
  });

  it('ends it with a remark that does not fit', async () => {
    const outcome = await run([sent(0, 'one'), remark(4, long)], { contextLength: 500, settings: { budget: 400 } });
    expect(outcome.trace.result.final.stop).toBe('context_full');
    expect(outcome.trace.result.steps.length).toBeGreaterThanOrEqual(4);
  });

  it('says so when the script ends in the wait', async () => {
    const decoder = scripts.fakeDecoder(scarce);
    const live = scripts.live(decoder, () => LIVE_SETTINGS, new SteppedInputs([typed(0, `${long}${long} `)]));
    const { trace } = await collectRun(live);
    expect(trace.result).toMatchObject({ steps: [], final: { stop: 'context_full' } });
    expect(trace.setup.params.budget).toBe(0);
  });
});
