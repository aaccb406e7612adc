/** What a person adds after Enter: remarks, pauses, the end. */
import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { ReasoningEvent, ReasoningTrace, TraceInputEvent } from '@/protocol/reasoning.ts';
import {
  type At,
  collectRun,
  END_OF_THINK,
  EOS,
  eventsOf,
  kindsAt,
  LIVE_SETTINGS,
  type LiveScript,
  type LiveScripts,
  NEWLINE,
  pressed,
  readLiveScripts,
  remark,
  sent,
  statesOf,
  typed,
  waitsOf,
} from '@/testing/live-script.ts';
import type { FakeDecoder } from '@/testing/fake-decoder.ts';
import { SteppedInputs } from './input-queue.ts';
import type { LiveIo } from './run-live.ts';
import { finishReasoning } from './run-reasoning.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

type Ran = Awaited<ReturnType<LiveScripts['scripted']>>;

const run = (inputs: readonly At[], script: LiveScript = {}): Promise<Ran> =>
  scripts.scripted(inputs, {
    answers: Array.from({ length: 20 }, () => true),
    ...script,
    settings: { budget: 12, ...script.settings },
  });
const notesAt = (
  { trace }: { readonly trace: ReasoningTrace },
  step: number,
  stream: 'thinker' | 'writer',
): { kind: string; text: string }[] =>
  trace.setup.events
    .filter((event): event is Extract<TraceInputEvent, { kind: 'inject' | 'wake' }> => 'stream' in event)
    .filter((event) => event.step === step && event.stream === stream)
    .map(({ kind, ids }) => ({ kind, text: scripts.textOf(ids) }));
const NOTE_1 = ' ... [SYSTEM: additional user input 1 received]\n\n';
const toThinker = (number: number, text: string): string =>
  ` ... [SYSTEM: additional user input ${number} received]\n\nThe user adds: "${text}"\n`;

