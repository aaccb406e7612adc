import { beforeEach, expect, test, vi } from 'vitest';
import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { ReasoningEvent, ReasoningTrace, TraceSetup } from '@/protocol/reasoning.ts';
import { createAppStore, type AppState } from '@/state/app-store.ts';
import { createRunDriver, type RunDriver } from './run-driver.ts';

const SETUP = { params: {}, views: {} } as unknown as TraceSetup;

/** The engine's side of a run, for a test to play. */
interface Played {
  readonly settings: unknown;
  readonly emit: (event: ReasoningEvent) => void;
  readonly fail: (failure: Failure) => void;
  readonly isAborted: () => boolean;
}

let runs: Played[] = [];
let calls: unknown[][] = [];
let store: StoreApi<AppState>;
let driver: RunDriver;
/** What a run that is stopped settles with; null: it rejects. */
let traceOfStopped: ReasoningTrace | null = null;
let kept: (readonly [numItems: number, trace: ReasoningTrace])[] = [];

const SO_FAR = { format: 'async-trace-1' } as ReasoningTrace;

function fakeDuet(): DuetApi {
  const record =
    (name: string) =>
    (...args: unknown[]): Promise<void> => {
      calls.push([name, ...args]);
      return Promise.resolve();
    };
  const reasonLive: DuetApi['reasonLive'] = (settings, emit = () => undefined, { signal } = {}) =>
    new Promise<ReasoningTrace>((resolve, reject) => {
      runs.push({ settings, emit, fail: reject, isAborted: () => signal?.aborted === true });
      signal?.addEventListener('abort', () => {
        if (traceOfStopped === null) reject(new Failure('cancelled', ''));
        else resolve(traceOfStopped);
      });
    });
  const names = ['updateDraft', 'addRemark', 'pause', 'resume', 'reportSpeech', 'updateSettings', 'memory'];
  const traceSoFar: DuetApi['traceSoFar'] = () => Promise.resolve(SO_FAR);
  return {
    reasonLive,
    traceSoFar,
    ...Object.fromEntries(names.map((name) => [name, record(name)])),
  } as unknown as DuetApi;
}

const drafts = (): unknown[] => calls.filter(([name]) => name === 'updateDraft').map(([, draft]) => draft);
const modelReady = (): void => store.getState().modelLoaded({ name: 'A model', hasThinkTokens: false } as ModelInfo);
/** Lets promises settle and the newest events arrive. */
const pass = (milliseconds = 120): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

async function play(...events: readonly ReasoningEvent[]): Promise<void> {
  await pass();
  for (const event of events) runs.at(-1)?.emit(event);
  await pass();
}

const stepped = (writerText: string): ReasoningEvent => ({
  kind: 'stepped',
  elapsedMs: 5,
  state: 'thinkerAndWriter',
  thinkerText: 'a',
  writerText,
  step: {
    step: 0,
    state: 'thinker_only',
    state_after: 'thinker_only',
    rows: [{ stream: 'thinker', input: 0, lengths: [], loc: [], token: 0, margin: 0, top: [], logsumexp: 0 }],
  },
});

beforeEach(() => {
  vi.useFakeTimers();
  runs = [];
  calls = [];
  store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  kept = [];
  traceOfStopped = null;
  driver = createRunDriver(fakeDuet(), store, (film, trace) => kept.push([film.items.length, trace]));
  return () => vi.useRealTimers();
});

test('typing begins a run that waits for follow-ups, and Enter empties the box', async () => {
  modelReady();
  driver.typed('Why');
  await pass();
  expect(runs[0]?.settings).toMatchObject({ followUps: true, budget: 512 });
  await play({ kind: 'started', elapsedMs: 0, setup: SETUP });
  driver.submitted('Why?');
  expect(drafts().at(-1)).toEqual({ text: 'Why?', sent: true });
  expect(store.getState()).toMatchObject({ draft: '', reasoning: { question: 'Why?' } });
});

test('text typed after Enter is a remark with the next Enter, and never a draft', async () => {
  modelReady();
  driver.submitted('Why?');
  await play({ kind: 'started', elapsedMs: 0, setup: SETUP }, stepped('Be'));
  const before = drafts().length;
  driver.typed('In short');
  driver.submitted('In short.');
  await pass(5000);
  expect(drafts()).toHaveLength(before);
  expect(calls).toContainEqual(['addRemark', 'In short.']);
  expect(store.getState().reasoning.remarks).toEqual([
    { text: 'In short.', step: null, thinkerOffset: null, writerOffset: null },
  ]);
});

test('behind the answer the first letter begins the next turn', async () => {
  modelReady();
  driver.submitted('Why?');
  await play({ kind: 'started', elapsedMs: 0, setup: SETUP }, stepped('Because.'), {
    kind: 'waiting',
    elapsedMs: 9,
    reason: 'followUp',
  });
  driver.typed(' ');
  expect(store.getState().reasoning.turns).toHaveLength(0);
  driver.typed('And');
  expect(store.getState().reasoning).toMatchObject({ turns: [{ question: 'Why?', answer: 'Because.' }], sentMs: null });
  driver.submitted('And then?');
  expect(drafts().at(-1)).toEqual({ text: 'And then?', sent: true });
  expect(store.getState().reasoning.question).toBe('And then?');
});

test('what an input method composes is neither a draft nor settled before it is done', async () => {
  modelReady();
  driver.typed('K');
  await pass(5000);
  const before = drafts().length;
  driver.typed('Kか', true);
  await pass(5000);
  expect(drafts()).toHaveLength(before);
  driver.typed('K火');
  await pass(5000);
  expect(drafts().slice(before)).toEqual([
    { text: 'K火', sent: false },
    { text: 'K火', sent: false, settled: true },
  ]);
});

