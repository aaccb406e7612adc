/** Checks a run that comes from a file or a script: a recording, or a trace without what the page adds. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from './failures.ts';
import type { Recording } from './recording.ts';
import { reasoningSettingsSchema } from './reasoning-settings.ts';
import type { ReasoningTrace } from './reasoning.ts';

/** Characters of a file; a run of 5,000 steps with attention has about a tenth of it. */
export const MAX_RUN_CHARACTERS = 128_000_000;

const MAX_STEPS = 100_000;
const MAX_EVENTS = 400_000;
const MAX_TOKENS = 400_000;
const MAX_BLOCKS = 4096;
const MAX_LAYERS = 512;
const MAX_HEAD_DIM = 1024;

// `z.number()` refuses NaN and the infinities, and `z.int()` what is too large to count with.
const count = z.int().nonnegative();
const number = z.number();
const list = <Item extends z.ZodType>(item: Item, longest: number): z.ZodArray<Item> => z.array(item).max(longest);
const ids = list(count, MAX_TOKENS);
const text = z.string().max(1_000_000);
const tokenText = z.string().max(100_000);
const name = z.string().max(200);
const blockName = z.string().min(1).max(200);
const stream = z.enum(['thinker', 'writer']);
const traceState = z.enum(['thinker_only', 'thinker_and_writer', 'writer_only']);
const lengths = list(count, MAX_BLOCKS);
const offsets = list(number, MAX_BLOCKS);
const top = list(z.tuple([count, number]), 256);
const views = z.record(blockName, list(blockName, MAX_BLOCKS));

const eventKind = z.enum([
  'append_input',
  'edit_input',
  'inject',
  'start_thinker',
  'start_writer',
  'set_params',
  'fill',
  'rewind',
  'hold_writer',
  'wake',
  'next_turn',
]);

const params = z.looseObject({
  budget: count,
  probe_interval: number,
  yes_bias: number,
  margin_threshold: number.optional(),
  hysteresis: number.optional(),
  min_writer_steps: number.optional(),
  probe_at_paragraphs: z.boolean().optional(),
  paragraph_pause: z.boolean().optional(),
  thought_budget: number.optional(),
  question: text.optional(),
  question_ids: ids,
  yes_ids: ids,
  no_ids: ids,
  forbidden: z.looseObject({ thinker: ids, writer: ids }),
  forbidden_penalty: number,
  eos_ids: ids,
  end_of_think_ids: ids,
  probe_rule: z.enum(['continue', 'pause']).optional(),
  probe_overlapped: z.boolean().optional(),
  read_attention: list(stream, 2).optional(),
  sampling: z
    .looseObject({ temperature: number, top_k: number, top_p: number, min_p: number, seed: number })
    .optional(),
});

/** What a run is made from; the worker checks its ids against the model. */
export const traceSetupSchema = z.looseObject({
  design: z.enum(['A', 'B']),
  problem: text.optional(),
  row_order: list(stream, 2),
  blocks: list(blockName, MAX_BLOCKS),
  views,
  prefill: list(z.looseObject({ view: list(blockName, MAX_BLOCKS), ids, text: text.optional() }), MAX_BLOCKS),
  stream_tokens: z.looseObject({ thinker: ids, writer: ids }),
  events: list(z.looseObject({ step: count, kind: eventKind, ids: ids.optional(), text: text.optional() }), MAX_EVENTS),
  params,
});

const attention = z.looseObject({
  mass: list(list(number, MAX_BLOCKS), MAX_LAYERS),
  most_read: list(z.tuple([count, count, number]), 16),
  head: z
    .looseObject({
      layer: count,
      head: count,
      rope_theta: number.positive(),
      query: list(number, MAX_HEAD_DIM),
      keys: list(
        z.looseObject({ block: count, token: count, mass: number, key: list(number, MAX_HEAD_DIM) }),
        MAX_BLOCKS,
      ),
    })
    .optional(),
});

const row = z
  .looseObject({
    stream,
    input: count,
    lengths,
    loc: offsets,
    token: count,
    margin: number,
    top,
    logsumexp: number,
    attention: attention.optional(),
  })
  .refine(({ lengths: blocks, loc }) => blocks.length === loc.length, {
    path: ['loc'],
    error: 'must be as long as lengths',
  })
  .refine(
    ({ lengths: blocks, attention: read }) => read?.mass.every((layer) => layer.length === blocks.length) ?? true,
    {
      path: ['attention', 'mass'],
      error: 'must have one number for each block of the view',
    },
  );

const probe = z.looseObject({
  why: list(z.enum(['interval', 'paragraph']), 2),
  lengths,
  loc: offsets,
  yes_logits: list(number, 64),
  no_logits: list(number, 64),
  score: number,
  limit: number.optional(),
  yes: z.boolean(),
  passed_over: z.boolean().optional(),
  logsumexp: number,
});

const step = z.looseObject({
  step: count,
  state: traceState,
  events: list(
    z.looseObject({
      kind: eventKind,
      lengths,
      loc: offsets,
      stream: stream.optional(),
      encoded: ids.optional(),
      token: count.optional(),
      margin: number.optional(),
      top: top.optional(),
      logsumexp: number.optional(),
      views: views.optional(),
    }),
    1000,
  ).optional(),
  rows: list(row, 2).refine((rows) => new Set(rows.map((made) => made.stream)).size === rows.length, {
    error: 'must not hold a stream twice',
  }),
  probe: probe.optional(),
  state_after: traceState,
  elapsed_ms: number.optional(),
});