describe('a remark while the answer is written', () => {
  it('enters the input block and is told to the thinker at once, to the writer at its next paragraph', async () => {
    // The writer's tenth and eleventh choices make an empty line.
    const script = { writer: { 6: NEWLINE, 7: NEWLINE }, settings: { budget: 12, paragraphPause: false } };
    const outcome = await run([sent(0, 'Why?'), remark(3, '  in one word ')], script);
    expect(kindsAt(outcome, 3)).toEqual(['append_input', 'inject']);
    expect(scripts.inputOf(outcome)).toBe('Why?\nin one word\n');
    expect(notesAt(outcome, 3, 'thinker')).toEqual([{ kind: 'inject', text: toThinker(1, 'in one word') }]);
    expect(eventsOf(outcome, 'remarkRead')).toMatchObject([{ step: 3, text: 'in one word' }]);
    expect(notesAt(outcome, 8, 'writer')).toEqual([{ kind: 'inject', text: NOTE_1 }]);
    expect(outcome.trace.setup.events.filter((event) => 'stream' in event)).toHaveLength(2);
    // A fresh budget from there.
    expect(outcome.trace.result.steps).toHaveLength(3 + 12);
    expect(outcome.trace.text.thinker).toContain('The user adds: "in one word"');
    expect(outcome.trace.text.writer).toContain('additional user input 1 received');
  });

  it('is seen by the thinker in that very step', async () => {
    const [plain, told] = [await run([sent(0, 'Why?')]), await run([sent(0, 'Why?'), remark(3, 'x')])];
    const tokenAt = (outcome: Ran, step: number): number | undefined =>
      outcome.trace.result.steps[step]?.rows[0]?.token;
    expect([0, 1, 2].map((step) => tokenAt(told, step))).toEqual([0, 1, 2].map((step) => tokenAt(plain, step)));
    const { rows, events } = at(told.trace.result.steps, 3);
    const [input, note] = events ?? [];
    expect(input).toMatchObject({ kind: 'append_input' });
    // The note's last token is the pending one that the step's own forward encodes; nothing was chosen behind the note.
    expect(note).not.toHaveProperty('token');
    expect(rows[0]?.input).toBe(NEWLINE);
    expect(note?.encoded).toHaveLength(scripts.encode(toThinker(1, 'x')).length);
    expect(rows[0]?.lengths.at(-1)).toBe((note?.lengths.at(-1) ?? 0) + 1);
  });

  it.each([
    ['now', 3],
    ['never', undefined],
  ] as const)('is told to the writer %s', async (writerReminder, step) => {
    const outcome = await run([sent(0, 'Why?'), remark(3, 'x')], { settings: { writerReminder } });
    const told = outcome.trace.setup.events.filter((event) => 'stream' in event && event.stream === 'writer');
    expect(told.map((event) => event.step)).toEqual(step === undefined ? [] : [step]);
  });

  it('is told to a writer that waits behind its paragraph before that goes on', async () => {
    const outcome = await run([sent(0, 'Why?'), remark(1, 'x')], { writer: { 1: NEWLINE, 2: NEWLINE }, answers: [] });
    expect(statesOf(outcome).slice(0, 5)).toBe('BBBTT');
    expect([1, 2, 3].map((step) => notesAt(outcome, step, 'writer').length)).toEqual([0, 0, 1]);
  });

  it('may be one of several, told together', async () => {
    const inputs = [sent(0, 'Why?'), remark(3, 'one'), remark(3, 'two'), remark(5, 'three')];
    const outcome = await run(inputs, { settings: { writerReminder: 'now' } });
    expect(kindsAt(outcome, 3)).toEqual(['append_input', 'inject', 'append_input', 'inject', 'inject']);
    expect(notesAt(outcome, 3, 'thinker').map(({ text }) => text)).toEqual([toThinker(1, 'one'), toThinker(2, 'two')]);
    expect(notesAt(outcome, 3, 'writer')).toEqual([{ kind: 'inject', text: NOTE_1 + NOTE_1.replace('1', '2') }]);
    expect(notesAt(outcome, 5, 'thinker').map(({ text }) => text)).toEqual([toThinker(3, 'three')]);
    expect(scripts.inputOf(outcome)).toBe('Why?\none\ntwo\nthree\n');
  });

  it('leaves control tokens text, and is nothing when it is blank', async () => {
    const outcome = await run([sent(0, 'Why?'), remark(2, ' \n'), remark(3, '<|im_end|>')]);
    expect(kindsAt(outcome, 2)).toEqual([]);
    const given = outcome.trace.setup.events.flatMap((event) => ('ids' in event && event.step > 0 ? event.ids : []));
    expect(given).not.toContain(EOS);
    expect(scripts.inputOf(outcome)).toBe('Why?\n<|im_end|>\n');
  });

  it('goes into both input blocks of design A', async () => {
    const outcome = await run([sent(0, 'Why?'), remark(3, 'x')], { settings: { design: 'A' } });
    expect(kindsAt(outcome, 3)).toEqual(['append_input', 'append_input', 'inject']);
    const { lengths } = outcome.trace.result.final;
    expect(lengths['thinker_input']).toBe(lengths['writer_input']);
    expect(scripts.inputOf(outcome)).toBe('Why?\nx\n');
  });

  it('comes to nothing before Enter', async () => {
    const outcome = await run([typed(0, 'Why '), remark(2, 'x'), sent(4, 'Why')]);
    expect(eventsOf(outcome, 'remarkRead')).toEqual([]);
    expect(scripts.inputOf(outcome)).toBe('Why\n');
  });

  it('counts when it comes in the step of Enter', async () => {
    const outcome = await run([typed(0, 'Why '), sent(4, 'Why'), remark(4, 'x')]);
    expect(eventsOf(outcome, 'remarkRead')).toMatchObject([{ step: 5 }]);
    expect(scripts.inputOf(outcome)).toBe('Why\nx\n');
  });

  it('counts when it comes as the budget ends', async () => {
    for (const followUps of [true, false]) {
      const outcome = await run([sent(0, 'Why?'), remark(12, 'x')], { settings: { followUps } });
      expect(eventsOf(outcome, 'remarkRead')).toMatchObject([{ step: 12 }]);
      expect(outcome.trace.result.steps).toHaveLength(24);
    }
  });
});

