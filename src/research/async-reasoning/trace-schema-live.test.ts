/** Setups of live runs: what they add to the reference format, and that each fault is refused by its name. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { TraceSetup } from '@/protocol/reasoning.ts';
import { EOS, type LiveScripts, NEWLINE, readLiveScripts, remark, sent, typed } from '@/testing/live-script.ts';
import { parseTraceSetup } from './trace-schema.ts';

let scripts: LiveScripts;
let setups: Record<'A' | 'B', TraceSetup>;

beforeAll(async () => {
  scripts = await readLiveScripts();
  const setupOf = async (design: 'A' | 'B'): Promise<TraceSetup> => {
    const inputs = [
      typed(0, 'one two '),
      typed(3, 'one six '),
      sent(6, 'one six'),
      remark(8, 'x'),
      sent(90, 'two'),
      remark(27, 'y'),
    ];
    const settings = {
      design,
      budget: 12,
      onEdit: 'rewind',
      followUps: true,
      temperature: 0,
      hysteresis: 0.5,
      marginThreshold: -0.5,
      minWriterSteps: 2,
      probeAtParagraphs: false,
      paragraphPause: false,
      thoughtBudget: 40,
      probeTiming: 'overlapped',
      probeRule: 'pause',
      speechPause: true,
      maxUnspokenSeconds: 0.5,
      resumeUnspokenSeconds: 0,
      speakingRate: 3,
    } as const;
    // A probe that says no to pausing lets the writer run.
    const outcome = await scripts.scripted(inputs, { settings, writer: { 9: NEWLINE, 14: EOS } });
    return { ...outcome.trace.setup, params: { ...outcome.trace.setup.params, sampling: SAMPLING } };
  };
  setups = { A: await setupOf('A'), B: await setupOf('B') };
});

const SAMPLING = { temperature: 0.6, top_k: 20, top_p: 0.95, min_p: 0, seed: 1 };

/** A path in which an event stands by its kind, as the error message has it. */
function pathOf({ events }: TraceSetup, path: string): string {
  const keys = path.split('.').map((key) => {
    const index = events.findIndex(({ kind }) => kind === key);
    return index >= 0 ? String(index) : key;
  });
  return keys.join('.');
}

/** The design's setup with one field replaced. */
function broken(design: 'A' | 'B', path: string, value: unknown): unknown {
  const setup = JSON.parse(JSON.stringify(setups[design])) as Record<string, unknown>;
  const keys = pathOf(setups[design], path).split('.');
  const last = keys.pop() ?? '';
  let target = setup;
  for (const key of keys) target = target[key] as Record<string, unknown>;
  target[last] = value;
  return setup;
}

function faultOf(setup: unknown): string | undefined {
  try {
    parseTraceSetup(setup, scripts.tokenizer.vocabSize);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'invalidConfig' });
    return String((error as Failure).details['field']);
  }
}

const EVERY_KIND = [
  'append_input',
  'edit_input',
  'hold_writer',
  'inject',
  'next_turn',
  'set_params',
  'start_thinker',
  'start_writer',
];

describe('a setup of a live run', () => {
  it.each(['A', 'B'] as const)('of design %s is accepted with all that it has', (design) => {
    const setup = setups[design];
    const kinds = new Set(setup.events.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(EVERY_KIND));
    expect(kinds.has('fill')).toBe(design === 'A');
    expect(parseTraceSetup(setup, scripts.tokenizer.vocabSize)).toBe(setup);
    expect(setup.params).toMatchObject({
      margin_threshold: -0.5,
      hysteresis: 0.5,
      min_writer_steps: 2,
      probe_at_paragraphs: false,
      paragraph_pause: false,
      thought_budget: 40,
      probe_rule: 'pause',
      probe_overlapped: true,
    });
  });

  it.each([
    ['edit_input', { keep: 0 }],
    ['rewind', { thinker: 1, writer: 0 }],
    ['wake', { stream: 'writer', ids: [1] }],
    ['set_params', {}],
    ['set_params', { probing: false, hysteresis: 0, thought_budget: 0, paragraph_pause: true, note: 'mine' }],
    ['edit_input', { keep: 0, ids: [] }],
  ] as const)('takes %s with %j', (kind, fields) => {
    const setup = { ...setups.B, events: [{ step: 0, kind, ids: [1], ...fields }] };
    expect(faultOf(setup)).toBeUndefined();
  });
});

