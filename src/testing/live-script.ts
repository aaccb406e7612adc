/** Scripted live runs on a decoder without a model: what happens in which step, and whether a replay gives the same. */
import { expect } from 'vitest';
import type { Decoder } from '@/engine/generation/decoder.ts';
import type {
  ReasoningEvent,
  ReasoningSettings,
  ReasoningStopReason,
  ReasoningTrace,
  TraceInputEvent,
  TraceResult,
} from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { turnlessName } from '@/research/async-reasoning/block-layout.ts';
import { type InputQueue, type LiveInput, SteppedInputs } from '@/research/async-reasoning/input-queue.ts';
import { type LiveIo, runLive } from '@/research/async-reasoning/run-live.ts';
import { finishReasoning, runReasoning } from '@/research/async-reasoning/run-reasoning.ts';
import { parseTraceSetup } from '@/research/async-reasoning/trace-schema.ts';
import { FakeDecoder } from './fake-decoder.ts';
import { readTinyTokenBytes } from './golden-files.ts';
import { PieceTokenizer } from './piece-tokenizer.ts';

// Ids of the tiny vocabulary.
export const [YES, NO, EOS, END_OF_THINK, NEWLINE] = [285, 286, 317, 319, 10] as const;

/** Few steps, few probes, no notes. */
export const LIVE_SETTINGS: ReasoningSettings = {
  ...DEFAULT_REASONING_SETTINGS,
  budget: 6,
  probeInterval: 3,
  reminders: false,
};

export interface LiveScript {
  readonly settings?: Partial<ReasoningSettings>;
  /** Of the probe, in order; then "no". */
  readonly answers?: readonly boolean[];
  /** Tokens that the streams choose at their n-th choice, instead of a letter. */
  readonly thinker?: Readonly<Record<number, number>>;
  readonly writer?: Readonly<Record<number, number>>;
  readonly contextLength?: number;
}

export interface LiveOutcome {
  readonly trace: ReasoningTrace;
  readonly events: readonly ReasoningEvent[];
}

/** An input and its step. */
export interface At {
  readonly step: number;
  readonly input: LiveInput;
}

export const typed = (step: number, text: string): At => ({ step, input: { kind: 'draft', text, sent: false } });
export const sent = (step: number, text: string): At => ({ step, input: { kind: 'draft', text, sent: true } });
export const settled = (step: number, text: string): At => ({
  step,
  input: { kind: 'draft', text, sent: false, settled: true },
});
export const remark = (step: number, text: string): At => ({ step, input: { kind: 'remark', text } });
export const pressed = (step: number, kind: 'pause' | 'resume' | 'stop'): At => ({ step, input: { kind } });

/** T: the thinker alone, W: the writer alone, B: both. */
export const statesOf = ({ trace }: LiveOutcome): string =>
  trace.result.steps
    .map(({ state }) => ({ thinker_only: 'T', thinker_and_writer: 'B', writer_only: 'W' })[state])
    .join('');
export const kindsAt = ({ trace }: LiveOutcome, step: number): TraceInputEvent['kind'][] =>
  trace.setup.events.filter((event) => event.step === step).map(({ kind }) => kind);
export const waitsOf = ({ events }: LiveOutcome): string[] =>
  eventsOf({ events }, 'waiting').map(({ reason }) => reason);

export function eventsOf<K extends ReasoningEvent['kind']>(
  { events }: Pick<LiveOutcome, 'events'>,
  kind: K,
): Extract<ReasoningEvent, { readonly kind: K }>[] {
  return events.filter((event): event is Extract<ReasoningEvent, { readonly kind: K }> => event.kind === kind);
}

/** The streams' text as a page would show it: grown by what came, replaced where it was cut, emptied by a new turn. */
export function shownTexts({ events }: Pick<LiveOutcome, 'events'>): { thinker: string; writer: string } {
  let shown = { thinker: '', writer: '' };
  for (const event of events)
    if (event.kind === 'turnStarted') shown = { thinker: '', writer: '' };
    else if (event.kind === 'stepped')
      shown =
        event.cut === undefined
          ? { thinker: shown.thinker + event.thinkerText, writer: shown.writer + event.writerText }
          : { thinker: event.cut.thinker.text, writer: event.cut.writer.text };
  return shown;
}

export async function collectRun(run: AsyncGenerator<ReasoningEvent, ReasoningTrace>): Promise<LiveOutcome> {
  const events: ReasoningEvent[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return { trace: value, events };
    events.push(value);
  }
}

export async function readLiveScripts(): Promise<LiveScripts> {
  return new LiveScripts(new PieceTokenizer(await readTinyTokenBytes()));
}

/** Runs over the tiny vocabulary. */
export class LiveScripts {
  readonly tokenizer: PieceTokenizer;

