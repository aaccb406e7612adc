import { expect, test } from 'vitest';
import type { ReasoningEvent, TraceProbe, TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import {
  applyReasoningEvent,
  EMPTY_REASONING_VIEW,
  isRunActive,
  marginOf,
  tokensPerSecond,
  type ReasoningView,
  type StepCell,
} from './reasoning-view.ts';

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
}

function stepped({ step, thinker, writer, probe, events }: Made): ReasoningEvent {
  const row = { input: 0, token: 0, margin: 1, top: [], logsumexp: 0 };
  return {
    kind: 'stepped',
    elapsedMs: step * 100,
    state: writer === undefined ? 'thinkerOnly' : 'thinkerAndWriter',
    thinkerText: thinker ?? '',
    writerText: writer ?? '',
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
  return events.reduce(applyReasoningEvent, EMPTY_REASONING_VIEW);
}

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
    firstAnswerMs: 100,
  });
  expect(view.steps.map(({ thinker, writer }) => [thinker, writer])).toEqual([
    ['The', null],
    [' user', 'Paris'],
  ]);
});

test('a token without text counts, but is not the first word of the answer', () => {
  const view = viewAfter(started, stepped({ step: 0, writer: '' }), stepped({ step: 1, writer: 'é' }));
  expect(view.writerTokens).toBe(2);
  expect(view.firstAnswerMs).toBe(100);
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

test('large logits do not overflow in the margin', () => {
  expect(marginOf({ yes_logits: [1000], no_logits: [999.5] })).toBeCloseTo(0.5, 9);
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
  expect(view.drafts).toEqual([{ step: 3, addedTokens: 2, removedTokens: 1 }]);
});

test('waiting and stopping', () => {
  const waiting = viewAfter(started, { kind: 'waiting', elapsedMs: 9, reason: 'budget' });
  expect(waiting).toMatchObject({ phase: 'waiting', waitingFor: 'budget' });
  expect(isRunActive(waiting)).toBe(true);
  expect(applyReasoningEvent(waiting, stepped({ step: 0, thinker: 'a' }))).toMatchObject({
    phase: 'running',
    waitingFor: null,
  });
  const stopped = applyReasoningEvent(waiting, { kind: 'stopped', elapsedMs: 10, reason: 'writer_eos' });
  expect(stopped).toMatchObject({ phase: 'ended', stopReason: 'writer_eos' });
  expect(isRunActive(stopped)).toBe(false);
});

test('the start keeps what came before it from the page and the draft', () => {
  const before: ReasoningView = { ...EMPTY_REASONING_VIEW, startedAtMs: 1234, sentMs: 5, draftTokens: 3 };
  expect(applyReasoningEvent(before, started)).toMatchObject({ startedAtMs: 1234, sentMs: 5, draftTokens: 3 });
});

test('the rate is that of the newest 24 tokens of a stream', () => {
  const cells: StepCell[] = Array.from({ length: 60 }, (_, step) => ({
    step,
    elapsedMs: step < 30 ? step * 1000 : 30_000 + (step - 30) * 50,
    thinker: 'a',
    writer: null,
  }));
  expect(tokensPerSecond(cells, 'thinker')).toBeCloseTo(20, 9);
  expect(tokensPerSecond(cells, 'writer')).toBeNull();
  expect(tokensPerSecond([], 'thinker')).toBeNull();
});
