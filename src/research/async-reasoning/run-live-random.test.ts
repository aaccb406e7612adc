/** Any series of input under any settings: the run holds its invariants, and its trace replays. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertNever } from '@/lib/assert.ts';
import type { ReasoningEvent, ReasoningSettings } from '@/protocol/reasoning.ts';
import type { FakeDecoder } from '@/testing/fake-decoder.ts';
import {
  type At,
  collectRun,
  END_OF_THINK,
  EOS,
  eventsOf,
  LIVE_SETTINGS,
  type LiveOutcome,
  type LiveScripts,
  NEWLINE,
  readLiveScripts,
  shownTexts,
  typed,
} from '@/testing/live-script.ts';
import { type LiveInput, SteppedInputs } from './input-queue.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

/** What someone does to the text box, and then perhaps with it. */
type Keystrokes = (text: string) => string;

const WORDS = ['two ', 'three', ' four ', 'or ', 'no', '空格', '的句子 ', '👍🏽 ', '👍🏿', 'שלום ', ' ', '\n', ', '];
const keystrokes: fc.Arbitrary<Keystrokes> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(...WORDS).map(
      (word): Keystrokes =>
        (text) =>
          text + word,
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 12 }).map(
      (n): Keystrokes =>
        (text) =>
          text.slice(0, -n),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('six', 'a b c d e f ').map(
      (word): Keystrokes =>
        (text) =>
          changed(text, word),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Keystrokes>(() => '') },
  { weight: 1, arbitrary: fc.constant<Keystrokes>((text) => text + 'cats and '.repeat(30)) },
);

/** With another last word but one. */
const changed = (text: string, word: string): string => text.replace(/\S+(?=\s+\S*\s*$)/u, word);

type Action = 'type' | 'settle' | 'send' | 'remark' | 'pause' | 'resume' | 'settings' | 'stop';

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 24, arbitrary: fc.constant('type' as const) },
  { weight: 6, arbitrary: fc.constant('settle' as const) },
  { weight: 8, arbitrary: fc.constant('send' as const) },
  { weight: 6, arbitrary: fc.constant('remark' as const) },
  { weight: 6, arbitrary: fc.constantFrom('pause' as const, 'resume' as const, 'settings' as const) },
  { weight: 1, arbitrary: fc.constant('stop' as const) },
);

/** A remark says what stands in the text box, and sending empties it. */
function inputsOf(
  deeds: readonly { readonly step: number; readonly keys: Keystrokes; readonly action: Action }[],
): At[] {
  let text = 'one two three ';
  const begin = [typed(0, 'one '), typed(2, text)];
  const others = deeds
    .toSorted((a, b) => a.step - b.step)
    .map(({ step, keys, action: kind }): At => {
      text = keys(text);
      const made = inputOf(kind, text);
      if (kind === 'send' || kind === 'remark') text = '';
      return { step, input: made };
    });
  return [...begin, ...others];
}

function inputOf(kind: Action, text: string): LiveInput {
  switch (kind) {
    case 'type':
      return { kind: 'draft', text, sent: false };
    case 'settle':
      return { kind: 'draft', text, sent: false, settled: true };
    case 'send':
      return { kind: 'draft', text, sent: true };
    case 'remark':
      return { kind, text };
    case 'pause':
    case 'resume':
    case 'settings':
    case 'stop':
      return { kind };
    default:
      return assertNever(kind);
  }
}

const inputs: fc.Arbitrary<At[]> = fc
  .array(fc.record({ step: fc.nat(40), keys: keystrokes, action }), { minLength: 4, maxLength: 18 })
  .map(inputsOf);

