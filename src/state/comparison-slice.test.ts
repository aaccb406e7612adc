import { describe, expect, test } from 'vitest';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Comparison, ComparisonRun, DelayMetrics } from '@/protocol/comparison.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { otherRunOf } from '@/protocol/other-run.ts';
import { FIRST_CHAT_FORM } from './chat-form.ts';
import { changedOthers, filledOthers, firstOthersForm, othersOf, problemsOfOthers } from './comparison-others.ts';
import { createComparisonSlice, type ComparisonSlice } from './comparison-slice.ts';

const METRICS: DelayMetrics = {
  timeToFirstTokenMs: 120,
  timeToFirstSentenceMs: null,
  timeToFirstSpeechMs: null,
  totalMs: 200,
  steps: 2,
  stepsToFirstToken: 1,
  stepsDelay: 0,
  totalDelaySeconds: 0.1,
  adjustedDelaySeconds: 0,
  thinkerTokens: 0,
  writerTokens: 2,
};

const RUN: ComparisonRun = {
  mode: 'noThinking',
  stop: 'writer_eos',
  text: { thinker: '', writer: 'Hi' },
  tokens: [
    { stream: 'writer', text: 'H', step: 0, elapsedMs: 100 },
    { stream: 'writer', text: 'i', step: 1, elapsedMs: 200 },
  ],
  metrics: METRICS,
};

const COMPARISON: Comparison = {
  format: 'duet-comparison-1',
  createdAt: '2026-01-01T00:00:00.000Z',
  question: 'Why?',
  typingRate: 0,
  settings: DEFAULT_REASONING_SETTINGS,
  model: { id: 'm', sha256: null },
  device: { vendor: 'v', architecture: 'a', isSoftware: true },
  runs: [RUN],
};

const started = (): StoreApi<ComparisonSlice> => {
  const store = createStore<ComparisonSlice>()(createComparisonSlice);
  store
    .getState()
    .comparisonStarted({ question: 'Why?', typingRate: 0, modes: ['noThinking', 'thinkThenAnswer'], others: [] });
  return store;
};

test('a mode waits, runs and is done; its marks are then the run’s own figures', () => {
  const store = started();
  store.getState().comparisonEventsArrived([
    { kind: 'modeStarted', mode: 'noThinking', index: 0, count: 2 },
    {
      kind: 'progressed',
      mode: 'noThinking',
      token: { stream: 'writer', text: 'H', step: 0, elapsedMs: 100 },
      share: 0.1,
      secondsLeft: 4,
    },
  ]);
  expect(store.getState().comparison).toMatchObject({
    phase: 'running',
    share: 0.1,
    secondsLeft: 4,
    lanes: [{ status: 'running', track: { firstTokenMs: 100 } }, { status: 'waiting' }],
  });
  store.getState().comparisonEventsArrived([{ kind: 'modeEnded', run: RUN }]);
  expect(store.getState().comparison.lanes[0]).toMatchObject({
    status: 'done',
    track: { firstTokenMs: 120 },
    run: RUN,
  });
});

test('a cancelled comparison keeps what is done and nothing of the rest', () => {
  const store = started();
  store.getState().comparisonEventsArrived([
    { kind: 'modeEnded', run: RUN },
    {
      kind: 'progressed',
      mode: 'thinkThenAnswer',
      token: { stream: 'thinker', text: 'x', step: 0, elapsedMs: 1 },
      share: 0.6,
      secondsLeft: 1,
    },
  ]);
  store.getState().comparisonCancelled();
  const { comparison } = store.getState();
  expect(comparison).toMatchObject({ phase: 'incomplete', failure: null, last: null });
  expect(comparison.lanes.map(({ status, track }) => [status, track.numSteps])).toEqual([
    ['done', 2],
    ['unfinished', 0],
  ]);
});

