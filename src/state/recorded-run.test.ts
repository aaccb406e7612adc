/** A run of the page, recorded and played again. The worker's events are those of the scripted engine. */
import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StoreApi } from 'zustand';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { checkRun, readRun } from '@/protocol/recording-schema.ts';
import type { Recording } from '@/protocol/recording.ts';
import type { ReasoningEvent, ReasoningTrace } from '@/protocol/reasoning.ts';
import { PLAIN_RUN, playRun, ScriptedRun } from '@/worker/scripted-run.ts';
import { ScriptedInputs } from '@/worker/scripted-inputs.ts';
import { createAppStore, type AppState } from './app-store.ts';
import type { ReasoningView } from './reasoning-view.ts';
import { applyItem, EMPTY_MOMENT, RunFilm } from './run-film.ts';
import { eventsOf, itemsOf } from './run-items.ts';
import { toRecording } from './to-recording.ts';

function newStore(): StoreApi<AppState> {
  return createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
}

interface Lived {
  readonly store: StoreApi<AppState>;
  readonly recording: Recording;
}

/** Typing, an edit, Enter, a remark, a pause, and a follow-up question that is stopped. */
async function live({ repeats = 1, batch = 1 } = {}): Promise<Lived> {
  const store = newStore();
  const {
    runStarted,
    draftTyped,
    questionSent,
    remarkSent,
    pauseChanged,
    reasoningEventsArrived,
    runEnded,
    stopAsked,
  } = store.getState();
  const inputs = new ScriptedInputs({ ...DEFAULT_REASONING_SETTINGS, budget: 5000, onEdit: 'rewind' });
  const run = new ScriptedRun({ ...PLAIN_RUN, stepMs: 0, burst: 5, repeats }, inputs.settings);
  const stop = new AbortController();
  const type = (text: string): void => {
    draftTyped(text, performance.now());
    inputs.draft = { text, sent: false };
  };
  const send = (text: string): void => {
    questionSent(text, performance.now());
    inputs.draft = { text, sent: true };
  };
  const steps = (): number => run.numSteps;
  let until = 0;
  const script: readonly (readonly [when: () => boolean, act: () => void])[] = [
    [() => steps() > 10, () => type('What is the capital of France and of all the others ')],
    [() => steps() > 20, () => type('What is the capital of Italy ')],
    [() => steps() > 30, () => send('What is the capital of Italy?')],
    [() => steps() > 50, () => (pauseChanged(true, performance.now()), (inputs.isPaused = true))],
    [() => inputs.isPaused, () => (pauseChanged(false, performance.now()), (inputs.isPaused = false))],
    [() => steps() > 55, () => (remarkSent('In short.', performance.now()), inputs.remark('In short.'))],
    [() => run.isTurnOver, () => type('And')],
    [() => !run.isTurnOver, () => send('And of Spain?')],
    [() => (until ||= steps() + 20) <= steps(), () => (stopAsked(performance.now()), stop.abort())],
  ];
  let next = 0;
  runStarted(performance.now());
  type('What is the capital of France ');
  const events = playRun(run, inputs, stop.signal);
  let waiting: ReasoningEvent[] = [];
  const arrive = (): void => {
    reasoningEventsArrived(waiting, performance.now());
    waiting = [];
  };
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) {
      arrive();
      runEnded(value);
      return { store, recording: toRecording(store.getState().film, value) };
    }
    // As over the boundary of the worker: nothing is shared with the run.
    waiting.push(structuredClone(value));
    const due = script[next];
    const isDue = due?.[0]() === true;
    if (isDue || waiting.length >= batch) arrive();
    if (isDue) {
      due[1]();
      next++;
    }
  }
}

/** Times that the page's clock gives to the live run and the run's own to the recorded one, and the trace itself. */
function withoutClock(view: ReasoningView): unknown {
  const { startedAtMs: _started, sentMs: _sent, firstAnswerMs: _first, trace: _trace, setup: _setup, ...rest } = view;
  return rest;
}

let lived: Lived;
beforeAll(async () => {
  lived = await live();
});