/** What counts from the next run on. */
const fixedSettings: fc.Arbitrary<Partial<ReasoningSettings>> = fc.record({
  design: fc.constantFrom('A', 'B'),
  allowThinkEnd: fc.boolean(),
  probeRule: fc.constantFrom('continue', 'pause'),
  probeTiming: fc.constantFrom('blocking', 'overlapped'),
  followUps: fc.boolean(),
  writerStart: fc.constantFrom('', 'So'),
  stepSeconds: fc.constantFrom(0.05, 0.2),
});
/** What a run under way takes over. */
const liveSettings: fc.Arbitrary<Partial<ReasoningSettings>> = fc.record({
  budget: fc.integer({ min: 1, max: 24 }),
  thoughtBudget: fc.constantFrom(0, 0, 1, 4),
  paragraphPause: fc.boolean(),
  probeInterval: fc.integer({ min: 1, max: 4 }),
  probeAtParagraphs: fc.boolean(),
  yesBias: fc.constantFrom(0, 0, 20, -20),
  marginThreshold: fc.constantFrom(0, 1, -1),
  hysteresis: fc.constantFrom(0, 2),
  minWriterSteps: fc.constantFrom(0, 0, 3),
  writeBeforeSend: fc.boolean(),
  onEdit: fc.constantFrom('auto', 'keep', 'rewind', 'restart'),
  keepThoughtsFrom: fc.constantFrom(0, 0.6),
  reminders: fc.boolean(),
  writerReminder: fc.constantFrom('paragraph', 'now', 'never'),
  historyThoughts: fc.constantFrom('drop', 'keep'),
  speechPause: fc.constantFrom(false, false, true),
  speakingRate: fc.constantFrom(3, 15),
  maxUnspokenSeconds: fc.constantFrom(0.5, 1),
  resumeUnspokenSeconds: fc.constantFrom(0, 0.4, 2),
});
const choices = fc.dictionary(fc.nat(14).map(String), fc.constantFrom<number>(EOS, END_OF_THINK, NEWLINE, 256, 0xc3), {
  maxKeys: 5,
});
const script = fc.record({
  answers: fc.array(fc.boolean(), { maxLength: 30 }),
  thinker: choices,
  writer: choices,
  contextLength: fc.option(fc.integer({ min: 500, max: 2000 }), { nil: undefined, freq: 2 }),
});

/** The first of `kinds` behind an event. */
function nextOf(
  events: readonly ReasoningEvent[],
  index: number,
  kinds: readonly ReasoningEvent['kind'][],
): ReasoningEvent['kind'] | undefined {
  return events.slice(index + 1).find(({ kind }) => kinds.includes(kind))?.kind;
}

function expectInvariants(outcome: LiveOutcome, decoder: FakeDecoder): void {
  const { trace, events } = outcome;
  const { steps, final, turns = [] } = trace.result;
  // Blocks and token lists agree: all but the pending token is encoded.
  const turn = turns.length;
  const lengthOf = (name: string): number => final.lengths[turn === 0 ? name : `${name}@${turn}`] ?? 0;
  if (final.stop !== 'context_full') {
    for (const stream of ['thinker', 'writer'] as const) {
      const held = lengthOf(`${stream}_output`);
      if (held > 0) expect([stream, held]).toEqual([stream, final[`${stream}_tokens`].length - 1]);
    }
    expect(final.lengths['question']).toBe(0);
  }
  // End tokens close a stream; they are never read.
  for (const { rows } of decoder.calls)
    for (const { view, tokenIds } of rows) {
      const block = view.at(-1) ?? '';
      if (block.startsWith('thinker_output')) expect(tokenIds).not.toContain(END_OF_THINK);
      if (block.startsWith('writer_output')) expect(tokenIds).not.toContain(EOS);
    }
  // A step has a row for each running stream, the writer's only once it has started.
  let isStarted = false;
  for (const { events: results = [], rows } of steps) {
    for (const { kind } of results)
      if (kind === 'start_writer') isStarted = true;
      else if (kind === 'start_thinker' || kind === 'next_turn') isStarted = false;
    if (rows.some(({ stream }) => stream === 'writer')) expect(isStarted).toBe(true);
  }
  // What a page shows is part of what the streams hold.
  const shown = shownTexts({ events });
  for (const stream of ['thinker', 'writer'] as const)
    for (const line of shown[stream].split('\n').filter((part) => !part.includes('\ufffd')))
      if (turns.length === eventsOf(outcome, 'turnStarted').length && final.stop !== 'stopped')
        expect(trace.text[stream].includes(line) || trace.text[stream].includes('[SYSTEM')).toBe(true);
  // Waits are announced one at a time, and never twice with nothing in between.
  events.forEach((event, i) => {
    const next = events[i + 1];
    if (event.kind === 'waiting' && next?.kind === 'waiting') expect(next).not.toEqual(event);
    if (event.kind === 'waiting') expect(nextOf(events, i, ['waiting', 'resumed', 'stopped'])).toBeDefined();
    if (event.kind === 'waiting') expect(nextOf(events, i, ['resumed', 'stepped'])).not.toBe('stepped');
  });
}

