/** The writer waits for the voice: the clock by itself, on the clock of steps, on a clock of seconds, with a real voice. */
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { ReasoningEvent, ReasoningSettings, ReasoningTrace } from '@/protocol/reasoning.ts';
import {
  collectRun,
  END_OF_THINK,
  eventsOf,
  kindsAt,
  LIVE_SETTINGS,
  type LiveOutcome,
  type LiveScript,
  type LiveScripts,
  pressed,
  readLiveScripts,
  remark,
  sent,
  statesOf,
  waitsOf,
} from '@/testing/live-script.ts';
import { type LiveInput, SteppedInputs, TypedInputs } from './input-queue.ts';
import { SpeechClock } from './speech-clock.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

describe('SpeechClock', () => {
  it('speaks one piece of text at its rate', () => {
    const clock = new SpeechClock();
    clock.advance(30, 2, 15);
    // Two seconds of speech from second 2 on.
    expect([2, 2.5, 4, 9].map((now) => clock.unspokenSeconds(now))).toEqual([2, 1.5, 0, 0]);
  });

  it('adds a piece behind what is unspoken, and begins anew after silence', () => {
    const clock = new SpeechClock();
    clock.advance(10, 0, 10);
    clock.advance(15, 0.4, 10);
    expect(clock.unspokenSeconds(0.4)).toBeCloseTo(1.1, 12);
    clock.advance(20, 5, 10);
    expect(clock.unspokenSeconds(5)).toBeCloseTo(0.5, 12);
  });

  it('says nothing of an answer that was cut back', () => {
    const clock = new SpeechClock();
    clock.advance(100, 0, 10);
    clock.advance(40, 1, 10);
    expect(clock.unspokenSeconds(1)).toBe(0);
    clock.advance(45, 2, 10);
    expect(clock.unspokenSeconds(2)).toBeCloseTo(0.5, 12);
  });

  it('equals speech letter by letter, whatever comes when', () => {
    const pieces = fc.array(fc.tuple(fc.nat(40), fc.double({ min: 0, max: 5, noNaN: true })), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.double({ min: 0.5, max: 40, noNaN: true }), (series, rate) => {
        const clock = new SpeechClock();
        let [now, length, spokenUntil] = [0, 0, 0];
        for (const [letters, pause] of series) {
          now += pause;
          length += letters;
          clock.advance(length, now, rate);
          for (let letter = 0; letter < letters; letter++) spokenUntil = Math.max(now, spokenUntil) + 1 / rate;
          expect(clock.unspokenSeconds(now)).toBeCloseTo(Math.max(0, spokenUntil - now), 9);
        }
      }),
    );
  });

  it('believes a real voice, until that gives the clock back', () => {
    const clock = new SpeechClock();
    clock.advance(30, 0, 15);
    clock.report(7);
    expect([0, 100].map((now) => clock.unspokenSeconds(now))).toEqual([7, 7]);
    clock.report(0);
    expect(clock.unspokenSeconds(0)).toBe(0);
    clock.report(null);
    expect(clock.unspokenSeconds(0.5)).toBe(1.5);
  });
});

// A letter takes .1 s, a step .05 s: each step of the writer leaves .05 s more unspoken, each step without it .05 s less.
const VOICE: Partial<ReasoningSettings> = {
  speechPause: true,
  speakingRate: 10,
  stepSeconds: 0.05,
  maxUnspokenSeconds: 0.52,
  resumeUnspokenSeconds: 0.23,
  budget: 80,
  probeInterval: 1,
};
const YES_ALWAYS = Array.from({ length: 400 }, () => true);

const run = (inputs = [sent(0, 'Why?')], script: LiveScript = {}): ReturnType<LiveScripts['scripted']> =>
  scripts.scripted(inputs, { answers: YES_ALWAYS, ...script, settings: { ...VOICE, ...script.settings } });

