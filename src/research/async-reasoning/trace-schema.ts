/** Checks a `TraceSetup` that comes from outside. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { ReasoningTrace, TraceSetup } from '@/protocol/reasoning.ts';
import { inputViewsOf, STREAMS, turnlessName, turnName } from './block-layout.ts';

const count = z.int().nonnegative();
const ids = z.array(count);
const someIds = ids.min(1, 'must hold at least one token id');
const stream = z.enum(STREAMS);

const blockName = z.string().min(1);

const liveParams = {
  probe_interval: z.int().positive(),
  yes_bias: z.number(),
  margin_threshold: z.number().optional(),
  hysteresis: z.number().nonnegative().optional(),
  min_writer_steps: count.optional(),
  probe_at_paragraphs: z.boolean().optional(),
  paragraph_pause: z.boolean().optional(),
  thought_budget: count.optional(),
};

const inputEvent = z.discriminatedUnion('kind', [
  z.looseObject({ step: count, kind: z.literal('append_input'), ids: someIds, view: blockName.optional() }),
  z.looseObject({ step: count, kind: z.literal('edit_input'), keep: count, ids, view: blockName.optional() }),
  z.looseObject({ step: count, kind: z.literal('inject'), stream, ids: someIds, choose: z.boolean().optional() }),
  z.looseObject({ step: count, kind: z.literal('start_thinker'), ids: someIds }),
  z.looseObject({ step: count, kind: z.literal('start_writer'), ids: someIds }),
  z.looseObject({ step: count, kind: z.literal('wake'), stream, ids: someIds }),
  z.looseObject({ step: count, kind: z.literal('fill'), view: z.array(blockName).min(1), ids: someIds }),
  z.looseObject({ step: count, kind: z.literal('rewind'), thinker: z.int().positive(), writer: count }),
  z.looseObject({ step: count, kind: z.literal('hold_writer'), hold: z.boolean() }),
  z.looseObject({ step: count, kind: z.literal('next_turn'), keep_thoughts: z.boolean(), ids: someIds }),
  z.looseObject({
    step: count,
    kind: z.literal('set_params'),
    probing: z.boolean().optional(),
    ...liveParams,
    probe_interval: liveParams.probe_interval.optional(),
    yes_bias: liveParams.yes_bias.optional(),
  }),
]);

const traceSetup = z.looseObject({
  design: z.enum(['A', 'B']),
  problem: z.string().optional(),
  row_order: z
    .array(stream)
    .length(2)
    .refine((order) => new Set(order).size === 2, 'must name both streams once'),
  blocks: z
    .array(z.string().min(1))
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'must not name a block twice'),
  views: z.record(z.string(), z.array(z.string()).min(1)),
  prefill: z.array(z.looseObject({ view: z.array(z.string()).min(1), ids: someIds, text: z.string().optional() })),
  stream_tokens: z.looseObject({ thinker: someIds, writer: someIds }),
  events: z.array(inputEvent),
  params: z.looseObject({
    budget: count,
    ...liveParams,
    question: z.string().optional(),
    question_ids: someIds,
    yes_ids: someIds,
    no_ids: someIds,
    forbidden: z.looseObject({ thinker: ids, writer: ids }),
    forbidden_penalty: z.number().nonnegative(),
    eos_ids: ids,
    end_of_think_ids: ids,
    probe_rule: z.enum(['continue', 'pause']).optional(),
    probe_overlapped: z.boolean().optional(),
    read_attention: z
      .array(stream)
      .refine((names) => new Set(names).size === names.length, 'must not name a stream twice')
      .optional(),
    sampling: z
      .looseObject({
        temperature: z.number().positive(),
        top_k: count,
        top_p: z.number().positive().max(1),
        min_p: z.number().min(0).max(1),
        seed: z.int().min(0).max(0xffff_ffff),
      })
      .optional(),
  }),
});

type ParsedSetup = z.infer<typeof traceSetup>;

/** A fault that only shows when fields are seen together. */
interface Fault {
  readonly field: string;
  readonly message: string;
}