test('a complete one outlives a later one that failed', () => {
  const store = started();
  store.getState().comparisonEnded(COMPARISON);
  expect(store.getState().comparison).toMatchObject({ phase: 'complete', last: COMPARISON, lanes: [{ run: RUN }] });
  store.getState().comparisonStarted({ question: 'How?', typingRate: 0, modes: ['interleaved'], others: [] });
  store.getState().comparisonFailed({ code: 'deviceLost', message: 'Lost.' });
  expect(store.getState().comparison).toMatchObject({
    phase: 'incomplete',
    failure: { code: 'deviceLost' },
    question: 'How?',
  });
  store.getState().lastComparisonChosen();
  expect(store.getState().comparison).toMatchObject({ phase: 'complete', question: 'Why?', failure: null });
});

test('one that was kept appears only where there is none', () => {
  const store = started();
  store.getState().comparisonFound(COMPARISON);
  expect(store.getState().comparison.phase).toBe('running');
  const fresh = createStore<ComparisonSlice>()(createComparisonSlice);
  fresh.getState().comparisonFound(COMPARISON);
  expect(fresh.getState().comparison).toMatchObject({ phase: 'complete', question: 'Why?' });
});

describe('another model', () => {
  const SERVER = { kind: 'endpoint', url: 'http://localhost:1/v1', model: 'small', apiKey: 'sk-1' } as const;
  const MODEL = { kind: 'endpoint', url: 'http://localhost:1/v1', model: 'small' } as const;
  const asked = (): StoreApi<ComparisonSlice> => {
    const store = createStore<ComparisonSlice>()(createComparisonSlice);
    store.getState().comparisonStarted({ question: 'Why?', typingRate: 0, modes: ['noThinking'], others: [SERVER] });
    return store;
  };

  test('has a lane behind the loaded model’s, with thoughts and words as they come', () => {
    const store = asked();
    expect(store.getState().comparison.lanes.map(({ way }) => way)).toEqual(['noThinking', MODEL]);
    expect(JSON.stringify(store.getState())).not.toContain('sk-1');
    store.getState().comparisonEventsArrived([
      { kind: 'modeEnded', run: RUN },
      { kind: 'otherStarted', model: MODEL },
      {
        kind: 'otherProgressed',
        other: 'endpoint',
        piece: { stream: 'thinker', text: 'Hm', elapsedMs: 400 },
        share: 0.6,
      },
      {
        kind: 'otherProgressed',
        other: 'endpoint',
        piece: { stream: 'writer', text: 'Yes.', elapsedMs: 900 },
        share: 0.7,
      },
    ]);
    expect(store.getState().comparison).toMatchObject({ share: 0.7, secondsLeft: null });
    expect(store.getState().comparison.lanes[1]).toMatchObject({
      status: 'running',
      track: { text: { thinker: 'Hm', writer: 'Yes.' }, firstTokenMs: 900, numTokens: { thinker: 1, writer: 1 } },
    });
  });

  test('that failed is part of a complete comparison', () => {
    const store = asked();
    const failure = { code: 'endpointFailed', message: 'Away.' } as const;
    const run = otherRunOf(MODEL, [], { failure }, { totalMs: 1, speakingRate: 15 });
    store.getState().comparisonEventsArrived([
      { kind: 'modeEnded', run: RUN },
      { kind: 'otherEnded', run },
    ]);
    const { lanes } = store.getState().comparison;
    store.getState().comparisonEnded({ ...COMPARISON, others: [run] });
    expect(store.getState().comparison).toMatchObject({ phase: 'complete', lanes });
    expect(lanes[1]).toMatchObject({ status: 'done', run: { failure } });
  });

  test('is asked again with its address, but not with a key of another server', () => {
    const form = { ...firstOthersForm(FIRST_CHAT_FORM, 'sk-2'), kinds: ['webLlm'] } as const;
    expect(filledOthers(form, [MODEL])).toMatchObject({
      kinds: ['endpoint'],
      url: MODEL.url,
      model: 'small',
      apiKey: '',
    });
    expect(othersOf(filledOthers(form, [MODEL]))).toEqual([MODEL]);
    expect(problemsOfOthers(changedOthers(form, { kinds: ['endpoint'], url: 'localhost' }))).toHaveProperty('url');
    // Nothing is wrong with a server that is not asked.
    expect(problemsOfOthers(changedOthers(form, { url: 'localhost' }))).toEqual({});
    expect(othersOf(form)).toEqual([{ kind: 'webLlm', model: FIRST_CHAT_FORM.webLlmModel }]);
  });
});
