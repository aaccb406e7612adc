/**
 * One agent alone answers a dilemma, in several rows of one batch: the paper's baseline, and its open questions. The rows
 * draw as a group's do, so a row's tokens depend on the settings and its number, not on the other rows.
 */
import type { Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { type Dilemma, NO_PAIR } from '@/protocol/negotiation.ts';
import type { NegotiationPrompts } from '@/protocol/negotiation-prompts.ts';
import type { GroupRecord, NegotiationEvent, RolloutPlan, RowToken } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { DialogueCourse } from './dialogue-course.ts';
import type { RolloutIo } from './group-rollout.ts';
import { GrowingUtterance } from './growing-utterance.ts';
import { BLOCK_SLACK } from './plan-rollout.ts';
import { DEFAULT_READER_LIMITS, MAX_ROWS, PromptReader } from './prompt-reader.ts';
import { promptTokens, withoutSlots } from './prompt-tokens.ts';

export interface AloneRequest {
  readonly dilemma: Dilemma;
  /**
   * Answers have up to `maxCompletionTokens`, are sampled with `utteranceTemperature` and `utteranceTopP`, and speak with
   * what `adapterAgent1` says. Nothing of a dialogue counts.
   */
  readonly settings: NegotiationSettings;
  /** Numbers of the rows, all different; each draws otherwise. Default: from 0 to below `groupSize`. */
  readonly rows?: readonly number[];
  /** Of the run that is to be repeated. Default: what the decoder has room for. */
  readonly plan?: RolloutPlan;
}

export type AloneIo = Pick<RolloutIo, 'tokenizer' | 'control' | 'signal' | 'maxForwardTokens'> & {
  readonly prompts: Pick<NegotiationPrompts, 'alone'>;
};

/** Turns count from 1 on; an answer alone is the first and only thing that is said. */
const TURN = 1;
const KIND = 'alone';

/**
 * @returns a group whose dialogues have a completion and no utterances or agreements, of `NO_PAIR`. Ended by `io.signal`,
 *          the outcome of an answer that was under way is 'stopped', and it is dropped; otherwise all have 'agreed'
 * @throws {Failure} 'contextFull' if not even one answer fits; whatever the decoder throws
 */
export async function* answerAlone(
  decoder: Decoder,
  request: AloneRequest,
  io: AloneIo,
): AsyncGenerator<NegotiationEvent, GroupRecord> {
  const { dilemma, settings } = request;
  const rows = checkedRows(request.rows ?? Array.from({ length: settings.groupSize }, (_, row) => row));
  const messages = io.prompts.alone({ dilemma: withoutSlots(dilemma.prompt) });
  const promptIds = promptTokens(io.tokenizer, messages, []).ids;
  const maxForwardTokens = io.maxForwardTokens ?? DEFAULT_READER_LIMITS.maxForwardTokens;
  const plan = request.plan ?? planAlone(promptIds.length, settings, rows.length, decoder.freeTokens, maxForwardTokens);
  const courses = rows.map((row) => new DialogueCourse({ row }, settings.seed));
  yield { kind: 'started', plan, rows };
  try {
    using reader = new PromptReader(decoder, plan);
    for (let start = 0; start < courses.length; start += plan.rowsPerForward) {
      using answers = new GrowingAnswers(decoder, reader, promptIds, settings, io);
      yield* answers.write(courses.slice(start, start + plan.rowsPerForward));
    }
  } catch (error) {
    if (io.signal?.aborted !== true) throw error;
  }
  const dialogues = courses.map((course) => course.record());
  return { format: 'duet-negotiation-1', dilemma, pair: NO_PAIR, settings, plan, dialogues };
}

function checkedRows(rows: readonly number[]): readonly number[] {
  if (new Set(rows).size === rows.length) return rows;
  throw new Failure<FailureCode>('invalidConfig', 'rows: Give each row a number of its own.');
}

/** As many rows at once as fit beside the prompt that they share. */
function planAlone(
  promptLength: number,
  { maxCompletionTokens }: NegotiationSettings,
  numRows: number,
  freeTokens: number,
  maxForwardTokens: number,
): RolloutPlan {
  const shared = promptLength + BLOCK_SLACK;
  const own = maxCompletionTokens + BLOCK_SLACK;
  const rowsPerForward = Math.min(MAX_ROWS, numRows, Math.floor((freeTokens - shared) / own));
  if (rowsPerForward < 1 && numRows > 0)
    throw new Failure<FailureCode>(
      'contextFull',
      `One answer can need ${shared + own} tokens of context, and ${freeTokens} are free. Load the model with a longer ` +
        'context, or choose shorter answers.',
      { needed: shared + own, free: freeTokens },
    );
  return { rowsPerForward: Math.max(1, rowsPerForward), maxForwardTokens, keepsContext: false };
}

interface Writer {
  readonly course: DialogueCourse;
  readonly growing: GrowingUtterance;
}

/** Answers that are written together. */
class GrowingAnswers {
  readonly #decoder: Decoder;
  readonly #reader: PromptReader;
  readonly #promptIds: readonly number[];
  readonly #settings: NegotiationSettings;
  readonly #io: AloneIo;
  #writing: Writer[] = [];

  constructor(
    decoder: Decoder,
    reader: PromptReader,
    promptIds: readonly number[],
    settings: NegotiationSettings,
    io: AloneIo,
  ) {
    this.#decoder = decoder;
    this.#reader = reader;
    this.#promptIds = promptIds;
    this.#settings = settings;
    this.#io = io;
  }

  [Symbol.dispose](): void {
    for (const { growing } of this.#writing) growing.context.block[Symbol.dispose]();
  }

  async *write(courses: readonly DialogueCourse[]): AsyncGenerator<NegotiationEvent, void> {
    for (const course of courses) yield* this.#begin(course);
    while (this.#writing.length > 0) yield* this.#step();
  }

  /** The prompt is encoded once; each row goes on from a fork of it. */
  async *#begin(course: DialogueCourse): AsyncGenerator<NegotiationEvent, void> {
    const { signal, tokenizer } = this.#io;
    const [promptIds, adapter] = [this.#promptIds, this.#settings.adapterAgent1];
    const options = { adapter, ...(signal && { signal }) };
    const { context, numReused } = await this.#reader.open(KIND, promptIds.slice(0, -1), promptIds, options);
    const spoken = { kind: 'completion', role: 'agent1', turn: TURN } as const;
    const growing = new GrowingUtterance(tokenizer, context, spoken, promptIds, this.#settings.maxCompletionTokens);
    this.#writing.push({ course, growing });
    const { kind: of, role, turn } = spoken;
    const [numPromptTokens, numSharedTokens] = [promptIds.length, numReused];
    yield { kind: 'utteranceStarted', of, role, turn, row: course.row, numPromptTokens, numSharedTokens };
  }

  /** One token of every row. */
  async *#step(): AsyncGenerator<NegotiationEvent, void> {
    const { control, signal } = this.#io;
    await control?.pass('token', signal);
    signal?.throwIfAborted();
    const results = await this.#decoder.forward(
      this.#writing.map(({ course, growing }) => ({
        view: [growing.context.block],
        tokenIds: [growing.pendingId],
        output: {
          kind: 'token',
          sampling: course.sampling('utterance', this.#settings),
          step: growing.nextStep(0),
        },
        adapter: this.#settings.adapterAgent1,
      })),
    );
    const tokens = this.#writing.map(({ course, growing }, index): RowToken => {
      const { tokenId, logProb } = at(results, index);
      return { row: course.row, tokenId, logProb, text: growing.push(tokenId, logProb) };
    });
    yield { kind: 'stepped', tokens };
    const ended = this.#writing.filter(({ growing }) => growing.hasEnded);
    this.#writing = this.#writing.filter(({ growing }) => !growing.hasEnded);
    for (const { growing } of ended) growing.context.block[Symbol.dispose]();
    for (const { course, growing } of ended) {
      const utterance = growing.finish();
      course.completion = utterance;
      course.outcome = 'agreed';
      yield { kind: 'utteranceEnded', row: course.row, utterance };
      yield { kind: 'dialogueEnded', row: course.row, outcome: 'agreed' };
    }
  }
}