/**
 * Checks shape and cross-references. Unknown fields are kept.
 *
 * @param value      anything, such as the `setup` of a parsed JSON file
 * @param vocabSize  when given, every id must be below it
 * @throws {Failure} 'invalidConfig'; `details.field` names the first field at fault
 */
export function parseTraceSetup(value: unknown, vocabSize?: number): TraceSetup {
  const parsed = traceSetup.safeParse(value);
  if (!parsed.success) throw invalid(firstFault(parsed.error));
  const { data: setup } = parsed;
  const fault = viewFault(setup) ?? eventFault(setup) ?? vocabularyFault(setup, vocabSize) ?? sequenceFault(setup);
  if (fault !== undefined) throw invalid(fault);
  // The schema checks what the type says; it only spells optional fields in another way.
  return value as TraceSetup;
}

/** What of a recorded step is read again. */
const recordedTrace = z.looseObject({
  format: z.literal('async-trace-1'),
  result: z.looseObject({
    steps: z.array(
      z.looseObject({
        step: count,
        rows: z.array(
          z.looseObject({
            stream,
            input: count,
            token: count,
            lengths: z.array(count),
            top: z.array(z.tuple([count, z.number()])),
            logsumexp: z.number(),
          }),
        ),
        events: z.array(z.looseObject({ kind: z.string(), token: count.optional() })).optional(),
      }),
    ),
  }),
});

/**
 * Checks what of a trace is needed to rebuild its run: the setup, and what was recorded of each step.
 *
 * @throws {Failure} 'invalidConfig'; `details.field` names the first field at fault
 */
export function parseRecordedTrace(value: unknown, vocabSize: number): ReasoningTrace {
  const parsed = recordedTrace.safeParse(value);
  if (!parsed.success) throw invalid(firstFault(parsed.error), 'trace');
  const { steps } = parsed.data.result;
  parseTraceSetup(parsed.data['setup'], vocabSize);
  for (const [i, { step, rows }] of steps.entries()) {
    const field = `result.steps.${i}`;
    if (step !== i) throw invalid({ field: `${field}.step`, message: `is ${step} instead of ${i}` }, 'trace');
    for (const [r, row] of rows.entries()) {
      const outside = [row.input, row.token, ...row.top.map(([id]) => id)].find((id) => id >= vocabSize);
      if (outside !== undefined) {
        const message = `holds the id ${outside}, outside the model's vocabulary of ${vocabSize}`;
        throw invalid({ field: `${field}.rows.${r}`, message }, 'trace');
      }
    }
    if (new Set(rows.map((row) => row.stream)).size !== rows.length)
      throw invalid({ field: `${field}.rows`, message: 'name a stream twice' }, 'trace');
  }
  // The schema checks what is used of it.
  return value as ReasoningTrace;
}

function firstFault(error: z.ZodError): Fault {
  const [issue] = error.issues;
  return { field: issue?.path.join('.') ?? '', message: issue?.message ?? 'has another form' };
}

function invalid({ field, message }: Fault, where = 'setup'): Failure<'invalidConfig'> {
  const name = field === '' ? where : `${where}.${field}`;
  return new Failure('invalidConfig', `${name}: ${message}`, { field: name });
}

function viewFault(setup: ParsedSetup): Fault | undefined {
  const known = new Set(setup.blocks);
  const named = [
    ...Object.entries(setup.views).map(([name, view]) => ({ field: `views.${name}`, view })),
    ...setup.prefill.map(({ view }, i) => ({ field: `prefill.${i}.view`, view })),
  ];
  for (const { field, view } of named) {
    const unknown = view.find((block) => !known.has(block));
    if (unknown !== undefined) return { field, message: `names the block "${unknown}", which is not in setup.blocks` };
    if (new Set(view).size !== view.length) return { field, message: 'names a block twice' };
  }
  for (const name of [...STREAMS, 'probe'])
    if (setup.views[name] === undefined) return { field: `views.${name}`, message: 'is missing' };
  if (setup.views['thinker']?.at(-1) === setup.views['writer']?.at(-1))
    return { field: 'views', message: 'lets both streams write the same block' };
  return undefined;
}

