/**
 * A recorded negotiation: the group's record, and when the page heard of what. A file holds of each event only what the
 * record does not: which token it was, and its probability, stand there.
 */
import { z } from 'zod';
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { checkInput } from './check-input.ts';
import type { FailureCode } from './failures.ts';
import type { RolloutEvent } from './negotiation-api.ts';
import { RecordReader } from './negotiation-record-reader.ts';
import type { GroupRecord, RowToken, ThoughtToken } from './negotiation-run.ts';

const FORMAT = 'duet-negotiation-recording-1';

/** Characters of a file. */
export const MAX_RECORDING_CHARACTERS = 32_000_000;

const MAX_EVENTS = 200_000;
const MAX_ROWS = 64;

const name = z.string().max(200);
const row = z
  .int()
  .min(0)
  .max(MAX_ROWS - 1);
const role = z.enum(['agent1', 'agent2']);
const turn = z.int().min(1).max(1000);
const count = z.int().min(0).max(1_000_000);
const piece = z.string().max(10_000);
const of = z.enum(['utterance', 'completion']);

const eventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('started'), rows: z.array(row).min(1).max(MAX_ROWS) }),
  z.strictObject({
    kind: z.literal('utteranceStarted'),
    row,
    of,
    role,
    turn,
    numPromptTokens: count,
    numSharedTokens: count,
  }),
  z.strictObject({
    kind: z.literal('stepped'),
    said: z.array(z.tuple([row, piece])).max(MAX_ROWS),
    thought: z
      .array(z.tuple([row, role, piece]))
      .max(MAX_ROWS)
      .exactOptional(),
  }),
  z.strictObject({ kind: z.literal('utteranceEnded'), row, of, role, turn }),
  z.strictObject({ kind: z.enum(['thoughtsEnded', 'awaitingPerson']), row, role, turn }),
  z.strictObject({ kind: z.literal('agreementJudged'), row, turn }),
  z.strictObject({ kind: z.enum(['dialogueEnded', 'judged']), row }),
]);

type WrittenEvent = z.output<typeof eventSchema>;

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  id: z
    .string()
    .max(100)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'It must be lower-case words with hyphens between them'),
  name: name.min(1),
  /** What is worth looking at. */
  note: z.string().max(1000),
  createdAt: z.iso.datetime({ offset: true }),
  madeBy: name.exactOptional(),
  model: z.strictObject({ id: z.string().max(2000), name, sha256: z.string().max(200).nullable() }),
  device: z.strictObject({ vendor: name, architecture: name, isSoftware: z.boolean() }),
  judge: name,
  group: z.unknown(),
  events: z
    .array(z.strictObject({ atMs: z.number().min(0).max(86_400_000), event: eventSchema }))
    .min(1)
    .max(MAX_EVENTS)
    .refine((events) => events.every(({ atMs }, index) => atMs >= (events[index - 1]?.atMs ?? 0)), {
      error: 'the times must not run backwards',
    }),
});

export type NegotiationRecordingFile = z.output<typeof fileSchema>;

/** What a recording says of itself. */
export type RecordingHead = Omit<NegotiationRecordingFile, 'group' | 'events'>;

export interface TimedRolloutEvent {
  /** Since the first one. */
  readonly atMs: number;
  readonly event: RolloutEvent;
}

export interface NegotiationRecording extends Readonly<RecordingHead> {
  readonly group: GroupRecord;
  readonly events: readonly TimedRolloutEvent[];
}

const CALL = 'The recording';

/** What a file holds of a run. What the record has nothing of, such as an utterance cut off by hand, is left out. */
export function recordingFile(
  head: Omit<RecordingHead, 'format'>,
  group: GroupRecord,
  events: readonly TimedRolloutEvent[],
): NegotiationRecordingFile {
  const record = new RecordReader(group);
  const firstMs = events[0]?.atMs ?? 0;
  const written = events.flatMap(({ atMs, event }) => {
    const kept = writtenEvent(record, event);
    return kept === undefined ? [] : [{ atMs: Math.round(atMs - firstMs), event: kept }];
  });
  return { format: FORMAT, ...head, group, events: written };
}