describe('a stream that had ended', () => {
  it.each([
    ['with </think>', { thinker: { 4: END_OF_THINK } }],
    ['by the thought budget', { settings: { thoughtBudget: 5 } }],
  ] as const)('goes on: the thinker, %s', async (_, script) => {
    const outcome = await run([sent(0, 'Why?'), remark(8, 'x')], script);
    expect(statesOf(outcome).slice(0, 8)).toBe('BBBBBWWW');
    expect(notesAt(outcome, 8, 'thinker')).toEqual([{ kind: 'wake', text: toThinker(1, 'x') }]);
    expect(statesOf(outcome)[8]).toBe('B');
    // The end was dropped, the note follows the last thought.
    const tokens = outcome.trace.result.final.thinker_tokens;
    expect(tokens).not.toContain(END_OF_THINK);
    expect(scripts.textOf(tokens)).toMatch(/[a-z]{4,5} \.\.\. \[SYSTEM/);
  });

  it('has the whole thought budget again', async () => {
    const settings = { thoughtBudget: 5, budget: 20 };
    const outcome = await run([sent(0, 'Why?'), remark(8, 'x')], { settings });
    expect(statesOf(outcome)).toMatch(/^B{5}W{3}B{5}W+$/);
    const spent = outcome.trace.result.steps.flatMap((step) => (step.thought_budget_spent === true ? [step.step] : []));
    expect(spent).toEqual([4, 12]);
  });

  it('goes on: the writer, when a remark came with its last words', async () => {
    const script = { writer: { 5: EOS }, settings: { paragraphPause: false } };
    const outcome = await run([sent(0, 'Why?'), remark(4, 'x')], script);
    expect(notesAt(outcome, 6, 'writer')).toEqual([{ kind: 'wake', text: NOTE_1 }]);
    expect(outcome.trace.result.final.writer_tokens).not.toContain(EOS);
    expect(outcome.trace.result.final.stop).toBe('budget');
  });

  it('is never told into: an end token is not encoded', async () => {
    // What would be chosen behind a note ends the stream, if anything were chosen there.
    const thinker = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [i + 3, END_OF_THINK]));
    const writer = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [i + 3, EOS]));
    const inputs = [sent(0, 'Why?'), remark(3, 'one'), remark(3, 'two'), remark(4, 'three')];
    const settings = { writerReminder: 'now' } as const;
    const { decoder, trace } = await run(inputs, { thinker, writer, settings });
    expect(decoder.encodedInto('thinker_output')).not.toContain(END_OF_THINK);
    // The writer's prefix has none either.
    expect(decoder.encodedInto('writer_output')).not.toContain(EOS);
    expect(trace.result.final.stop).toBe('writer_eos');
    expect(trace.result.steps[3]).toMatchObject({ end_of_think: true, state_after: 'writer_only' });
  });
});

describe('behind the answer', () => {
  it('a remark is the next question', async () => {
    const outcome = await run([sent(0, 'Why?'), remark(50, 'And how?')], { settings: { followUps: true, budget: 4 } });
    expect(waitsOf(outcome)).toEqual(['budget', 'budget']);
    expect(eventsOf(outcome, 'turnStarted')).toMatchObject([{ step: 4, turn: 1 }]);
    expect(scripts.inputOf(outcome, 1)).toBe('And how?\n');
  });

  it('a second one follows the first into its turn', async () => {
    const inputs = [
      sent(0, 'Why?'),
      pressed(2, 'pause'),
      remark(50, 'And how?'),
      remark(51, 'soon'),
      pressed(52, 'resume'),
    ];
    const settings = { followUps: true, budget: 4 };
    // Paused in the answer: both are remarks on it.
    const early = await run(inputs, { settings });
    expect(scripts.inputOf(early)).toBe('Why?\nAnd how?\nsoon\n');
    // Paused behind it: the first one is the next question, the second a remark on that.
    const late = await run([sent(0, 'Why?'), pressed(50, 'pause'), ...inputs.slice(2)], { settings });
    expect(scripts.inputOf(late, 1)).toBe('And how?\nsoon\n');
    // The pause holds the next turn, too.
    expect(waitsOf(late)).toEqual(['budget', 'paused', 'budget']);
  });

  it('ends the run without follow-ups', async () => {
    const outcome = await run([sent(0, 'Why?'), remark(50, 'And how?')], { writer: { 2: EOS } });
    expect(outcome.trace.result.final.stop).toBe('writer_eos');
    expect(outcome.trace.result.steps).toHaveLength(3);
  });
});