function eventFault(setup: ParsedSetup): Fault | undefined {
  for (const [i, event] of setup.events.entries()) {
    if (event.kind === 'append_input' || event.kind === 'edit_input') {
      const view = event.view ?? 'input';
      if (setup.views[view] === undefined)
        return { field: `events.${i}.kind`, message: `is "${event.kind}", which needs setup.views.${view}` };
      if (!inputViewsOf(setup.views).includes(view))
        return { field: `events.${i}.view`, message: `is "${view}", which holds no text of the user` };
    }
    if (event.kind === 'next_turn' && setup.views['input'] === undefined)
      return { field: `events.${i}.kind`, message: 'is "next_turn", which needs setup.views.input' };
  }
  return undefined;
}

type ParsedEvent = ParsedSetup['events'][number];

/** What an event may name depends on the events in front of it. */
function sequenceFault(setup: ParsedSetup): Fault | undefined {
  let turn = 0;
  let inputs = prefilledInputs(setup);
  for (const [i, event] of [...setup.events.entries()].toSorted(([, a], [, b]) => a.step - b.step)) {
    const fault = (event.kind === 'fill' && fillFault(event.view, setup.blocks, turn)) || keepFault(event, inputs);
    if (fault !== undefined) return { ...fault, field: `events.${i}.${fault.field}` };
    if (event.kind === 'next_turn') {
      turn++;
      inputs = new Map();
    }
  }
  return undefined;
}

function fillFault(view: readonly string[], blocks: readonly string[], turn: number): Fault | undefined {
  // Later turns have blocks of their own, which the run makes.
  const isKnown = (block: string): boolean => {
    const base = turnlessName(block);
    return blocks.includes(base) && Array.from({ length: turn + 1 }, (_, t) => turnName(base, t)).includes(block);
  };
  const unknown = view.find((block) => !isKnown(block));
  if (unknown !== undefined)
    return { field: 'view', message: `names the block "${unknown}", which is not in setup.blocks at that step` };
  return new Set(view).size === view.length ? undefined : { field: 'view', message: 'names a block twice' };
}

/** Tokens of the user's text by view, in front of the first event. */
function prefilledInputs({ views, prefill }: ParsedSetup): Map<string, number> {
  const lengthOf = (block: string | undefined): number =>
    prefill.reduce((sum, { view, ids: prefilled }) => sum + (view.at(-1) === block ? prefilled.length : 0), 0);
  return new Map(inputViewsOf(views).map((name) => [name, lengthOf(views[name]?.at(-1))]));
}

/** @param inputs  changed by the event */
function keepFault(event: ParsedEvent, inputs: Map<string, number>): Fault | undefined {
  if (event.kind !== 'append_input' && event.kind !== 'edit_input') return undefined;
  const view = event.view ?? 'input';
  const held = inputs.get(view) ?? 0;
  const keep = event.kind === 'append_input' ? held : event.keep;
  inputs.set(view, keep + event.ids.length);
  return keep > held ? { field: 'keep', message: `is ${keep}, but the view holds ${held} tokens then` } : undefined;
}

function vocabularyFault(setup: ParsedSetup, vocabSize: number | undefined): Fault | undefined {
  if (vocabSize === undefined) return undefined;
  const { params, stream_tokens: tokens } = setup;
  const lists: [field: string, ids: readonly number[]][] = [
    ...setup.prefill.map((entry, i): [string, readonly number[]] => [`prefill.${i}.ids`, entry.ids]),
    ['stream_tokens.thinker', tokens.thinker],
    ['stream_tokens.writer', tokens.writer],
    ...setup.events.flatMap((entry, i): [string, readonly number[]][] =>
      'ids' in entry ? [[`events.${i}.ids`, entry.ids as readonly number[]]] : [],
    ),
    ['params.question_ids', params.question_ids],
    ['params.yes_ids', params.yes_ids],
    ['params.no_ids', params.no_ids],
    ['params.forbidden.thinker', params.forbidden.thinker],
    ['params.forbidden.writer', params.forbidden.writer],
  ];
  for (const [field, list] of lists) {
    const outside = list.find((id) => id >= vocabSize);
    if (outside !== undefined)
      return { field, message: `holds the id ${outside}, outside the model's vocabulary of ${vocabSize}` };
  }
  return undefined;
}