/** Unspoken seconds in front of every step, from what the trace says was written. */
function unspokenOf({ result, setup }: ReasoningTrace): number[] {
  let spokenUntil = 0;
  return result.steps.map(({ step }) => {
    const now = step * 0.05;
    const before = result.steps[step - 1]?.rows.find(({ stream }) => stream === 'writer');
    if (before !== undefined && !setup.params.eos_ids.includes(before.token))
      spokenUntil = Math.max(now, spokenUntil) + 0.1;
    return Math.max(0, spokenUntil - now);
  });
}

const holdsOf = ({ trace }: LiveOutcome): [step: number, hold: boolean][] =>
  trace.setup.events.flatMap((event) => (event.kind === 'hold_writer' ? [[event.step, event.hold]] : []));

describe('on the clock of steps', () => {
  it.each(['A', 'B'] as const)(
    'the writer is held above the upper mark, down to the lower one (design %s)',
    async (design) => {
      const outcome = await run(undefined, { settings: { design } });
      const holds = holdsOf(outcome);
      expect(holds.length).toBeGreaterThan(4);
      expect(holds.map(([, hold]) => hold)).toEqual(holds.map((_, i) => i % 2 === 0));
      const unspoken = unspokenOf(outcome.trace);
      let isHeld = false;
      for (const [step, seconds] of unspoken.entries()) {
        const wasHeld = isHeld;
        isHeld = seconds > (isHeld ? 0.23 : 0.52);
        const change = holds.find((hold) => hold[0] === step);
        expect(change?.[1]).toBe(isHeld === wasHeld ? undefined : isHeld);
        const { rows } = at(outcome.trace.result.steps, step);
        if (isHeld) expect(rows.map(({ stream }) => stream)).toEqual(['thinker']);
      }
      expect(Math.max(...unspoken)).toBeLessThan(0.52 + 0.06);
    },
  );

  it('it does not flap', async () => {
    const outcome = await run();
    const steps = holdsOf(outcome).map(([step]) => step);
    // .29 s between the marks, .05 s a step.
    for (const [i, step] of steps.slice(1).entries()) expect(step - at(steps, i)).toBeGreaterThanOrEqual(6);
  });

  it('a yes does not free it, a release leaves it to the next yes', async () => {
    const outcome = await run();
    const [[held], [freed]] = holdsOf(outcome) as [[number, boolean], [number, boolean]];
    const during = outcome.trace.result.steps.slice(held, freed);
    expect(during.every(({ probe, state_after: after }) => probe?.yes === true && after === 'thinker_only')).toBe(true);
    expect(outcome.trace.result.steps[freed]).toMatchObject({
      state: 'thinker_only',
      state_after: 'thinker_and_writer',
    });
  });

  it('nothing is held without the setting, and a hold ends with it', async () => {
    expect(holdsOf(await run(undefined, { settings: { speechPause: false } }))).toEqual([]);
    let speechPause = true;
    const settings = (): ReasoningSettings => ({ ...LIVE_SETTINGS, ...VOICE, speechPause });
    const inputs = new TypedInputs();
    inputs.push({ kind: 'draft', text: 'Why?', sent: true });
    const kinds: string[] = [];
    const live = scripts.live(scripts.fakeDecoder({ answers: YES_ALWAYS }), settings, inputs, { usesStepClock: true });
    for await (const event of live) {
      if (event.kind !== 'stepped') continue;
      const held = event.step.events?.some(({ kind }) => kind === 'hold_writer') === true;
      if (held) kinds.push(event.state);
      if (held) speechPause = false;
    }
    expect(kinds).toEqual(['thinkerOnly', 'thinkerAndWriter']);
  });

  it('turned on late, the setting finds the voice where it would be', async () => {
    const decoder = scripts.fakeDecoder({ answers: YES_ALWAYS });
    // A letter takes half a step: the voice is never behind.
    const settings = (): ReasoningSettings => {
      const isLate = decoder.encodedInto('writer_output').length > 60;
      return { ...LIVE_SETTINGS, ...VOICE, speakingRate: 40, budget: 100, speechPause: isLate };
    };
    const inputs = new SteppedInputs([sent(0, 'Why?')]);
    const { trace, events } = await collectRun(scripts.live(decoder, settings, inputs, { usesStepClock: true }));
    expect(trace.result.steps).toHaveLength(100);
    expect(holdsOf({ trace, events })).toEqual([]);
  });

  it('with the thoughts at their end the run waits, says so once each time, and writes in bursts', async () => {
    const outcome = await run(undefined, { thinker: { 3: END_OF_THINK }, settings: { budget: 60 } });
    expect(statesOf(outcome)).toMatch(/^B{4}W{56}$/);
    expect(holdsOf(outcome)).toEqual([]);
    const bursts = burstsOf(outcome.events);
    expect(bursts.length).toBeGreaterThan(5);
    // From .23 s up to above .52 s by .05 s a letter.
    for (const burst of bursts.slice(1, -1)) expect(burst).toBe(6);
    expect(new Set(waitsOf(outcome))).toEqual(new Set(['speech']));
  });

  it('a lower mark above the upper one counts as that', async () => {
    const script = { thinker: { 3: END_OF_THINK }, settings: { budget: 60, resumeUnspokenSeconds: 50 } };
    const outcome = await run(undefined, script);
    expect(outcome.trace.result.steps).toHaveLength(60);
  });

  it('a remark ends the silence: the thinker reacts, the voice goes on', async () => {
    const silent = await run(undefined, { thinker: { 3: END_OF_THINK }, settings: { budget: 20 } });
    const first = silent.events.findIndex(({ kind }) => kind === 'waiting');
    const step = eventsOf({ events: silent.events.slice(0, first) }, 'stepped').length;
    const outcome = await run([sent(0, 'Why?'), remark(step, 'x')], { thinker: { 3: END_OF_THINK } });
    expect(kindsAt(outcome, step)).toEqual(['hold_writer', 'append_input', 'wake']);
    expect(outcome.trace.result.steps[step]).toMatchObject({ state: 'thinker_only', rows: [{ stream: 'thinker' }] });
    expect(holdsOf(outcome)[1]?.[1]).toBe(false);
  });

  it('a pause and a stop reach a run that is silent', async () => {
    const script = { thinker: { 3: END_OF_THINK } };
    const inputs = [sent(0, 'Why?'), pressed(11, 'pause'), pressed(12, 'resume'), pressed(14, 'stop')];
    const outcome = await run(inputs, script);
    expect(outcome.trace.result.final.stop).toBe('stopped');
    expect(waitsOf(outcome)).toContain('paused');
    expect(outcome.trace.result.steps).toHaveLength(14);
  });

  it('a hold ends with its turn', async () => {
    // The budget is spent while the writer is held.
    const budget = at(holdsOf(await run()), 0)[0] + 2;
    const outcome = await run([sent(0, 'Why?'), sent(500, 'And?')], { settings: { budget, followUps: true } });
    const [held, ...others] = holdsOf(outcome);
    expect(held).toEqual([budget - 2, true]);
    expect(others[0]).toEqual([2 * budget - 2, true]);
    expect(outcome.trace.result.steps[budget]).toMatchObject({ state: 'thinker_and_writer' });
  });
});