describe('a pause', () => {
  it('lets no step pass, before and after Enter, and what comes meanwhile is read afterwards', async () => {
    const inputs = [
      typed(0, 'one '),
      pressed(2, 'pause'),
      typed(3, 'one two '),
      typed(4, 'one two three '),
      pressed(5, 'resume'),
      sent(5, 'one two three'),
      pressed(6, 'pause'),
      remark(7, 'x'),
      pressed(8, 'resume'),
    ];
    const outcome = await run(inputs);
    expect(waitsOf(outcome)).toEqual(['paused', 'paused']);
    // The drafts of the pause are read in its step, only the newest one into the block.
    expect(kindsAt(outcome, 2)).toEqual(['append_input']);
    expect(eventsOf(outcome, 'draftRead').map(({ step }) => step)).toEqual([0, 2, 2, 5]);
    expect(kindsAt(outcome, 6)).toEqual(['append_input', 'inject']);
    // A run without pauses has the same result.
    const unpaused = await run([
      typed(0, 'one '),
      typed(2, 'one two three '),
      sent(5, 'one two three'),
      remark(6, 'x'),
    ]);
    expect(outcome.trace).toEqual(unpaused.trace);
  });

  it('runs no forward', async () => {
    const decoder = scripts.fakeDecoder({});
    const inputs = new SteppedInputs([
      typed(0, 'one '),
      pressed(2, 'pause'),
      typed(3, 'two '),
      typed(4, 'three four '),
      pressed(5, 'resume'),
    ]);
    let numCalls: number | undefined;
    for await (const event of scripts.live(decoder, () => LIVE_SETTINGS, inputs)) {
      if (event.kind === 'waiting' && event.reason === 'paused') numCalls = decoder.calls.length;
      if (event.kind === 'draftRead' && numCalls !== undefined) expect(decoder.calls.length).toBe(numCalls);
      if (event.kind === 'stepped') numCalls = undefined;
    }
  });

  it('pressed twice, or resumed unpaused, changes nothing', async () => {
    const twice = [pressed(2, 'pause'), pressed(2, 'pause'), pressed(3, 'resume'), pressed(3, 'resume')];
    const outcome = await run([sent(0, 'one'), ...twice]);
    expect(waitsOf(outcome)).toEqual(['paused']);
    expect(outcome.trace).toEqual((await run([sent(0, 'one')])).trace);
  });

  it('is told again, and so is what it covers', async () => {
    const inputs = [typed(0, ''), pressed(1, 'pause'), pressed(2, 'resume'), sent(3, 'one')];
    expect(waitsOf(await run(inputs))).toEqual(['emptyDraft', 'paused', 'emptyDraft']);
  });
});

describe('the end', () => {
  it.each([
    ['while it thinks', [typed(0, 'one '), pressed(3, 'stop'), sent(9, 'one')], 3],
    ['while it writes', [sent(0, 'one'), pressed(5, 'stop')], 5],
    ['while it waits', [typed(0, 'one '), pressed(50, 'stop')], 12],
    ['while it is paused', [sent(0, 'one'), pressed(2, 'pause'), pressed(9, 'stop')], 2],
    ['before anything was typed', [pressed(0, 'stop')], 0],
    ['with what comes behind it unread', [sent(0, 'one'), pressed(2, 'stop'), remark(2, 'x')], 2],
  ] as const)('comes by stopping %s', async (_, inputs, numSteps) => {
    const { trace } = await run(inputs);
    expect(trace.result.final.stop).toBe('stopped');
    expect(trace.result.steps).toHaveLength(numSteps);
    expect(trace.setup.params.budget).toBe(numSteps);
    expect(trace.setup.events.every(({ step }) => step < numSteps)).toBe(true);
  });

  it('keeps the first question in the trace, whatever came behind', async () => {
    const settings = { followUps: true, budget: 4 };
    expect((await run([sent(0, 'Why?')], { settings })).trace.setup.problem).toBe('Why?');
    expect((await run([sent(0, 'Why?'), sent(50, 'How?')], { settings })).trace.setup.problem).toBe('Why?');
    expect((await run([sent(0, 'Why?'), typed(50, 'Ho')], { settings })).trace.setup.problem).toBe('Why?');
  });
});

