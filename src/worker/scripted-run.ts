/** A live run of the scripted engine: the events of a real one, with written words as tokens and made-up margins. */
import { sleep } from '@/lib/sleep.ts';
import type {
  Draft,
  ReasoningEvent,
  ReasoningSettings,
  ReasoningState,
  ReasoningStopReason,
  ReasoningTrace,
  StreamName,
  TraceEventResult,
  TraceProbe,
  TraceRow,
  TraceSetup,
  TraceState,
  TraceStep,
  WaitReason,
} from '@/protocol/reasoning.ts';
import { scriptedAttention } from './scripted-attention.ts';
import type { ScriptedInputs } from './scripted-inputs.ts';
import { ScriptedStreams, type DraftChange } from './scripted-streams.ts';
import { REMARK_ANSWER, REMARK_THOUGHTS } from './scripted-texts.ts';

/** How a script differs from the plain one. */
export interface RunScript {
  readonly stepMs: number;
  /** Steps made without a rest between them. */
  readonly burst: number;
  /** How often texts, and with them the budget, are repeated. */
  readonly repeats: number;
  /** Words of a draft that fit. */
  readonly draftRoom: number;
  /** The step for which there is no room any more. */
  readonly lastStep: number;
}

export const PLAIN_RUN: RunScript = { stepMs: 60, burst: 1, repeats: 1, draftRoom: 10_000, lastStep: Infinity };

const POLL_MS = 20;
const READ_PIECE = 64;
const READ_PIECE_MS = 50;
/** Words that may be cut under the policy 'auto' before thoughts are rolled back. */
const MAX_KEPT_EDIT = 4;

const TRACE_STATES: Readonly<Record<ReasoningState, TraceState>> = {
  thinkerOnly: 'thinker_only',
  thinkerAndWriter: 'thinker_and_writer',
  writerOnly: 'writer_only',
};