/** With one turn and no remark the input block holds one of the drafts, as far as that was to be read. */
function expectInput(outcome: LiveOutcome, given: readonly At[]): void {
  const { setup, result } = outcome.trace;
  const { lengths } = result.final;
  if (setup.design === 'A') expect(lengths['thinker_input']).toBe(lengths['writer_input']);
  if ((result.turns?.length ?? 0) > 0 || eventsOf(outcome, 'remarkRead').length > 0) return;
  if (!setup.events.some(({ kind }) => kind === 'start_thinker')) return;
  const texts = given.flatMap(({ input }) =>
    input.kind === 'draft' ? [scripts.textOf(scripts.encode(input.text))] : [],
  );
  const read = scripts.inputOf(outcome);
  if (read.endsWith('\n')) expect(texts.map((text) => `${text.trimEnd()}\n`)).toContain(read);
  else expect(texts.some((text) => text.startsWith(read))).toBe(true);
}

describe('any run', () => {
  it('holds its invariants and replays', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        inputs,
        fixedSettings,
        fc.tuple(liveSettings, liveSettings, fc.integer({ min: 3, max: 90 })),
        script,
        async (given, fixed, [early, late, changeAt], { contextLength, ...chosen }) => {
          const made = { ...chosen, ...(contextLength !== undefined && { contextLength }) };
          const decoder = scripts.fakeDecoder(made);
          const settings = (): ReasoningSettings => ({
            ...LIVE_SETTINGS,
            ...fixed,
            ...(decoder.calls.length < changeAt ? early : late),
          });
          const outcome = await collectRun(
            scripts.live(decoder, settings, new SteppedInputs(given), { usesStepClock: true }),
          );
          expect(decoder.numLiveObjects).toBe(0);
          const { stop } = outcome.trace.result.final;
          const replayed = await scripts.expectReplay(outcome.trace, scripts.fakeDecoder(made));
          const ending = outcome.events.findLast(({ kind }) => kind === 'waiting' || kind === 'resumed');
          const hasGivenUp = ending?.kind === 'waiting';
          if (stop === 'context_full' && !hasGivenUp) expect(replayed).toBe(stop);
          expectInvariants(outcome, decoder);
          if (stop === 'budget' || stop === 'writer_eos') expectInput(outcome, given);
          for (const { kind } of outcome.trace.setup.events) seen.set(kind, (seen.get(kind) ?? 0) + 1);
          for (const event of outcome.events) {
            const name = event.kind === 'waiting' || event.kind === 'stopped' ? event.reason : event.kind;
            seen.set(name, (seen.get(name) ?? 0) + 1);
          }
        },
      ),
      { seed: 11, numRuns: 200 },
    );
    // The series reach all that can happen.
    const kinds = ['append_input', 'edit_input', 'fill', 'hold_writer', 'inject', 'next_turn', 'rewind', 'set_params'];
    const others = [
      'start_thinker',
      'start_writer',
      'wake',
      'thoughtsAffected',
      'reading',
      'remarkRead',
      'turnStarted',
    ];
    const ends = [
      'emptyDraft',
      'budget',
      'paused',
      'contextFull',
      'speech',
      'followUp',
      'writer_eos',
      'stopped',
      'context_full',
    ];
    expect([...kinds, ...others, ...ends].filter((name) => (seen.get(name) ?? 0) < 3)).toEqual([]);
  }, 120_000);
});
