import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import type { StoreApi } from 'zustand';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { createAppStore, type AppState } from './app-store.ts';
import { createRunPage } from './run-page.ts';

let store: StoreApi<AppState>;
let golden: ReasoningTrace;

beforeEach(async () => {
  store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  const url = new URL('../testing/golden/async/smollm2-b1.json', import.meta.url);
  golden = JSON.parse(await readFile(url, 'utf8')) as ReasoningTrace;
});

test('a replay tells its events as they are shown and settles at its end', async () => {
  const steps: number[] = [];
  const replay = createRunPage(store).replay(golden, {
    speed: 2,
    onEvent: (event) => event.kind === 'stepped' && steps.push(event.step.step),
  });
  await Promise.resolve();
  store.getState().playbackTicked(1000);
  expect(steps.length).toBeGreaterThan(5);
  expect(steps.length).toBeLessThan(20);
  expect(steps.at(-1)).toBe(store.getState().playback?.step);
  store.getState().playbackTicked(1e6);
  await replay;
  expect(steps).toEqual(golden.result.steps.map(({ step }) => step));
  expect(store.getState().reasoning.writerText).toBe(golden.text.writer);
});

test('at once is at once', async () => {
  await createRunPage(store).replay(golden, { speed: Infinity });
  expect(store.getState().playback?.isAtEnd).toBe(true);
});

test('an aborted replay rejects and gives the panel back; so does one that is closed', async () => {
  const abort = new AbortController();
  const page = createRunPage(store);
  const aborted = page.replay(golden, { signal: abort.signal });
  await Promise.resolve();
  abort.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
  expect(store.getState().playback).toBeNull();

  const closed = page.replay(golden);
  await Promise.resolve();
  store.getState().playbackClosed();
  await expect(closed).rejects.toMatchObject({ code: 'cancelled' });
});

test('what is no run, or no speed, is refused and changes nothing', async () => {
  const page = createRunPage(store);
  await expect(page.replay({} as ReasoningTrace)).rejects.toMatchObject({ code: 'invalidConfig' });
  await expect(page.replay(golden, { speed: 0 })).rejects.toMatchObject({ code: 'invalidConfig' });
  expect(() => page.compareRuns(golden, {} as ReasoningTrace)).toThrow(/format/);
  expect(store.getState().playback).toBeNull();
  expect(page.compareRuns(golden, golden).isEqual).toBe(true);
});