describe('a bad field is refused by its name', () => {
  it.each([
    // Events.
    ['events.append_input.ids', []],
    ['events.append_input.ids', [1.5], 'events.append_input.ids.0'],
    ['events.append_input.ids', [320]],
    ['events.append_input.view', 'nowhere', 'events.append_input.kind'],
    ['events.append_input.view', 'thinker'],
    ['events.append_input.view', ''],
    ['events.append_input.step', -1],
    ['events.edit_input.keep', -1],
    ['events.edit_input.keep', 1000],
    ['events.edit_input.keep', 1.5],
    ['events.edit_input.ids', undefined],
    ['events.inject.stream', 'reader'],
    ['events.inject.choose', 'no'],
    ['events.inject.ids', []],
    ['events.start_thinker.ids', []],
    ['events.start_writer.ids', 'all'],
    ['events.hold_writer.hold', 1],
    ['events.hold_writer.hold', undefined],
    ['events.next_turn.keep_thoughts', 'drop'],
    ['events.next_turn.ids', []],
    ['events.next_turn.kind', 'last_turn'],
    ['events.set_params.probing', 'yes'],
    ['events.set_params.probe_interval', 0],
    ['events.set_params.yes_bias', '1'],
    ['events.set_params.margin_threshold', null],
    ['events.set_params.hysteresis', -0.1],
    ['events.set_params.min_writer_steps', -1],
    ['events.set_params.min_writer_steps', 0.5],
    ['events.set_params.probe_at_paragraphs', 0],
    ['events.set_params.paragraph_pause', 'off'],
    ['events.set_params.thought_budget', -1],
    // Parameters.
    ['params.margin_threshold', Infinity],
    ['params.hysteresis', -1],
    ['params.min_writer_steps', 1.5],
    ['params.probe_at_paragraphs', 'no'],
    ['params.paragraph_pause', null],
    ['params.thought_budget', -4],
    ['params.probe_rule', 'stop'],
    ['params.probe_overlapped', 1],
    ['params.sampling', 'greedy'],
    ['params.sampling.temperature', 0],
    ['params.sampling.top_k', -1],
    ['params.sampling.top_p', 0],
    ['params.sampling.top_p', 1.01],
    ['params.sampling.min_p', 2],
    ['params.sampling.seed', 2 ** 32],
    ['params.sampling.seed', 0.5],
    ['params.forbidden_penalty', -1],
    ['params.forbidden.thinker', undefined],
    ['params.eos_ids', [-1], 'params.eos_ids.0'],
    ['params.end_of_think_ids', 319],
    ['params.budget', -1],
  ])('%s = %j', (path, value, fault = path) => {
    expect(faultOf(broken('B', path, value))).toBe(`setup.${pathOf(setups.B, fault)}`);
  });

  it.each([
    ['an unknown block', ['writer_prompt', 'nowhere'], 'view'],
    ['a block of a turn that has not begun', ['writer_prompt@1'], 'view'],
    ['a block that turns share, as one of a turn', ['dummy_thinker@1'], 'view'],
    ['a turn in another spelling', ['writer_prompt@00'], 'view'],
    ['a block twice', ['writer_prompt', 'writer_prompt'], 'view'],
    ['no block', [], 'view'],
  ])('fill with %s', (_, view, name) => {
    const path = `events.fill.${name}`;
    expect(faultOf(broken('A', path, view))).toBe(`setup.${pathOf(setups.A, path)}`);
  });

  it('fill with a block of a turn only once that has begun', () => {
    const { events } = setups.A;
    const turn = events.findIndex(({ kind }) => kind === 'next_turn');
    const later = events.findIndex((event, i) => i > turn && event.kind === 'fill');
    expect(later).toBeGreaterThan(turn);
    const view = ['writer_prompt@2'];
    const setup = { ...setups.A, events: events.map((event, i) => (i === later ? { ...event, view } : event)) };
    expect(faultOf(setup)).toBe(`setup.events.${later}.view`);
    const moved = { ...events[later], step: (events[later]?.step ?? 0) + 1 };
    expect(faultOf({ ...setups.A, events: [moved, ...events] })).toBeUndefined();
    const first = { ...setups.A, events: [{ ...events[later], step: 0 }, ...events] };
    expect(faultOf(first)).toBe('setup.events.0.view');
  });

  it.each([
    ['thinker', 0],
    ['thinker', -3],
    ['thinker', 2.5],
    ['thinker', undefined],
    ['writer', -1],
    ['writer', undefined],
  ])('rewind with %s = %j', (stream, length) => {
    const events = [{ step: 0, kind: 'rewind', thinker: 3, writer: 0, [stream]: length }];
    expect(faultOf({ ...setups.B, events })).toBe(`setup.events.0.${stream}`);
  });

  it.each([
    ['stream', 'both'],
    ['stream', undefined],
    ['ids', []],
    ['ids', [9999]],
  ])('wake with %s = %j', (name, value) => {
    const events = [{ step: 0, kind: 'wake', stream: 'thinker', ids: [1], [name]: value }];
    expect(faultOf({ ...setups.B, events })).toBe(`setup.events.0.${name}`);
  });

  it('next_turn without a view for the next question', () => {
    const { input: _, ...views } = setups.B.views;
    const events = setups.B.events.filter(({ kind }) => kind === 'next_turn');
    expect(faultOf({ ...setups.B, views, events })).toBe('setup.events.0.kind');
  });

  it('an edit that keeps more than is held then, in each view and each turn', () => {
    const append = (step: number, view?: string): unknown => ({
      step,
      kind: 'append_input',
      ids: [1, 2, 3],
      ...(view !== undefined && { view }),
    });
    const edit = (step: number, keep: number, view?: string): unknown => ({
      step,
      kind: 'edit_input',
      keep,
      ids: [4],
      ...(view !== undefined && { view }),
    });
    const turn = { step: 5, kind: 'next_turn', keep_thoughts: true, ids: [1] };
    const fault = (events: unknown[]): string | undefined => faultOf({ ...setups.A, events });
    expect(fault([append(0), edit(1, 3), edit(2, 4)])).toBeUndefined();
    expect(fault([append(0), edit(1, 3), edit(2, 5)])).toBe('setup.events.2.keep');
    expect(fault([append(0), edit(1, 1, 'thinker_input')])).toBe('setup.events.1.keep');
    expect(fault([append(0), turn, edit(6, 1)])).toBe('setup.events.2.keep');
    expect(fault([append(0), turn, append(6), edit(6, 3)])).toBeUndefined();
    // By step, whatever the order in the file.
    expect(fault([edit(1, 3), append(0)])).toBeUndefined();
  });
});