const stopReason = z.enum(['budget', 'writer_eos', 'stopped', 'context_full']);

const traceFields = {
  format: z.literal('async-trace-1'),
  setup: traceSetupSchema,
  result: z.looseObject({
    prefill_results: list(z.looseObject({ block: blockName, lengths, loc: offsets }), MAX_BLOCKS),
    steps: list(step, MAX_STEPS).refine((steps) => steps.every((made, index) => made.step === index), {
      error: 'must be numbered from 0 on, without a gap',
    }),
    final: z.looseObject({
      stop: stopReason,
      state: traceState,
      thinker_tokens: ids,
      writer_tokens: ids,
      lengths: z.record(blockName, count),
    }),
    turns: list(z.looseObject({ thinker_tokens: ids, writer_tokens: ids }), 10_000).optional(),
  }),
  text: z.looseObject({ thinker: text, writer: text }),
};

// What the person did before the run had begun has a time in front of it.
const elapsedMs = number.min(-86_400_000).max(86_400_000_000);

const input = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('draft'), elapsedMs, text, sent: z.boolean() }),
  z.looseObject({ kind: z.literal('remark'), elapsedMs, text }),
  z.looseObject({ kind: z.enum(['pause', 'resume', 'stop']), elapsedMs }),
]);

const streamContent = z.looseObject({ text, tokens: count });

const event = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.enum(['started', 'resumed']), elapsedMs }),
  z.looseObject({
    kind: z.literal('stepped'),
    elapsedMs,
    step: count,
    thinkerText: tokenText,
    writerText: tokenText,
    cut: z.looseObject({ thinker: streamContent, writer: streamContent }).optional(),
  }),
  z.looseObject({
    kind: z.literal('draftRead'),
    elapsedMs,
    step: count,
    draftTokens: count,
    heldBackTokens: count,
    keptTokens: count,
    addedTokens: count,
    removedTokens: count,
  }),
  z.looseObject({
    kind: z.literal('thoughtsAffected'),
    elapsedMs,
    step: count,
    policy: z.enum(['keep', 'rewind', 'restart']),
    tokens: count,
    range: z.looseObject({ from: count, to: count }),
  }),
  z.looseObject({ kind: z.literal('reading'), elapsedMs, doneTokens: count, totalTokens: count }),
  z.looseObject({ kind: z.literal('remarkRead'), elapsedMs, step: count, text }),
  z.looseObject({ kind: z.literal('turnStarted'), elapsedMs, step: count, turn: count }),
  z.looseObject({
    kind: z.literal('waiting'),
    elapsedMs,
    reason: z.enum(['emptyDraft', 'budget', 'paused', 'contextFull', 'speech', 'followUp']),
    missingTokens: count.optional(),
  }),
  z.looseObject({ kind: z.literal('stopped'), elapsedMs, reason: stopReason }),
]);

const info = z.looseObject({
  version: z.literal(1, { error: 'is not 1. This file was made by another version of Duet; open it there' }),
  id: z.string().min(1).max(100),
  name,
  createdAt: z.iso.datetime({ offset: true }),
  madeBy: name.optional(),
  model: z.looseObject({ id: z.string().max(2000), name: z.string().max(500), sha256: z.string().max(200).nullable() }),
  device: z.looseObject({ vendor: name, architecture: name, isSoftware: z.boolean() }),
  settings: reasoningSettingsSchema,
  inputs: list(input, MAX_EVENTS),
  events: list(event, MAX_EVENTS),
});

const traceSchema = z.looseObject(traceFields);

/** Every step of the trace is told of once, in order. */
const recordingSchema = z.looseObject({ ...traceFields, recording: info }).refine(
  ({ result, recording }) => {
    const told = recording.events.filter((entry) => entry.kind === 'stepped');
    return told.length === result.steps.length && told.every((entry, index) => entry.step === index);
  },
  { path: ['recording', 'events'], error: 'must tell of each step of result.steps once, in order' },
);

/**
 * @param value  anything, such as the content of a file
 * @throws {Failure} 'invalidConfig'; `details.field` names the first field at fault
 */
export function checkRun(value: unknown): Recording | ReasoningTrace {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal('', 'is not a run. Choose a file that Duet has exported, or a trace of the format async-trace-1');
  }
  const parsed = ('recording' in value ? recordingSchema : traceSchema).safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refusal(issue?.path.join('.') ?? '', lowerFirst(issue?.message ?? 'is not valid'));
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema checks what the types say
  return value as Recording | ReasoningTrace;
}

/**
 * @param source  the text of a file
 * @throws {Failure} 'invalidConfig'
 */
export function readRun(source: string): Recording | ReasoningTrace {
  if (source.length > MAX_RUN_CHARACTERS) {
    throw refusal('', `is larger than ${MAX_RUN_CHARACTERS / 1e6} MB, which is more than a run can be`);
  }
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw refusal('', 'is not complete JSON. Export the run anew, and choose that file as it is');
  }
  return checkRun(value);
}

function refusal(field: string, message: string): Failure<FailureCode> {
  const shown = field === '' ? 'The file' : `The field ${field}`;
  return new Failure('invalidConfig', `${shown}: ${message}.`, { field });
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
