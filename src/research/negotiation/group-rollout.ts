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
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type { NegotiationPrompts } from '@/protocol/negotiation-prompts.ts';
import {
  NEGOTIATION_ROLES,
  type GroupRecord,
  type NegotiationEvent,
  type NegotiationRole,
  type RolloutPlan,
  type RowToken,
  type Utterance,
} from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { EngineAgreement, type AgreementJudge } from './agreement.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { DialogueCourse, type DialogueStart } from './dialogue-course.ts';
import { DialoguePrompts } from './dialogue-prompts.ts';
import { planRollout } from './plan-rollout.ts';
import { DEFAULT_READER_LIMITS, PromptReader } from './prompt-reader.ts';
import { RolloutControl } from './rollout-control.ts';
import { GrowingUtterance, personUtterance } from './growing-utterance.ts';

export interface GroupRequest {
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
  readonly settings: NegotiationSettings;
  /** Rows by number. Default: `groupSize` dialogues from their beginning. */
  readonly starts?: readonly DialogueStart[];
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
  const starts = checkedStarts(request);
  const task = { dilemma: dilemma.prompt, persona1: pair.persona1, persona2: pair.persona2 };
  const prompts = new DialoguePrompts(io.tokenizer, io.prompts, task, settings);
  const maxForwardTokens = io.maxForwardTokens ?? DEFAULT_READER_LIMITS.maxForwardTokens;
  const plan = request.plan ?? planRollout(prompts, settings, starts.length, decoder.freeTokens, maxForwardTokens);
  using group = new RunningGroup(decoder, { ...request, plan }, io, prompts);
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

  constructor(
    decoder: Decoder,
    request: GroupRequest & { readonly plan: RolloutPlan },
    io: RolloutIo,
    prompts: DialoguePrompts,
  ) {
    const { settings, plan } = request;
    this.#decoder = decoder;
    this.#request = request;
    this.#io = io;
    this.#prompts = prompts;
    this.#reader = new PromptReader(decoder, plan);
    this.#agreement = io.agreement ?? new EngineAgreement(this.#reader, io.tokenizer, prompts, settings);
    this.#control = io.control ?? new RolloutControl();
    this.courses = checkedStarts(request).map((start) => new DialogueCourse(start, settings.seed));
  }

  [Symbol.dispose](): void {
    for (const { growing } of this.#speaking) growing.context.block[Symbol.dispose]();
    for (const course of this.courses) course[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
  }

  async *run(): AsyncGenerator<NegotiationEvent, void> {
    const { maxTurns, completeOnFailure } = this.#request.settings;
    for (let turn = 1; turn <= maxTurns; turn++) {
      let hasSpoken = false;
      for (const [index, role] of NEGOTIATION_ROLES.entries()) {
        const place = 2 * (turn - 1) + index;
        const rows = this.#open().filter(({ utterances }) => utterances.length === place);
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

  #open(): DialogueCourse[] {
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
    const judging = this.#open().filter(
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
    for (const course of this.#open()) {
      if (!course.hasAgreed && turn < settings.maxTurns) continue;
      course.outcome = course.hasAgreed ? 'agreed' : 'failed';
      course[Symbol.dispose]();
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
    const { ids: promptIds, shared, kind } = this.#promptOf(course, phase);
    const held = course.contexts.get(role);
    course.contexts.delete(role);
    const { signal } = this.#io;
    const { context, numReused } = await this.#reader.open(kind, shared, promptIds, {
      adapter: this.#adapterOf(role),
      held,
      ...(signal && { signal }),
    });
    const spoken = { kind: of, role, turn };
    const limit = of === 'utterance' ? settings.maxUtteranceTokens : settings.maxCompletionTokens;
    this.#speaking.push({
      course,
      growing: new GrowingUtterance(this.#io.tokenizer, context, spoken, promptIds, limit),
    });
    const [numPromptTokens, numSharedTokens] = [promptIds.length, numReused];
    yield { kind: 'utteranceStarted', of, role, turn, row: course.row, numPromptTokens, numSharedTokens };
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

  /** One token of every row. */
  async *#step(): AsyncGenerator<NegotiationEvent, void> {
    await this.#control.pass('token', this.#io.signal);
    const speaking = [...this.#speaking];
    const results = await this.#decoder.forward(
      speaking.map(({ course, growing }) => ({
        view: [growing.context.block],
        tokenIds: [growing.pendingId],
        output: {
          kind: 'token' as const,
          sampling: course.sampling(growing.spoken.kind, this.#request.settings),
          step: growing.nextStep(course.utterances.length),
        },
        adapter: this.#adapterOf(growing.spoken.role),
      })),
    );
    const tokens = speaking.map(({ course, growing }, index): RowToken => {
      const { tokenId, logProb } = at(results, index);
      return { row: course.row, tokenId, logProb, text: growing.push(tokenId, logProb) };
    });
    yield { kind: 'stepped', tokens };
    for (const speaker of speaking) if (speaker.growing.hasEnded) yield this.#end(speaker);
  }

  #end(speaker: Speaker): NegotiationEvent {
    const { course, growing } = speaker;
    this.#speaking.splice(this.#speaking.indexOf(speaker), 1);
    const utterance = growing.finish();
    if (utterance.kind === 'completion') course.completion = utterance;
    else course.utterances.push(utterance);
    if (this.#request.plan.keepsContext && utterance.kind === 'utterance')
      course.contexts.set(utterance.role, growing.context);
    else growing.context.block[Symbol.dispose]();
    return { kind: 'utteranceEnded', row: course.row, utterance };
  }

  #adapterOf(role: NegotiationRole): AdapterUse {
    const { adapterAgent1, adapterAgent2 } = this.#request.settings;
    return role === 'agent1' ? adapterAgent1 : adapterAgent2;
  }
}

function checkedStarts({ starts, settings }: GroupRequest): readonly DialogueStart[] {
  const rows: readonly DialogueStart[] = starts ?? Array.from({ length: settings.groupSize }, (_, row) => ({ row }));
  for (const { row, utterances = [], agreements = [] } of rows) {
    const isInTurn = utterances.every(({ role }, index) => role === NEGOTIATION_ROLES[index % 2]);
    const isShort =
      utterances.length <= 2 * settings.maxTurns && agreements.length <= Math.floor(utterances.length / 2);
    if (!isInTurn || !isShort)
      throw new Failure<FailureCode>(
        'invalidConfig',
        `starts: row ${row}: Both sides speak in turn, agent 1 first, for at most ${settings.maxTurns} turns, and no more ` +
          'exchanges are judged than there are.',
      );
  }
  if (rows.length === 0 || new Set(rows.map(({ row }) => row)).size < rows.length)
    throw new Failure<FailureCode>('invalidConfig', 'starts: Give at least one row, each with a number of its own.');
  return rows;
}