test('a recorded run plays to what the live one showed, through a file', () => {
  const { store, recording } = lived;
  const read = readRun(JSON.stringify(recording));
  const played = new RunFilm(itemsOf(read)).newest.view;
  const { live: seen } = store.getState();
  expect(withoutClock(played)).toEqual(withoutClock(seen));
  // All that the script did has left its mark.
  expect(seen.turns).toHaveLength(1);
  expect(seen.turns[0]?.remarks[0]?.step).toBeGreaterThan(50);
  expect(seen.cutSteps.length).toBeGreaterThan(0);
  expect(seen.sentSteps).toHaveLength(2);
  expect(played.stopReason).toBe('stopped');
  const one = itemsOf(recording);
  expect(played).toEqual({ ...one.reduce(applyItem, EMPTY_MOMENT).view, trace: read, setup: read.setup });
});

test('what the person did keeps its place between the steps, and the waits are those of the live run', () => {
  const { store, recording } = lived;
  const seen = store.getState().film.items.filter(({ kind }) => kind !== 'begun');
  const played = itemsOf(recording).filter(({ kind }) => kind !== 'begun');
  expect(played.map(({ kind }) => kind)).toEqual(seen.map(({ kind }) => kind));
  const first = (items: RunFilm): ReasoningView['turns'] => items.newest.view.turns;
  expect(first(new RunFilm(itemsOf(recording)))).toEqual(store.getState().live.turns);
  expect(recording.recording.name).toBe('What is the capital of Italy?');
});

test('the events of a recording are those that the page got', () => {
  const { store, recording } = lived;
  const got = store.getState().film.items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
  const again = eventsOf(recording);
  expect(again.filter(({ kind }) => kind !== 'started')).toEqual(got.filter(({ kind }) => kind !== 'started'));
});

test('a trace that ends in front of the newest events is recorded up to there', () => {
  const { store, recording } = lived;
  const short = { ...recording, result: { ...recording.result, steps: recording.result.steps.slice(0, 40) } };
  const cut = toRecording(store.getState().film, short);
  expect(checkRun(cut)).toBe(cut);
  expect(new RunFilm(itemsOf(cut)).numSteps).toBe(40);
});

test('looking back shows any moment as it was, while the run goes on behind it', () => {
  const { recording } = lived;
  const store = newStore();
  const events = eventsOf(recording);
  store.getState().runStarted(0);
  store.getState().draftTyped('What', 0);
  store.getState().reasoningEventsArrived(events.slice(0, 40), 10);
  const then = store.getState().live;
  store.getState().draftTyped('What is', 11);
  store.getState().reasoningEventsArrived(events.slice(40, 60), 20);

  store.getState().stepChosen(5);
  const { reasoning, playback, live: now } = store.getState();
  expect(reasoning.steps).toHaveLength(6);
  expect(playback).toMatchObject({ source: 'live', step: 5, draft: 'What' });
  expect(now.steps.length).toBeGreaterThan(then.steps.length);
  store.getState().reasoningEventsArrived(events.slice(60, 80), 30);
  expect(store.getState().reasoning).toBe(reasoning);
  expect(store.getState().live.steps.length).toBeGreaterThan(now.steps.length);

  store.getState().stepChosen(then.steps.length - 1);
  expect(store.getState().reasoning.thinkerText).toBe(then.thinkerText);
  store.getState().stepChosen(null);
  expect(store.getState().playback).toBeNull();
  expect(store.getState().reasoning).toBe(store.getState().live);
});

test('a run that is begun, or emptied, ends the looking back', () => {
  const store = newStore();
  store.getState().recordingOpened(lived.recording, 1);
  store.getState().runStarted(0);
  expect(store.getState()).toMatchObject({ playback: null, reasoning: { phase: 'starting' } });
  store.getState().recordingOpened(lived.recording, Infinity);
  expect(store.getState().reasoning.steps.length).toBe(lived.recording.result.steps.length);
  store.getState().runCleared();
  expect(store.getState()).toMatchObject({ playback: null, reasoning: { phase: 'idle' } });
});

