/**
 * The dialogues of one dilemma and persona pair as rows of one batch.
 *
 * In every turn all dialogues hear agent 1, then agent 2, then the agreement judge; a row that has ended leaves the batch.
 * Agent 1 writes the completions of all dialogues that agreed at the end, together. A failed dialogue has none unless
 * `completeOnFailure` says so.
 *
 * A row's tokens depend on the settings, its number, its branch and what was said in it, not on the other rows. (On a GPU,
 * batches of other sizes may round otherwise; under the same plan everything is repeated bit by bit.)
 */
import type { AdapterUse, Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type { RowStart } from '@/protocol/negotiation-api.ts';
import type { NegotiationPrompts } from '@/protocol/negotiation-prompts.ts';
import {
  NEGOTIATION_ROLES,
  type GroupRecord,
  type NegotiationEvent,
  type NegotiationRole,
  type RolloutPlan,
  type RowToken,
  type ThoughtToken,
  type Utterance,
} from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { EngineAgreement, type AgreementJudge } from './agreement.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { DialogueCourse } from './dialogue-course.ts';
import { checkedStarts, withSaid } from './dialogue-starts.ts';
import { DialoguePrompts } from './dialogue-prompts.ts';
import { Listener } from './listener.ts';
import { planRollout } from './plan-rollout.ts';
import { type Context, DEFAULT_READER_LIMITS, PromptReader } from './prompt-reader.ts';
import { RolloutControl } from './rollout-control.ts';
import { GrowingUtterance, personUtterance } from './growing-utterance.ts';

export interface GroupRequest {
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
  readonly settings: NegotiationSettings;
  /** Rows by number. Default: `groupSize` dialogues from their beginning. */
  readonly starts?: readonly RowStart[];
  /** Of the run that is to be repeated. Default: what the decoder has room for. */
  readonly plan?: RolloutPlan;
}

export interface RolloutIo {
  readonly tokenizer: ChatTokenizer;
  readonly prompts: NegotiationPrompts;
  /** Default: the model itself, its adapter off. */
  readonly agreement?: AgreementJudge;
  readonly control?: RolloutControl;
  /** Ends the run between two forwards. */
  readonly signal?: AbortSignal;
  /** Most tokens of one forward while a prompt is read. */
  readonly maxForwardTokens?: number;
}

/**
 * Runs a group to its end. Ended by `io.signal`, it still returns what was said: an utterance under way is dropped, and
 * its dialogue's outcome is 'stopped'.
 *
 * @throws {Failure} 'unsupportedModel' if an answer of the agreement judge is not one token; 'contextFull' if not even
 *         one dialogue fits; whatever the decoder and the agreement judge throw
 */
export async function* rolloutGroup(
  decoder: Decoder,
  request: GroupRequest,
  io: RolloutIo,
): AsyncGenerator<NegotiationEvent, GroupRecord> {
  const { dilemma, pair, settings } = request;
  const starts = checkedStarts(request.starts, settings);
  const task = { dilemma: dilemma.prompt, persona1: pair.persona1, persona2: pair.persona2 };
  const prompts = new DialoguePrompts(io.tokenizer, io.prompts, task, settings);
  const maxForwardTokens = io.maxForwardTokens ?? DEFAULT_READER_LIMITS.maxForwardTokens;
  const plan = request.plan ?? planRollout(prompts, settings, starts.length, decoder.freeTokens, maxForwardTokens);
  const courses = starts.map(
    (start) => new DialogueCourse(withSaid(start, io.tokenizer, prompts, settings), settings.seed),
  );
  using group = new RunningGroup(decoder, { ...request, plan }, io, prompts, courses);
  yield { kind: 'started', plan, rows: starts.map(({ row }) => row) };
  try {
    yield* group.run();
  } catch (error) {
    if (io.signal?.aborted !== true) throw error;
  }
  const dialogues = group.courses.map((course) => course.record());
  return { format: 'duet-negotiation-1', dilemma, pair, settings, plan, dialogues };
}

/** A row that is generating. */
interface Speaker {
  readonly course: DialogueCourse;
  readonly growing: GrowingUtterance;
  /** The side that has listened, and speaks behind its thoughts. */
  readonly from?: Listener;
  /** The other side, which thinks while it listens. */
  readonly heardBy?: Listener;
}

/** What is said next in some rows. */
interface Phase {
  readonly of: Utterance['kind'];
  readonly role: NegotiationRole;
  readonly turn: number;
}

class RunningGroup {
  readonly courses: readonly DialogueCourse[];
  readonly #decoder: Decoder;
  readonly #request: GroupRequest & { readonly plan: RolloutPlan };
  readonly #io: RolloutIo;
  readonly #prompts: DialoguePrompts;
  readonly #reader: PromptReader;
  readonly #agreement: AgreementJudge;
  readonly #control: RolloutControl;
  readonly #speaking: Speaker[] = [];
  /** By row: the side that has heard the last utterance and thought, and speaks next. */
  readonly #listeners = new Map<number, Listener>();

  constructor(
    decoder: Decoder,
    request: GroupRequest & { readonly plan: RolloutPlan },
    io: RolloutIo,
    prompts: DialoguePrompts,
    courses: readonly DialogueCourse[],
  ) {
    const { settings, plan } = request;
    this.#decoder = decoder;
    this.#request = request;
    this.#io = io;
    this.#prompts = prompts;
    this.#reader = new PromptReader(decoder, plan);
    this.#agreement = io.agreement ?? new EngineAgreement(this.#reader, io.tokenizer, prompts, settings);
    this.#control = io.control ?? new RolloutControl();
    this.courses = courses;
  }

  [Symbol.dispose](): void {
    for (const { growing, from, heardBy } of this.#speaking) {
      growing.context.block[Symbol.dispose]();
      from?.[Symbol.dispose]();
      heardBy?.[Symbol.dispose]();
    }
    for (const listener of this.#listeners.values()) listener[Symbol.dispose]();
    for (const course of this.courses) course[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
  }

  async *run(): AsyncGenerator<NegotiationEvent, void> {
    const { maxTurns, completeOnFailure } = this.#request.settings;
    for (let turn = 1; turn <= maxTurns; turn++) {
      let hasSpoken = false;
      for (const [index, role] of NEGOTIATION_ROLES.entries()) {
        const place = 2 * (turn - 1) + index;
        const rows = this.#unended().filter(({ utterances }) => utterances.length === place);
        if (rows.length === 0) continue;
        hasSpoken = true;
        yield* this.#speak(rows, { of: 'utterance', role, turn });
        if (role === 'agent1') await this.#control.pass('utterance', this.#io.signal);
      }
      yield* this.#judge(turn);
      if (hasSpoken) await this.#control.pass('turn', this.#io.signal);
    }
    const writing = this.courses.filter(
      ({ outcome, completion }) =>
        completion === undefined && (outcome === 'agreed' || (outcome === 'failed' && completeOnFailure)),
    );
    yield* this.#generate(writing, { of: 'completion', role: 'agent1', turn: 0 });
  }

  #unended(): DialogueCourse[] {
    return this.courses.filter(({ outcome }) => outcome === undefined);
  }

  /** The model's rows first, then those that wait for a person. */
  async *#speak(rows: readonly DialogueCourse[], phase: Phase): AsyncGenerator<NegotiationEvent, void> {
    const { role, turn } = phase;
    const byHand = rows.filter(({ row }) => this.#control.isTakenOver(row, role));
    for (const { row } of byHand) yield { kind: 'awaitingPerson', row, role, turn };
    yield* this.#generate(
      rows.filter((course) => !byHand.includes(course)),
      phase,
    );
    for (const course of byHand) {
      const text = await this.#control.said(course.row, role, this.#io.signal);
      if (text === undefined) yield* this.#generate([course], phase);
      else {
        this.#forget(course.row);
        const promptIds = this.#prompts.next(role, course.utterances);
        const limit = this.#request.settings.maxUtteranceTokens;
        const utterance = personUtterance(this.#io.tokenizer, { role, turn, promptIds, text, limit });
        course.utterances.push(utterance);
        yield { kind: 'utteranceEnded', row: course.row, utterance };
      }
    }
  }

  async *#judge(turn: number): AsyncGenerator<NegotiationEvent, void> {
    const { dilemma, settings } = this.#request;
    const judging = this.#unended().filter(
      ({ agreements, openExchange }) => agreements.length < turn && openExchange !== undefined,
    );
    if (judging.length > 0) {
      const questions = judging.flatMap(({ openExchange: exchange }) =>
        exchange === undefined ? [] : [{ dilemma: dilemma.prompt, turn, exchange }],
      );
      const verdicts = await this.#agreement.decide(questions, this.#io.signal);
      for (const [index, course] of judging.entries()) {
        const verdict = at(verdicts, index);
        course.agreements.push(verdict);
        yield { kind: 'agreementJudged', row: course.row, verdict };
      }
    }
    for (const course of this.#unended()) {
      if (!course.hasAgreed && turn < settings.maxTurns) continue;
      course.outcome = course.hasAgreed ? 'agreed' : 'failed';
      course[Symbol.dispose]();
      this.#forget(course.row);
      yield { kind: 'dialogueEnded', row: course.row, outcome: course.outcome };
    }
  }

  async *#generate(rows: readonly DialogueCourse[], phase: Phase): AsyncGenerator<NegotiationEvent, void> {
    const { rowsPerForward } = this.#request.plan;
    for (let start = 0; start < rows.length; start += rowsPerForward) {
      for (const course of rows.slice(start, start + rowsPerForward)) yield* this.#begin(course, phase);
      while (this.#speaking.length > 0) yield* this.#step();
    }
  }

  /** Reads a row's prompt. */
  async *#begin(course: DialogueCourse, phase: Phase): AsyncGenerator<NegotiationEvent, void> {
    const { of, role } = phase;
    const { settings } = this.#request;
    const turn = of === 'completion' ? course.agreements.length : phase.turn;
    const limit = of === 'utterance' ? settings.maxUtteranceTokens : settings.maxCompletionTokens;
    const { row } = course;
    const from = of === 'utterance' ? this.#listeners.get(row) : undefined;
    this.#listeners.delete(row);
    const { context, promptIds, numReused } = await this.#open(course, phase, from);
    const growing = new GrowingUtterance(this.#io.tokenizer, context, { kind: of, role, turn }, promptIds, limit);
    const speaker: Speaker = { course, growing, ...(from && { from }) };
    this.#speaking.push(speaker);
    const [numPromptTokens, numSharedTokens] = [promptIds.length, numReused];
    yield { kind: 'utteranceStarted', of, role, turn, row, numPromptTokens, numSharedTokens };
    const heardBy = await this.#listen(course, phase);
    if (heardBy !== undefined) this.#speaking.splice(this.#speaking.indexOf(speaker), 1, { ...speaker, heardBy });
  }

  /** The context that a row speaks from. @param from  the side's listener, if it has listened; disposed of on failure */
  async #open(
    course: DialogueCourse,
    phase: Phase,
    from: Listener | undefined,
  ): Promise<{ readonly context: Context; readonly promptIds: readonly number[]; readonly numReused: number }> {
    const { role } = phase;
    if (from !== undefined) {
      const speech = this.#decoder.createBlock(`${role} speaks`);
      try {
        const { context, promptIds, numReused } = await from.speak(speech);
        return { context, promptIds, numReused };
      } catch (error) {
        speech[Symbol.dispose]();
        from[Symbol.dispose]();
        throw error;
      }
    }
    const { ids: promptIds, shared, kind } = this.#promptOf(course, phase);
    const held = course.contexts.get(role);
    course.contexts.delete(role);
    const { signal } = this.#io;
    const adapter = this.#adapterOf(role);
    const opened = await this.#reader.open(kind, shared, promptIds, { adapter, held, ...(signal && { signal }) });
    return { ...opened, promptIds };
  }

  /** The other side of an utterance that begins, if it thinks while it listens and will speak again. */
  async #listen(course: DialogueCourse, { of, role: speaking, turn }: Phase): Promise<Listener | undefined> {
    const { settings } = this.#request;
    const role = speaking === 'agent1' ? 'agent2' : 'agent1';
    const next = role === 'agent2' ? turn : turn + 1;
    const thinks = settings.thinking === 'both' || settings.thinking === role;
    if (of === 'completion' || !thinks || next > settings.maxTurns || this.#control.isTakenOver(course.row, role))
      return undefined;
    const place = course.utterances.length;
    const listening = this.#prompts.listening(role, course.utterances);
    const held = course.contexts.get(role);
    course.contexts.delete(role);
    const { signal } = this.#io;
    const adapter = this.#adapterOf(role);
    const shared = this.#prompts.opening(role).slice(0, -1);
    const options = { adapter, held, ...(signal && { signal }) };
    const { context } = await this.#reader.open(role, shared, listening.before, options);
    const listener = new Listener(this.#decoder, this.#reader, context, listening, {
      tokenizer: this.#io.tokenizer,
      role,
      row: course.row,
      turn: next,
      place: place + 1,
      limit: settings.maxThoughtTokens,
      sampling: course.sampling('utterance', settings),
      adapter,
      signal,
    });
    try {
      await listener.begin();
    } catch (error) {
      listener[Symbol.dispose]();
      throw error;
    }
    return listener;
  }

  #forget(row: number): void {
    this.#listeners.get(row)?.[Symbol.dispose]();
    this.#listeners.delete(row);
  }

  #promptOf(
    course: DialogueCourse,
    { of, role }: Phase,
  ): { readonly kind: string; readonly ids: readonly number[]; readonly shared: readonly number[] } {
    if (of === 'utterance')
      return {
        kind: role,
        ids: this.#prompts.next(role, course.utterances),
        shared: this.#prompts.opening(role).slice(0, -1),
      };
    const { ids, numShared } = this.#prompts.completion(course.utterances);
    return { kind: of, ids, shared: ids.slice(0, Math.min(numShared, ids.length - 1)) };
  }

  /** One token of every row, and one thought of every side that thinks. */
  async *#step(): AsyncGenerator<NegotiationEvent, void> {
    await this.#control.pass('token', this.#io.signal);
    const speaking = [...this.#speaking];
    const listening = speaking.map(({ growing, heardBy }) => heardBy?.rows(growing.said) ?? []);
    const results = await this.#decoder.forward([
      ...speaking.map(({ course, growing, from }) => ({
        view: [...(from?.view ?? []), growing.context.block],
        tokenIds: [growing.pendingId],
        output: {
          kind: 'token' as const,
          sampling: course.sampling(growing.spoken.kind, this.#request.settings),
          step: growing.nextStep(course.utterances.length),
        },
        adapter: this.#adapterOf(growing.spoken.role),
      })),
      ...listening.flat(),
    ]);
    const tokens = speaking.map(({ course, growing }, index): RowToken => {
      const { tokenId, logProb } = at(results, index);
      return { row: course.row, tokenId, logProb, text: growing.push(tokenId, logProb) };
    });
    let next = speaking.length;
    const thoughts = speaking.flatMap(({ heardBy }, index): ThoughtToken[] => {
      const own = results.slice(next, (next += at(listening, index).length));
      const thought = heardBy?.take(own);
      return thought === undefined ? [] : [thought];
    });
    yield { kind: 'stepped', tokens, ...(thoughts.length > 0 && { thoughts }) };
    for (const speaker of speaking) if (speaker.growing.hasEnded) yield* this.#end(speaker);
  }

  async *#end(speaker: Speaker): AsyncGenerator<NegotiationEvent, void> {
    const { course, growing, from, heardBy } = speaker;
    const { row } = course;
    const utterance = growing.finish();
    const thoughts = await heardBy?.finish(growing.content);
    this.#speaking.splice(this.#speaking.indexOf(speaker), 1);
    if (heardBy !== undefined) this.#listeners.set(row, heardBy);
    if (utterance.kind === 'completion') course.completion = utterance;
    else course.utterances.push(utterance);
    this.#put(course, utterance, growing.context, from);
    yield { kind: 'utteranceEnded', row, utterance };
    if (thoughts === undefined || thoughts.tokenIds.length === 0) return;
    course.thoughts.push(thoughts);
    yield { kind: 'thoughtsEnded', row, thoughts };
  }

  /** Keeps what a side's next prompt begins with, and frees the rest. */
  #put(course: DialogueCourse, { kind, role }: Utterance, spoken: Context, from: Listener | undefined): void {
    if (from !== undefined) spoken.block[Symbol.dispose]();
    const context = from?.release() ?? spoken;
    if (kind === 'utterance' && this.#request.plan.keepsContext) course.contexts.set(role, context);
    else context.block[Symbol.dispose]();
  }

  #adapterOf(role: NegotiationRole): AdapterUse {
    const { adapterAgent1, adapterAgent2 } = this.#request.settings;
    return role === 'agent1' ? adapterAgent1 : adapterAgent2;
  }
}