/** Steps between two waits. */
function burstsOf(events: readonly ReasoningEvent[]): number[] {
  const bursts = [0];
  for (const { kind } of events)
    if (kind === 'waiting') bursts.push(0);
    else if (kind === 'stepped') bursts.push((bursts.pop() ?? 0) + 1);
  return bursts;
}

describe('on a clock of seconds', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  interface Running {
    readonly inputs: TypedInputs;
    readonly events: ReasoningEvent[];
    readonly speech: SpeechClock;
    readonly controller: AbortController;
    readonly ended: Promise<ReasoningTrace>;
  }

  /** A run whose thoughts have ended, on a clock that only the test moves: forwards take no time. */
  function begun(settings: Partial<ReasoningSettings> = {}): Running {
    vi.useFakeTimers();
    const inputs = new TypedInputs();
    inputs.push({ kind: 'draft', text: 'Why?', sent: true });
    const events: ReasoningEvent[] = [];
    const speech = new SpeechClock();
    const controller = new AbortController();
    const used = { ...LIVE_SETTINGS, ...VOICE, probeInterval: 50, ...settings };
    const decoder = scripts.fakeDecoder({ thinker: { 0: END_OF_THINK } });
    const io = { now: () => performance.now(), speech, signal: controller.signal };
    const live = scripts.live(decoder, () => used, inputs, io);
    const ended = (async () => {
      for (;;) {
        const { done, value } = await live.next();
        if (done === true) return value;
        events.push(value);
      }
    })();
    return { inputs, events, speech, controller, ended };
  }

  const numSteps = ({ events }: Running): number => eventsOf({ events }, 'stepped').length;

  it('the writer waits down to the lower mark and writes in bursts', async () => {
    const running = begun();
    await vi.advanceTimersByTimeAsync(0);
    // Six letters are .6 s of speech.
    expect(numSteps(running)).toBe(6);
    await vi.advanceTimersByTimeAsync(300);
    expect(numSteps(running)).toBe(6);
    await vi.advanceTimersByTimeAsync(150);
    const afterFirst = numSteps(running);
    expect(afterFirst).toBeGreaterThanOrEqual(9);
    await vi.advanceTimersByTimeAsync(10_000);
    const bursts = burstsOf(running.events).slice(0, -1);
    expect(bursts.length).toBeGreaterThan(8);
    for (const burst of bursts) expect(burst).toBeGreaterThanOrEqual(3);
    const trace = await running.ended;
    expect(trace.result.final.stop).toBe('budget');
    // 80 letters at 10 a second, less what the marks allow.
    expect(performance.now()).toBeGreaterThan(7000);
  });

  it('a real voice decides instead', async () => {
    const running = begun({ maxUnspokenSeconds: 10, resumeUnspokenSeconds: 8 });
    running.speech.report(20);
    await vi.advanceTimersByTimeAsync(5000);
    const held = numSteps(running);
    expect(held).toBeLessThanOrEqual(1);
    running.speech.report(9);
    await vi.advanceTimersByTimeAsync(1000);
    expect(numSteps(running)).toBe(held);
    running.speech.report(8);
    await vi.advanceTimersByTimeAsync(200);
    expect(numSteps(running)).toBe(80);
    const trace = await running.ended;
    expect(trace.result.final.stop).toBe('budget');
    expect(eventsOf(running, 'waiting')).toMatchObject([{ reason: 'speech' }]);
  });

  it.each([
    ['a stop', { kind: 'stop' }],
    ['a remark', { kind: 'remark', text: 'x' }],
    ['a pause', { kind: 'pause' }],
  ] as const)('%s is heard in the silence', async (_, input: LiveInput) => {
    const running = begun();
    running.speech.report(1000);
    await vi.advanceTimersByTimeAsync(1000);
    const held = numSteps(running);
    running.inputs.push(input);
    await vi.advanceTimersByTimeAsync(100);
    if (input.kind === 'remark') expect(numSteps(running)).toBeGreaterThan(held);
    else expect(numSteps(running)).toBe(held);
    if (input.kind === 'pause') expect(eventsOf(running, 'waiting').at(-1)?.reason).toBe('paused');
    running.controller.abort();
    await vi.advanceTimersByTimeAsync(0);
    // After a remark the thinker needs no voice, and forwards take no time here.
    expect((await running.ended).result.final.stop).toBe(input.kind === 'remark' ? 'budget' : 'stopped');
  });

  it('the signal ends the silence at once', async () => {
    const running = begun();
    running.speech.report(1000);
    await vi.advanceTimersByTimeAsync(1030);
    running.controller.abort();
    const before = performance.now();
    await running.ended;
    expect(performance.now()).toBe(before);
  });
});