function writtenEvent(record: RecordReader, event: RolloutEvent): WrittenEvent | undefined {
  switch (event.kind) {
    case 'started':
      return { kind: event.kind, rows: [...event.rows] };
    case 'utteranceStarted':
      record.begin(event);
      return record.utterance(event) === undefined ? undefined : event;
    case 'stepped': {
      const said = event.tokens.flatMap(({ text, ...token }): [number, string][] =>
        isNext(token, record.nextToken(token.row)) ? [[token.row, text]] : [],
      );
      const thought = (event.thoughts ?? []).flatMap(
        ({ text, role: side, ...token }): [number, typeof side, string][] =>
          isNext(token, record.nextThought(token.row, side)) ? [[token.row, side, text]] : [],
      );
      if (said.length === 0 && thought.length === 0) return undefined;
      return { kind: event.kind, said, ...(thought.length > 0 && { thought }) };
    }
    case 'utteranceEnded': {
      const { kind, role: side, turn: at } = event.utterance;
      const spoken = { row: event.row, of: kind, role: side, turn: at };
      return record.utterance(spoken) === undefined ? undefined : { kind: event.kind, ...spoken };
    }
    case 'thoughtsEnded': {
      const { role: side, turn: at } = event.thoughts;
      const ended = record.endThoughts(event.row, side);
      return ended === undefined ? undefined : { kind: event.kind, row: event.row, role: side, turn: at };
    }
    case 'awaitingPerson':
      return event;
    case 'agreementJudged': {
      const { row: at, verdict } = event;
      const isKept = record.agreement(at, verdict.turn) !== undefined;
      return isKept ? { kind: event.kind, row: at, turn: verdict.turn } : undefined;
    }
    case 'dialogueEnded':
      return { kind: event.kind, row: event.row };
    case 'judged':
      return record.dialogue(event.row)?.verdict && { kind: event.kind, row: event.row };
    // What the person in front of the page did then is not what is watched.
    case 'humanAsked':
    case 'paceChanged':
      return undefined;
    default:
      return assertNever(event);
  }
}

/** @throws {Failure} 'internal' if events and record are not of one run */
function isNext({ row: at, tokenId }: Omit<RowToken, 'text'>, next: { readonly tokenId: number } | undefined): boolean {
  if (next === undefined) return false;
  if (next.tokenId === tokenId) return true;
  throw new Failure<FailureCode>('internal', `Row ${at} has token ${tokenId} where the record has ${next.tokenId}.`);
}

/**
 * @param value      the content of a file
 * @param readGroup  checks the record in it
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function checkRecording(value: unknown, readGroup: (group: unknown) => GroupRecord): NegotiationRecording {
  const { group: written, events, ...head } = checkInput(fileSchema, value, CALL);
  const group = readGroup(written);
  const rows = group.dialogues.map((dialogue) => dialogue.row);
  if (new Set(rows).size < rows.length) return refuse('group.dialogues', 'a recording has each row once');
  const record = new RecordReader(group);
  return {
    ...head,
    group,
    events: events.map(({ atMs, event }, index) => {
      const restored = restoredEvent(record, group, event);
      return restored === undefined
        ? refuse(`events.${index}.event`, 'the record holds nothing of the kind')
        : { atMs, event: restored };
    }),
  };
}

function refuse(field: string, fault: string): never {
  throw new Failure<FailureCode>('invalidConfig', `${CALL}: ${field}: ${fault}.`);
}

/** Undefined where the record has nothing that the event could tell of. */
function restoredEvent(record: RecordReader, { plan }: GroupRecord, event: WrittenEvent): RolloutEvent | undefined {
  switch (event.kind) {
    case 'started':
      return event.rows.every((at) => record.dialogue(at) !== undefined) ? { ...event, plan } : undefined;
    case 'utteranceStarted':
      record.begin(event);
      return record.utterance(event) === undefined ? undefined : event;
    case 'stepped':
      return restoredStep(record, event);
    case 'utteranceEnded': {
      const utterance = record.utterance(event);
      return utterance && { kind: event.kind, row: event.row, utterance };
    }
    case 'thoughtsEnded': {
      const thoughts = record.endThoughts(event.row, event.role);
      return thoughts?.turn === event.turn ? { kind: event.kind, row: event.row, thoughts } : undefined;
    }
    case 'awaitingPerson': {
      const { kind, row: at, role: side, turn: when } = event;
      return record.dialogue(at) && { kind, row: at, role: side, turn: when };
    }
    case 'agreementJudged':
    case 'dialogueEnded':
    case 'judged':
      return restoredDecision(record, event);
    default:
      return assertNever(event);
  }
}

function restoredDecision(
  record: RecordReader,
  event: Extract<WrittenEvent, { kind: 'agreementJudged' | 'dialogueEnded' | 'judged' }>,
): RolloutEvent | undefined {
  const { kind, row: at } = event;
  if (kind === 'agreementJudged') {
    const agreement = record.agreement(at, event.turn);
    return agreement && { kind, row: at, verdict: agreement };
  }
  const dialogue = record.dialogue(at);
  if (kind === 'dialogueEnded') return dialogue && { kind, row: at, outcome: dialogue.outcome };
  return dialogue?.verdict && { kind, row: at, verdict: dialogue.verdict };
}

function restoredStep(
  record: RecordReader,
  { said, thought }: Extract<WrittenEvent, { kind: 'stepped' }>,
): RolloutEvent | undefined {
  const tokens = said.flatMap(([at, text]): RowToken[] => {
    const next = record.nextToken(at);
    return next === undefined ? [] : [{ row: at, text, ...next }];
  });
  const thoughts = thought?.flatMap(([at, side, text]): ThoughtToken[] => {
    const next = record.nextThought(at, side);
    return next === undefined ? [] : [{ row: at, role: side, text, ...next }];
  });
  if (tokens.length < said.length || (thoughts?.length ?? 0) < (thought?.length ?? 0)) return undefined;
  return { kind: 'stepped', tokens, ...(thoughts !== undefined && { thoughts }) };
}