  constructor(tokenizer: PieceTokenizer) {
    this.tokenizer = tokenizer;
  }

  encode(text: string): number[] {
    return this.tokenizer.encode(text, { parseSpecial: false });
  }

  textOf(ids: readonly number[]): string {
    return new TextDecoder().decode(Uint8Array.from(ids.flatMap((id) => [...this.tokenizer.tokenBytes(id)])));
  }

  /** Chooses letters that depend on everything a row can see, so that any difference in a view shows. */
  fakeDecoder(script: LiveScript): FakeDecoder {
    const turns = new Map<string, number>();
    return new FakeDecoder({
      vocabSize: this.tokenizer.vocabSize,
      ...(script.contextLength !== undefined && { contextLength: script.contextLength }),
      logits: ({ block: name, visibleIds, wants }) => {
        const block = turnlessName(name);
        const isQuestion = block === 'question';
        const isStream = block === 'thinker_output' || block === 'writer_output';
        if (!isQuestion && (!isStream || wants === 'none')) return new Map();
        const turn = turns.get(block) ?? 0;
        turns.set(block, turn + 1);
        if (isQuestion) return new Map([[script.answers?.[turn] === true ? YES : NO, 5]]);
        const letter = 97 + (visibleIds.reduce((sum, id, i) => (sum + id * (i + 7)) % 9973, 0) % 26);
        return new Map([[script[block === 'thinker_output' ? 'thinker' : 'writer']?.[turn] ?? letter, 9]]);
      },
    });
  }

  live(
    decoder: Decoder,
    settings: () => ReasoningSettings,
    inputs: InputQueue,
    io: LiveIo = {},
  ): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
    return runLive(decoder, this.tokenizer, settings, inputs, { now: () => 0, ...io });
  }

  /** A scripted run, and the replay of its trace with an equal decoder, which must give the same result. */
  async scripted(inputs: readonly At[], script: LiveScript = {}): Promise<LiveOutcome & { decoder: FakeDecoder }> {
    const decoder = this.fakeDecoder(script);
    const settings = { ...LIVE_SETTINGS, ...script.settings };
    const outcome = await collectRun(
      this.live(decoder, () => settings, new SteppedInputs(inputs), { usesStepClock: true }),
    );
    expect(decoder.numLiveObjects).toBe(0);
    await this.expectReplay(outcome.trace, this.fakeDecoder(script));
    expectOneView(outcome);
    return { ...outcome, decoder };
  }

  /** @returns why the replay stopped */
  async expectReplay({ setup, result }: ReasoningTrace, decoder: Decoder): Promise<ReasoningStopReason> {
    const replay = await finishReasoning(
      runReasoning(decoder, parseTraceSetup(JSON.parse(JSON.stringify(setup)), decoder.vocabSize), {
        tokenBytes: (id) => this.tokenizer.tokenBytes(id),
        createTextStream: () => this.tokenizer.createTextStream(),
        now: () => 0,
      }),
    );
    const anyStop = ({ final, ...rest }: TraceResult): unknown => ({ ...rest, final: { ...final, stop: null } });
    expect(anyStop(replay.result)).toEqual(anyStop(result));
    // A replay does not wait, so what ended a wait ends it by its budget or by the writer's end.
    if (result.final.stop === 'budget' || result.final.stop === 'writer_eos')
      expect(replay.result.final.stop).toBe(result.final.stop);
    return replay.result.final.stop;
  }

  /** Text of the user in the turn's input block; the outcome's lengths must agree with it. */
  inputOf({ trace }: LiveOutcome, turn = 0): string {
    const numBefore = trace.setup.events.flatMap(({ kind }, i) => (kind === 'next_turn' ? [i] : []));
    const ids = trace.setup.events
      .slice(turn === 0 ? 0 : numBefore[turn - 1], numBefore[turn])
      .reduce<readonly number[]>((held, event) => {
        if (event.kind !== 'append_input' && event.kind !== 'edit_input') return held;
        if (event.view === 'thinker_input') return held;
        return event.kind === 'append_input' ? [...held, ...event.ids] : [...held.slice(0, event.keep), ...event.ids];
      }, []);
    const block = trace.setup.design === 'A' ? 'writer_input' : 'input_block';
    expect(trace.result.final.lengths[turn === 0 ? block : `${block}@${turn}`]).toBe(ids.length);
    return this.textOf(ids);
  }
}

/** What was shown on the way is what the trace holds at the end, but for prefixes and notes. */
function expectOneView(outcome: LiveOutcome): void {
  const { steps } = outcome.trace.result;
  expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i));
  expect(eventsOf(outcome, 'stepped').map(({ step }) => step)).toEqual(steps);
  expect(eventsOf(outcome, 'stopped').map(({ reason }) => reason)).toEqual([outcome.trace.result.final.stop]);
}