/** Plays until `signal` fires or the context is full; behind an answer it waits for the next turn. */
export async function* playRun(
  run: ScriptedRun,
  inputs: ScriptedInputs,
  signal: AbortSignal,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> {
  const { script } = run;
  yield { kind: 'started', elapsedMs: run.elapsedMs(), setup: run.setup };
  let announced: WaitReason | undefined;
  while (!signal.aborted) {
    yield* run.takeInput(inputs);
    const wait = run.waitEvent(inputs);
    if (wait !== undefined) {
      if (wait.reason !== announced) yield wait;
      announced = wait.reason;
      await sleep(POLL_MS);
      continue;
    }
    if (announced !== undefined) yield { kind: 'resumed', elapsedMs: run.elapsedMs() };
    announced = undefined;
    await sleep(script.stepMs);
    if (signal.aborted) break;
    for (let made = 0; made < script.burst && !run.isTurnOver; made++) yield run.step(inputs.settings);
    if (run.numSteps >= script.lastStep) {
      yield { kind: 'stopped', elapsedMs: run.elapsedMs(), reason: 'context_full' };
      return run.trace('context_full');
    }
  }
  yield { kind: 'stopped', elapsedMs: run.elapsedMs(), reason: 'stopped' };
  return run.trace('stopped');
}

export class ScriptedRun {
  readonly script: RunScript;
  readonly setup: TraceSetup;
  readonly #begun = performance.now();
  readonly #streams: ScriptedStreams;
  readonly #steps: TraceStep[] = [];
  readonly #events: TraceEventResult[] = [];
  #draft: Draft = { text: '', sent: false };
  #phase: 'typing' | 'answering' | 'answered' = 'typing';
  #state: ReasoningState = 'thinkerOnly';
  #budgetFrom = 0;
  #isCut = false;
  #isBudgetSpent = false;
  readonly #numRead: Record<StreamName, number> = { thinker: 0, writer: 0 };

  constructor(script: RunScript, settings: ReasoningSettings) {
    this.script = script;
    this.#streams = new ScriptedStreams(script.repeats);
    this.setup = setupOf(settings, this.#streams.views());
  }

  get numSteps(): number {
    return this.#steps.length;
  }

  get isTurnOver(): boolean {
    return this.#phase === 'answered';
  }

  elapsedMs(): number {
    return performance.now() - this.#begun;
  }

  trace(stop: ReasoningStopReason): ReasoningTrace {
    const text = { thinker: this.#streams.text('thinker'), writer: this.#streams.text('writer') };
    const final = {
      stop,
      state: TRACE_STATES[this.#state],
      thinker_tokens: [],
      writer_tokens: [],
      lengths: {},
    };
    return {
      format: 'async-trace-1',
      setup: { ...this.setup, problem: this.#draft.text },
      result: { prefill_results: [], steps: this.#steps, final },
      text,
    };
  }

  async *takeInput(inputs: ScriptedInputs): AsyncGenerator<ReasoningEvent> {
    if (inputs.isPaused) return;
    for (const text of inputs.takeRemarks()) yield* this.#takeRemark(text, inputs);
    const { draft } = inputs;
    if (this.#phase === 'answering' || sameDraft(draft, this.#draft)) return;
    if (this.#phase === 'answered') {
      if (draft.text.trim() === '') return;
      yield this.#beginTurn();
    }
    yield* this.#readDraft(draft, inputs.settings);
  }

  waitEvent(inputs: ScriptedInputs): Extract<ReasoningEvent, { kind: 'waiting' }> | undefined {
    const reason = this.#waitReason(inputs);
    if (reason === undefined) return undefined;
    const missing = reason === 'contextFull' ? { missingTokens: this.#missingTokens() } : {};
    return { kind: 'waiting', elapsedMs: this.elapsedMs(), reason, ...missing };
  }

  step(settings: ReasoningSettings): ReasoningEvent {
    const before = this.#state;
    const running = streamsOf(before);
    const texts = { thinker: '', writer: '' };
    for (const stream of running) texts[stream] = this.#streams.next(stream);
    const rows = running.map((stream) => this.#row(stream));
    const probe = before === 'writerOnly' ? undefined : this.#probe(settings, texts.thinker);
    this.#state = this.#stateAfter(probe);
    const events = this.#events.splice(0);
    const step: TraceStep = {
      step: this.numSteps,
      state: TRACE_STATES[before],
      ...(events.length > 0 && { events }),
      rows,
      ...(probe !== undefined && { probe }),
      state_after: TRACE_STATES[this.#state],
      elapsed_ms: this.elapsedMs(),
    };
    this.#steps.push(step);
    this.#endTurnIfDue(settings);
    return {
      kind: 'stepped',
      elapsedMs: this.elapsedMs(),
      step,
      state: this.#state,
      thinkerText: texts.thinker,
      writerText: texts.writer,
      ...this.#takeCut(),
    };
  }

  #row(stream: StreamName): TraceRow {
    const row = this.#streams.row(stream);
    if (this.setup.params.read_attention?.includes(stream) !== true) return row;
    return { ...row, attention: scriptedAttention(row.lengths, this.#numRead[stream]++) };
  }

  #stateAfter(probe: TraceProbe | undefined): ReasoningState {
    if (this.#streams.isOut('thinker')) return 'writerOnly';
    if (probe === undefined) return this.#state;
    return probe.yes ? 'thinkerAndWriter' : 'thinkerOnly';
  }

  #waitReason({ isPaused, settings }: ScriptedInputs): WaitReason | undefined {
    if (isPaused) return 'paused';
    if (this.#phase === 'answered') return this.#isBudgetSpent ? 'budget' : 'followUp';
    if (this.#phase === 'answering') return undefined;
    if (this.#streams.inputLength === 0) return 'emptyDraft';
    if (this.#missingTokens() > 0) return 'contextFull';
    return this.#isSpent(settings) || this.#streams.isOut('thinker') ? 'budget' : undefined;
  }

  #isSpent({ budget }: ReasoningSettings): boolean {
    return this.numSteps - this.#budgetFrom >= budget * this.script.repeats;
  }

  #missingTokens(): number {
    return Math.max(0, this.#streams.inputLength - this.script.draftRoom);
  }

  *#takeRemark(text: string, inputs: ScriptedInputs): Generator<ReasoningEvent> {
    if (this.#phase === 'answered') inputs.draft = { text, sent: true };
    if (this.#phase !== 'answering') return;
    this.#streams.insert('thinker', REMARK_THOUGHTS, 'next');
    this.#streams.insert('writer', REMARK_ANSWER, 'last');
    if (this.#state === 'writerOnly') this.#state = 'thinkerAndWriter';
    yield { kind: 'remarkRead', elapsedMs: this.elapsedMs(), step: this.numSteps, text };
  }

  async *#readDraft(draft: Draft, settings: ReasoningSettings): AsyncGenerator<ReasoningEvent> {
    this.#draft = draft;
    const change = this.#streams.planDraft(draft);
    yield {
      kind: 'draftRead',
      elapsedMs: this.elapsedMs(),
      step: this.numSteps,
      draftTokens: change.keep + change.added.length,
      heldBackTokens: change.heldBackTokens,
      keptTokens: change.keep,
      addedTokens: change.added.length,
      removedTokens: change.removed,
    };
    if (change.keep + change.added.length <= this.script.draftRoom) yield* this.#readPieces(change);
    this.#streams.read(change);
    if (change.removed > 0) yield* this.#affect(change, settings);
    if (change.removed + change.added.length > 0)
      this.#events.push({
        kind: change.removed > 0 ? 'edit_input' : 'append_input',
        ...this.#streams.reading(change.added.length),
      });
    if (draft.sent && this.#streams.inputLength > 0) this.#startAnswer();
  }

  async *#readPieces({ keep, added }: DraftChange): AsyncGenerator<ReasoningEvent> {
    if (added.length <= READ_PIECE) return;
    const totalTokens = keep + added.length;
    for (let done = READ_PIECE; done < added.length + READ_PIECE; done += READ_PIECE) {
      await sleep(READ_PIECE_MS);
      const doneTokens = Math.min(totalTokens, keep + done);
      yield { kind: 'reading', elapsedMs: this.elapsedMs(), doneTokens, totalTokens };
    }
  }

  *#affect({ keep, removed }: DraftChange, { onEdit }: ReasoningSettings): Generator<ReasoningEvent> {
    const bySize = removed <= MAX_KEPT_EDIT ? 'keep' : 'rewind';
    const wanted = onEdit === 'auto' ? bySize : onEdit;
    const behind = this.#streams.thoughtsBehind(keep);
    const isAll = wanted === 'restart' || (wanted === 'rewind' && behind.range.from === 0);
    const affected = isAll ? this.#streams.thoughtsBehind(-1) : behind;
    if (affected.tokens === 0) return;
    const policy = isAll ? 'restart' : wanted;
    yield { kind: 'thoughtsAffected', elapsedMs: this.elapsedMs(), step: this.numSteps, policy, ...affected };
    if (policy === 'keep') return;
    this.#streams.dropThoughts(affected.tokens);
    this.#state = 'thinkerOnly';
    this.#isCut = true;
  }

  #startAnswer(): void {
    this.#phase = 'answering';
    this.#budgetFrom = this.numSteps;
  }

  #beginTurn(): ReasoningEvent {
    this.#streams.nextTurn();
    this.#phase = 'typing';
    this.#state = 'thinkerOnly';
    this.#budgetFrom = this.numSteps;
    this.#events.push({ kind: 'next_turn', lengths: [], loc: [], views: this.#streams.views() });
    return { kind: 'turnStarted', elapsedMs: this.elapsedMs(), step: this.numSteps, turn: this.#streams.turn };
  }

  #endTurnIfDue(settings: ReasoningSettings): void {
    const hasEnded = this.#streams.isOut('writer');
    if (this.#phase !== 'answering' || !(hasEnded || this.#isSpent(settings))) return;
    this.#phase = 'answered';
    this.#isBudgetSpent = !hasEnded;
  }

  #takeCut(): Pick<Extract<ReasoningEvent, { kind: 'stepped' }>, 'cut'> {
    if (!this.#isCut) return {};
    this.#isCut = false;
    const contentOf = (stream: StreamName): { text: string; tokens: number } => ({
      text: this.#streams.text(stream),
      tokens: this.#streams.count(stream),
    });
    return { cut: { thinker: contentOf('thinker'), writer: contentOf('writer') } };
  }

  #probe(settings: ReasoningSettings, thinkerText: string): TraceProbe | undefined {
    const isParagraphEnd = thinkerText.startsWith('\n\n');
    if (this.#phase !== 'answering') return undefined;
    if (!isParagraphEnd && this.numSteps % settings.probeInterval !== 0) return undefined;
    const margin = -1.3 + 1.1 * Math.sin(this.numSteps / 9);
    const score = margin + settings.yesBias;
    const side = this.#state === 'thinkerOnly' ? 1 : -1;
    return {
      why: [isParagraphEnd ? 'paragraph' : 'interval'],
      ...this.#streams.probe(),
      yes_logits: [10 + margin],
      no_logits: [10],
      score,
      limit: settings.marginThreshold + side * settings.hysteresis,
      yes: score > settings.marginThreshold + side * settings.hysteresis,
      logsumexp: 12,
    };
  }
}

function streamsOf(state: ReasoningState): readonly StreamName[] {
  if (state === 'thinkerAndWriter') return ['thinker', 'writer'];
  return state === 'thinkerOnly' ? ['thinker'] : ['writer'];
}

function sameDraft(a: Draft, b: Draft): boolean {
  return a.text === b.text && a.sent === b.sent && a.settled === b.settled;
}

function setupOf(settings: ReasoningSettings, views: TraceSetup['views']): TraceSetup {
  return {
    design: 'B',
    row_order: ['thinker', 'writer'],
    blocks: [...(views['writer'] ?? [])],
    views,
    prefill: [],
    stream_tokens: { thinker: [], writer: [] },
    events: [],
    params: {
      budget: settings.budget,
      probe_interval: settings.probeInterval,
      yes_bias: settings.yesBias,
      question_ids: [],
      yes_ids: [],
      no_ids: [],
      forbidden: { thinker: [], writer: [] },
      forbidden_penalty: 0,
      eos_ids: [],
      end_of_think_ids: [],
      ...(settings.readAttention !== 'off' && {
        read_attention: settings.readAttention === 'both' ? (['thinker', 'writer'] as const) : (['writer'] as const),
      }),
    },
  };
}