describe('the signal', () => {
  const script: LiveScript = { answers: [true, false, true], writer: { 7: EOS } };
  const settings = { ...LIVE_SETTINGS, budget: 8, followUps: true, reminders: true };
  const inputs = [
    typed(0, 'one two '),
    typed(2, `one ${'cats '.repeat(18)}`),
    sent(4, `one ${'cats '.repeat(18)}`),
    remark(6, 'be brief'),
    sent(60, 'and now?'),
  ];
  const begin = (decoder: FakeDecoder, io: LiveIo): AsyncGenerator<ReasoningEvent, ReasoningTrace> =>
    scripts.live(decoder, () => settings, new SteppedInputs(inputs), { usesStepClock: true, ...io });

  it('ends a run between any two forwards, with a trace of whole steps that replays', async () => {
    const unstopped = scripts.fakeDecoder(script);
    const whole = await finishReasoning(begin(unstopped, {}));
    let last = 0;
    for (let numForwards = whole.setup.prefill.length; numForwards < unstopped.calls.length; numForwards++) {
      const decoder = scripts.fakeDecoder(script);
      const controller = new AbortController();
      const forward = decoder.forward.bind(decoder);
      decoder.forward = async (rows) => {
        const results = await forward(rows);
        if (decoder.calls.length === numForwards) controller.abort();
        return results;
      };
      const { trace, events } = await collectRun(begin(decoder, { signal: controller.signal }));
      const { steps } = trace.result;
      expect(decoder.numLiveObjects).toBe(0);
      expect(eventsOf({ events }, 'stepped')).toHaveLength(steps.length);
      expect(steps).toEqual(whole.result.steps.slice(0, steps.length));
      expect(steps.length).toBeGreaterThanOrEqual(last);
      last = steps.length;
      await scripts.expectReplay(trace, scripts.fakeDecoder(script));
    }
    expect(last).toBe(whole.result.steps.length - 1);
    expect(whole.result.turns).toHaveLength(1);
  });

  it('is not needed to have the trace so far: at any event it replays', async () => {
    const soFar: ReasoningTrace[] = [];
    let readable: (() => ReasoningTrace) | undefined;
    const onReadable = (traceSoFar: () => ReasoningTrace): void => {
      readable = traceSoFar;
    };
    for await (const { kind } of begin(scripts.fakeDecoder(script), { onReadable }))
      if (readable !== undefined && kind !== 'stepped') soFar.push(readable());
    expect(soFar.length).toBeGreaterThan(8);
    for (const trace of soFar) await scripts.expectReplay(trace, scripts.fakeDecoder(script));
  });

  it('wakes a run that waits', async () => {
    const controller = new AbortController();
    const live = scripts.live(scripts.fakeDecoder({}), () => LIVE_SETTINGS, new SteppedInputs([typed(0, 'one ')]), {
      signal: controller.signal,
    });
    const { trace } = await collectRun(stoppingAtFirstWait(live, controller));
    expect(trace.result.final.stop).toBe('stopped');
  });
});

async function* stoppingAtFirstWait(
  live: AsyncGenerator<ReasoningEvent, ReasoningTrace>,
  controller: AbortController,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  for (;;) {
    const { done, value } = await live.next();
    if (done === true) return value;
    if (value.kind === 'waiting') controller.abort();
    yield value;
  }
}
