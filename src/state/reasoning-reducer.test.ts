import { expect, test } from 'vitest';
import type { ReasoningEvent, TextRange, TraceProbe, TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import { applyReasoningEvents, mergedWith } from './reasoning-reducer.ts';
import { EMPTY_REASONING_VIEW, inputModeOf, isRunActive, withNextTurn, type ReasoningView } from './reasoning-view.ts';

const SETUP: TraceSetup = {
  design: 'B',
  row_order: ['thinker', 'writer'],
  blocks: [],
  views: { thinker: ['input_prompt', 'thinker_output'], writer: ['input_prompt', 'thinker_output', 'writer_output'] },
  prefill: [],
  stream_tokens: { thinker: [], writer: [] },
  events: [],
  params: {
    budget: 512,
    probe_interval: 10,
    yes_bias: 1.4,
    question_ids: [],
    yes_ids: [],
    no_ids: [],
    forbidden: { thinker: [], writer: [] },
    forbidden_penalty: 0,
    eos_ids: [],
    end_of_think_ids: [],
  },
};

interface Made {
  readonly step: number;
  readonly thinker?: string;
  readonly writer?: string;
  readonly probe?: TraceProbe;
  readonly events?: TraceStep['events'];
  readonly cut?: Extract<ReasoningEvent, { kind: 'stepped' }>['cut'];
}

function stepped({ step, thinker, writer, probe, events, cut }: Made): ReasoningEvent {
  const row = { input: 0, token: 0, margin: 1, top: [], logsumexp: 0 };
  return {
    kind: 'stepped',
    elapsedMs: step * 100,
    state: writer === undefined ? 'thinkerOnly' : 'thinkerAndWriter',
    thinkerText: thinker ?? '',
    writerText: writer ?? '',
    ...(cut === undefined ? {} : { cut }),
    step: {
      step,
      state: 'thinker_only',
      state_after: 'thinker_only',
      rows: [
        ...(thinker === undefined ? [] : [{ ...row, stream: 'thinker' as const, lengths: [29, 10], loc: [38, 9] }]),
        ...(writer === undefined
          ? []
          : [{ ...row, stream: 'writer' as const, lengths: [29, 10, 1], loc: [39, 10, 0] }]),
      ],
      ...(probe === undefined ? {} : { probe }),
      ...(events === undefined ? {} : { events }),
    },
  };
}

const started: ReasoningEvent = { kind: 'started', elapsedMs: 0, setup: SETUP };

function viewAfter(...events: readonly ReasoningEvent[]): ReasoningView {
  return applyReasoningEvents(EMPTY_REASONING_VIEW, events, 5000);
}

const after = (view: ReasoningView, ...events: readonly ReasoningEvent[]): ReasoningView =>
  applyReasoningEvents(view, events, 9000);

test('texts, tokens and lanes grow with the steps', () => {
  const view = viewAfter(
    started,
    stepped({ step: 0, thinker: 'The' }),
    stepped({ step: 1, thinker: ' user', writer: 'Paris' }),
  );
  expect(view).toMatchObject({
    phase: 'running',
    state: 'thinkerAndWriter',
    thinkerText: 'The user',
    writerText: 'Paris',
    thinkerTokens: 2,
    writerTokens: 1,
    firstAnswerMs: 5000,
  });
  expect(view.steps.map(({ thinker, writer }) => [thinker, writer])).toEqual([
    ['The', null],
    [' user', 'Paris'],
  ]);
});

test('a token without text counts, but is not the first word of the answer', () => {
  const view = viewAfter(started, stepped({ step: 0, writer: '' }), stepped({ step: 1, writer: 'é' }));
  expect(view.writerTokens).toBe(2);
  expect(view.firstAnswerMs).toBe(5000);
});

test('blocks carry the names, lengths and offsets of the last step of each stream', () => {
  const view = viewAfter(started, stepped({ step: 0, thinker: 'a', writer: 'b' }), stepped({ step: 1, thinker: 'c' }));
  expect(view.views.writer).toEqual([
    { name: 'input_prompt', length: 29, rotaryOffset: 39 },
    { name: 'thinker_output', length: 10, rotaryOffset: 10 },
    { name: 'writer_output', length: 1, rotaryOffset: 0 },
  ]);
  expect(view.views.thinker).toHaveLength(2);
});

test('a probe is kept with its margin before the bias', () => {
  const probe: TraceProbe = {
    why: ['interval'],
    lengths: [],
    loc: [],
    yes_logits: [1, 1],
    no_logits: [2],
    score: 0.09,
    yes: true,
    logsumexp: 0,
  };
  const mark = viewAfter(started, stepped({ step: 9, thinker: 'a', probe })).probes[0];
  expect(mark).toMatchObject({ step: 9, yes: true });
  expect(mark?.margin).toBeCloseTo(Math.log(2) - 1, 12);
});

test('thoughts that begin anew drop both texts and keep the timeline', () => {
  const view = viewAfter(
    started,
    stepped({ step: 0, thinker: 'old', writer: 'old' }),
    stepped({ step: 1, thinker: 'new', events: [{ kind: 'start_thinker', lengths: [], loc: [] }] }),
  );
  expect(view).toMatchObject({ thinkerText: 'new', thinkerTokens: 1, writerText: '', writerTokens: 0 });
  expect(view.firstAnswerMs).toBeNull();
  expect(view.steps).toHaveLength(2);
});

test('a draft that changed nothing leaves no mark', () => {
  const read = { kind: 'draftRead', elapsedMs: 5, step: 3, draftTokens: 7, heldBackTokens: 2, keptTokens: 5 } as const;
  const view = viewAfter(
    started,
    { ...read, addedTokens: 2, removedTokens: 1 },
    { ...read, addedTokens: 0, removedTokens: 0 },
  );
  expect(view).toMatchObject({ draftTokens: 7, heldBackTokens: 2 });
  expect(view.drafts).toEqual([{ step: 3, elapsedMs: 5, addedTokens: 2, removedTokens: 1 }]);
});

test('waiting and stopping', () => {
  const waiting = viewAfter(started, { kind: 'waiting', elapsedMs: 9, reason: 'contextFull', missingTokens: 12 });
  expect(waiting).toMatchObject({ phase: 'waiting', waitingFor: 'contextFull', missingTokens: 12 });
  expect(isRunActive(waiting)).toBe(true);
  expect(after(waiting, stepped({ step: 0, thinker: 'a' }))).toMatchObject({
    phase: 'running',
    waitingFor: null,
    missingTokens: null,
  });
  const stopped = after(waiting, { kind: 'stopped', elapsedMs: 10, reason: 'writer_eos' });
  expect(stopped).toMatchObject({ phase: 'ended', stopReason: 'writer_eos' });
  expect(isRunActive(stopped)).toBe(false);
});

test('a wait that is over shows no longer, before the next step is there', () => {
  const waiting = viewAfter(started, { kind: 'waiting', elapsedMs: 9, reason: 'contextFull', missingTokens: 12 });
  expect(after(waiting, { kind: 'resumed', elapsedMs: 10 })).toMatchObject({
    phase: 'running',
    waitingFor: null,
    missingTokens: null,
  });
});

test('the start keeps what came before it from the page and the draft', () => {
  const before: ReasoningView = { ...EMPTY_REASONING_VIEW, startedAtMs: 1234, sentMs: 5, draftTokens: 3 };
  expect(after(before, started)).toMatchObject({ startedAtMs: 1234, sentMs: 5, draftTokens: 3 });
});

test('events in one batch or each alone come to the same, and the view before stays as it was', () => {
  const events = [
    started,
    stepped({ step: 0, thinker: 'a' }),
    stepped({ step: 1, thinker: 'b' }),
    stepped({ step: 2, writer: 'c' }),
    stepped({ step: 3, thinker: 'd', writer: 'e' }),
  ];
  const begun = viewAfter(...events.slice(0, 2));
  const frozen = structuredClone(begun);
  const together = after(begun, ...events.slice(2));
  expect(events.slice(2).reduce((view, event) => after(view, event), begun)).toEqual(together);
  expect(begun).toEqual(frozen);
  expect(together.runs).toEqual({
    thinker: [
      { from: 0, to: 1 },
      { from: 3, to: 3 },
    ],
    writer: [{ from: 2, to: 3 }],
  });
});

test('5,000 steps in small batches stay cheap', () => {
  const steps = Array.from({ length: 5000 }, (_, step) => stepped({ step, thinker: ' word' }));
  const begun = performance.now();
  let view = viewAfter(started);
  for (const event of steps) view = after(view, event);
  expect(view.thinkerTokens).toBe(5000);
  // A frame has 16 ms; this is the mean of one batch, on a slow machine and with room to spare.
  expect((performance.now() - begun) / steps.length).toBeLessThan(1);
});

const keep = (range: TextRange): ReasoningEvent => ({
  kind: 'thoughtsAffected',
  elapsedMs: 1,
  step: 2,
  policy: 'keep',
  tokens: 2,
  range,
});
const thought = viewAfter(started, stepped({ step: 0, thinker: 'One two' }), stepped({ step: 1, thinker: ' three' }));

test('kept thoughts are marked where they are stale, neighbours as one', () => {
  const view = after(thought, keep({ from: 0, to: 3 }), keep({ from: 7, to: 13 }), keep({ from: 2, to: 5 }));
  expect(view.staleRanges).toEqual([
    { from: 0, to: 5 },
    { from: 7, to: 13 },
  ]);
  expect(view.affected).toEqual({ step: 2, atMs: 1, policy: 'keep', cause: 'edit', tokens: 2 });
  expect(mergedWith([{ from: 1, to: 2 }], { from: 4, to: 4 })).toEqual([{ from: 1, to: 2 }]);
});

test('thoughts that were rolled back leave the text, their marks and a note', () => {
  const view = after(
    thought,
    keep({ from: 4, to: 13 }),
    { kind: 'thoughtsAffected', elapsedMs: 2, step: 2, policy: 'rewind', tokens: 1, range: { from: 7, to: 13 } },
    stepped({
      step: 2,
      thinker: ' new',
      cut: { thinker: { text: 'One two new', tokens: 2 }, writer: { text: '', tokens: 0 } },
    }),
  );
  expect(view).toMatchObject({ thinkerText: 'One two new', thinkerTokens: 2, cutSteps: [2] });
  expect(view.staleRanges).toEqual([{ from: 4, to: 7 }]);
  expect(view.affected).toEqual({ step: 2, atMs: 2, policy: 'rewind', cause: 'edit', tokens: 1 });
});

test('thoughts that the question has outgrown are noted without an edit', () => {
  const cut = { thinker: { text: 'New', tokens: 1 }, writer: { text: '', tokens: 0 } };
  expect(after(thought, stepped({ step: 2, thinker: 'New', cut })).affected).toEqual({
    step: 2,
    atMs: 200,
    policy: 'restart',
    cause: 'growth',
    tokens: 2,
  });
});

test('what an edit costs is counted key by key, and not pushed aside by what the question outgrows at once', () => {
  const dropped = (elapsedMs: number, tokens: number): ReasoningEvent => ({
    kind: 'thoughtsAffected',
    elapsedMs,
    step: 2,
    policy: tokens > 1 ? 'rewind' : 'restart',
    tokens,
    range: { from: 0, to: 13 },
  });
  const edited = after(thought, dropped(1000, 2), dropped(9000, 1));
  expect(edited.affected).toMatchObject({ policy: 'restart', tokens: 3, atMs: 9000 });
  const cut = { thinker: { text: 'New', tokens: 1 }, writer: { text: '', tokens: 0 } };
  expect(after(edited, stepped({ step: 3, thinker: 'New', cut })).affected).toBe(edited.affected);
  // Another edit, much later, is counted by itself.
  expect(after(edited, dropped(30_000, 2)).affected).toMatchObject({ policy: 'rewind', tokens: 2 });
});

test('an answer that is dropped has no first token any more', () => {
  const answered = after(thought, stepped({ step: 2, writer: 'Paris' }));
  expect(answered.firstAnswerMs).toBe(9000);
  const cut = { thinker: { text: 'New', tokens: 1 }, writer: { text: '', tokens: 0 } };
  expect(after(answered, stepped({ step: 3, thinker: 'New', cut })).firstAnswerMs).toBeNull();
});

test('a remark stands where the answer was when it was read', () => {
  const waiting = { ...thought, remarks: [{ text: 'In short.', step: null, thinkerOffset: null, writerOffset: null }] };
  const view = after(waiting, stepped({ step: 2, writer: 'Paris' }), {
    kind: 'remarkRead',
    elapsedMs: 3,
    step: 3,
    text: 'In short.',
  });
  expect(view.remarks).toEqual([{ text: 'In short.', step: 3, thinkerOffset: 13, writerOffset: 5 }]);
  const unknown = after(view, { kind: 'remarkRead', elapsedMs: 3, step: 4, text: 'Again.' });
  expect(unknown.remarks).toHaveLength(2);
});

test('a turn that ends joins the history, once, also when the page was first', () => {
  const sent: ReasoningView = { ...thought, question: 'Where?', sentMs: 3 };
  const answered = after(sent, stepped({ step: 2, writer: 'Paris' }), {
    kind: 'waiting',
    elapsedMs: 4,
    reason: 'followUp',
  });
  expect(inputModeOf(answered)).toBe('followUp');
  const typed = withNextTurn(answered);
  const next = after(
    typed,
    { kind: 'turnStarted', elapsedMs: 5, step: 3, turn: 1 },
    stepped({ step: 3, thinker: 'x' }),
  );
  expect(next.turns).toEqual([
    { question: 'Where?', answer: 'Paris', thoughts: 'One two three', thinkerTokens: 2, remarks: [] },
  ]);
  expect(next).toMatchObject({ turnSteps: [3], thinkerText: 'x', writerText: '', sentMs: null, firstAnswerMs: null });
  expect(inputModeOf(next)).toBe('followUp');
  expect(inputModeOf({ ...next, sentMs: 1 })).toBe('remark');
});

test('from the next turn on, views have the names that the step tells', () => {
  const views = { thinker: ['input_prompt@1', 'thinker_output@1'], writer: [] };
  const view = after(
    thought,
    stepped({ step: 2, thinker: 'a', events: [{ kind: 'next_turn', lengths: [], loc: [], views }] }),
  );
  expect(view.views.thinker.map(({ name }) => name)).toEqual(['input_prompt@1', 'thinker_output@1']);
  expect(view.views.writer).toEqual([]);
});

test('only steps in which nothing but the thinker ran are timed, and none behind a wait', () => {
  const probe = { why: [], lengths: [], loc: [], yes_logits: [0], no_logits: [0], score: 0, yes: false, logsumexp: 0 };
  const view = viewAfter(
    started,
    stepped({ step: 0, thinker: 'behind the start' }),
    stepped({ step: 1, thinker: 'counts' }),
    stepped({ step: 3, thinker: 'with a probe', probe }),
    stepped({ step: 5, thinker: 'both', writer: 'both' }),
    stepped({ step: 6, thinker: 'counts' }),
    { kind: 'waiting', elapsedMs: 700, reason: 'budget' },
    stepped({ step: 9, thinker: 'behind a wait' }),
    stepped({ step: 12, thinker: 'counts' }),
  );
  expect(view.thinkingClock).toMatchObject({ steps: 3, totalMs: 500 });
});

test('a remark that came too late for the answer is the next question', () => {
  const remarked = {
    ...thought,
    question: 'Where?',
    remarks: [{ text: 'And why?', step: null, thinkerOffset: null, writerOffset: null }],
  };
  const next = after(remarked, { kind: 'turnStarted', elapsedMs: 5, step: 3, turn: 1 });
  expect(next).toMatchObject({ question: 'And why?', sentMs: 9000, remarks: [], turns: [{ remarks: [] }] });
});

test('a long text shows how far it has been read, and what reading all of it takes', () => {
  const reading = viewAfter(
    started,
    { kind: 'reading', elapsedMs: 100, doneTokens: 64, totalTokens: 320 },
    { kind: 'reading', elapsedMs: 180, doneTokens: 128, totalTokens: 320 },
  );
  expect(reading).toMatchObject({ reading: { doneTokens: 128, totalTokens: 320 }, readingMs: 400 });
  expect(after(reading, stepped({ step: 0, thinker: 'a' }))).toMatchObject({ reading: null, readingMs: 400 });
});