test('5,000 steps are scrubbed within a frame, to what a fold from the start gives', { timeout: 30_000 }, async () => {
  const { recording } = await live({ repeats: 60, batch: 40 });
  const film = new RunFilm(itemsOf(recording));
  expect(film.numSteps).toBeGreaterThan(5000);
  const times: number[] = [];
  for (let move = 0; move < 60; move++) {
    const count = film.countOfStep((move * 1871) % film.numSteps);
    const begun = performance.now();
    film.momentAfter(count);
    times.push(performance.now() - begun);
  }
  // The median: other work on the machine lengthens single moves.
  expect(times.toSorted((a, b) => a - b)[30]).toBeLessThan(16);

  for (const step of [0, 40, 333, 700]) {
    const count = film.countOfStep(step);
    expect(film.stepAt(count)).toBe(step);
    expect(film.momentAfter(count)).toEqual(film.items.slice(0, count).reduce(applyItem, EMPTY_MOMENT));
  }
});

describe('playing a recording', () => {
  test('goes at its speed, shortens long rests, stops at the end and begins anew', () => {
    const store = newStore();
    store.getState().recordingOpened(lived.recording, 1);
    const { items } = store.getState().playback?.film ?? new RunFilm();
    const totalMs = items.at(-1)?.atMs ?? 0;
    expect(store.getState().playback).toMatchObject({ source: 'recording', isPlaying: true, step: -1 });
    store.getState().playbackTicked(totalMs / 4);
    const atOne = store.getState().playback?.count ?? 0;
    expect(atOne).toBeGreaterThan(0);
    expect(atOne).toBeLessThan(items.length);
    store.getState().speedChosen(5);
    store.getState().playbackTicked(totalMs / 4);
    expect(store.getState().playback).toMatchObject({ isAtEnd: true, isPlaying: false });
    expect(store.getState().reasoning.trace).toBe(lived.recording);
    store.getState().playChanged(true);
    expect(store.getState().playback).toMatchObject({ isAtEnd: false, isPlaying: true, step: -1 });
    store.getState().stepChosen(3);
    expect(store.getState().playback).toMatchObject({ isPlaying: false, step: 3 });
    store.getState().playbackClosed();
    expect(store.getState().reasoning.phase).toBe('idle');
  });

  test('a rest of minutes takes two seconds', () => {
    const { recording } = lived;
    const late = recording.recording.events.map((event) =>
      event.kind === 'started' ? event : { ...event, elapsedMs: event.elapsedMs + 300_000 },
    );
    const store = newStore();
    store.getState().recordingOpened({ ...recording, recording: { ...recording.recording, events: late } }, 1);
    store.getState().playbackTicked(60_000);
    expect(store.getState().playback).toMatchObject({ step: -1, isPlaying: true });
    store.getState().playbackTicked(1900);
    expect(store.getState().playback?.step).toBe(-1);
    store.getState().playbackTicked(2000);
    expect(store.getState().reasoning.steps.length).toBeGreaterThan(0);
  });
});

describe('a reference trace', () => {
  test.each(['smollm2-b1', 'smollm2-b3-input', 'tiny-qwen3-a'])('%s plays without times', async (name) => {
    const url = new URL(`../testing/golden/async/${name}.json`, import.meta.url);
    const golden = readRun(await readFile(url, 'utf8'));
    const film = new RunFilm(itemsOf(golden));
    const { view } = film.newest;
    expect(film.numSteps).toBe(golden.result.steps.length);
    expect(view.thinkerText).toBe(golden.text.thinker);
    expect(view.writerText).toBe(golden.text.writer);
    expect(view.elapsedMs).toBe(0);
    expect(view).toMatchObject({ phase: 'ended', question: golden.setup.problem });
  });

  test('every one of them is accepted', async () => {
    const folder = new URL('../testing/golden/async/', import.meta.url);
    for (const file of await readdir(folder)) {
      const golden = JSON.parse(await readFile(new URL(file, folder), 'utf8')) as ReasoningTrace;
      expect(checkRun(golden)).toBe(golden);
    }
  });
});