test('a question that was sent before the model was there begins with it, as it stands then', async () => {
  driver.submitted('Why');
  driver.typed('Why not?');
  expect(runs).toHaveLength(0);
  modelReady();
  driver.modelBecameReady();
  await pass();
  expect(runs).toHaveLength(1);
  expect(store.getState().reasoning.question).toBe('Why not?');
});

test('a question that begins a run by Enter is handed over once, or it would be answered twice', async () => {
  modelReady();
  driver.submitted('Why?');
  await play({ kind: 'started', elapsedMs: 1, setup: SETUP, prompts: [] } as unknown as ReasoningEvent, stepped(''));
  expect(drafts()).toEqual([{ text: 'Why?', sent: true }]);
});

test('a text that a link has put into the box is not begun with, whatever was typed before', async () => {
  driver.typed('Mine');
  store.setState({ draft: 'Of a link' });
  modelReady();
  driver.modelBecameReady();
  await pass();
  expect(runs).toHaveLength(0);
  expect(store.getState().draft).toBe('Of a link');
});

test('a run begins after the one before it has ended, and hears nothing of it', async () => {
  modelReady();
  driver.submitted('One');
  await pass();
  runs[0]?.emit(stepped('on its way'));
  driver.reset();
  driver.typed('Two');
  await pass();
  expect(runs.map(({ isAborted }) => isAborted())).toEqual([true, false]);
  runs[0]?.emit(stepped('late'));
  await pass();
  expect(store.getState().reasoning.writerText).toBe('');
});

test('a question is taken back into the box, and the next model gets it as it was sent', async () => {
  modelReady();
  driver.submitted('Why?');
  await play({ kind: 'started', elapsedMs: 0, setup: SETUP });
  await driver.takeBack();
  expect(store.getState()).toMatchObject({ draft: 'Why?', reasoning: { phase: 'idle' } });
  driver.modelBecameReady();
  await pass();
  expect(runs).toHaveLength(2);
  expect(store.getState().reasoning.question).toBe('Why?');
});

test('a lost device ends run and model, a cancelled run only itself', async () => {
  modelReady();
  driver.submitted('Why?');
  await pass();
  runs[0]?.fail(new Failure('deviceLost', 'The driver was reset.'));
  await pass();
  expect(store.getState()).toMatchObject({ reasoning: { phase: 'failed' }, model: { status: 'failed' } });
  modelReady();
  driver.typed('Why');
  await pass();
  await driver.stop();
  await pass();
  expect(store.getState()).toMatchObject({ reasoning: { phase: 'ended' }, model: { status: 'ready' } });
});

test('settings reach a run under way, and a reset tells it the default', async () => {
  modelReady();
  driver.changeSettings({ yesBias: 2 });
  expect(calls).toEqual([]);
  driver.typed('Why');
  driver.changeSettings({ yesBias: 3 });
  driver.resetSetting('yesBias');
  expect(calls.filter(([name]) => name === 'updateSettings')).toEqual([
    ['updateSettings', { yesBias: 3 }],
    ['updateSettings', { yesBias: 1.4 }],
  ]);
});

test('a run is handed over to be kept when its turn is over, not before', async () => {
  modelReady();
  driver.submitted('Why?');
  await play({ kind: 'started', elapsedMs: 0, setup: SETUP }, { kind: 'waiting', elapsedMs: 1, reason: 'emptyDraft' });
  await play(stepped('Because.'));
  expect(kept).toEqual([]);
  await play({ kind: 'waiting', elapsedMs: 9, reason: 'followUp' });
  expect(kept).toEqual([[store.getState().film.items.length, SO_FAR]]);
});

test('what a demo began is not kept when it ends after the demo, and what the visitor began is when a demo stops it', async () => {
  const stopped = { ...SO_FAR, result: { final: { stop: 'stopped' } } } as ReasoningTrace;
  traceOfStopped = stopped;
  modelReady();
  const begin = (): Promise<void> => {
    driver.submitted('Why?');
    return play({ kind: 'started', elapsedMs: 0, setup: SETUP }, stepped('Because.'));
  };

  store.getState().autoDemoChanged(true);
  await begin();
  // A key ends the demo, which stops its run; that settles later.
  void driver.stop();
  store.getState().autoDemoChanged(false);
  await pass();
  expect(kept).toEqual([]);

  await begin();
  store.getState().autoDemoChanged(true);
  driver.reset();
  await pass();
  expect(kept).toEqual([[expect.any(Number), stopped]]);
});

test('typing, Enter and Stop leave a recording or a look back, and go into the run', async () => {
  modelReady();
  driver.submitted('Why?');
  await play({ kind: 'started', elapsedMs: 0, setup: SETUP }, stepped('Be'), stepped('cause'));
  const lookBack = (): void => {
    store.getState().stepChosen(0);
    expect(store.getState().reasoning.writerText).toBe('Be');
  };
  lookBack();
  driver.typed('In short');
  expect(store.getState()).toMatchObject({ playback: null, reasoning: { writerText: 'Because' } });
  lookBack();
  driver.submitted('In short.');
  expect(calls).toContainEqual(['addRemark', 'In short.']);
  expect(store.getState().playback).toBeNull();
  lookBack();
  void driver.stop();
  expect(store.getState().playback).toBeNull();
  expect(runs[0]?.isAborted()).toBe(true);
});
