import { describe, expect, test } from 'vitest';
import type { StoreApi } from 'zustand';
import type { DelayMetrics } from '@/protocol/comparison.ts';
import type { EvaluationEvent, EvaluationRecord, EvaluationReport, EvaluationSummary } from '@/protocol/evaluation.ts';
import { createAppStore, type AppState } from './app-store.ts';
import { requestOf } from './evaluation-plan.ts';
import { headOf, measuredSeconds, otherModel, reportOf, type EvaluationContext } from './evaluation-view.ts';

const METRICS: DelayMetrics = {
  timeToFirstTokenMs: 100,
  timeToFirstSentenceMs: 200,
  timeToFirstSpeechMs: 200,
  totalMs: 2000,
  steps: 10,
  stepsToFirstToken: 1,
  stepsDelay: 0,
  totalDelaySeconds: 1,
  adjustedDelaySeconds: 0,
  thinkerTokens: 5,
  writerTokens: 5,
};
const ITEMS = ['a', 'b'].map((id) => ({ id, question: `${id}?`, kind: 'number' as const, answer: '1' }));
const CONTEXT: EvaluationContext = {
  createdAt: '2026-01-02T03:04:05.000Z',
  model: { id: 'm', sha256: 'abc' },
  device: { vendor: 'v', architecture: 'a', isSoftware: false },
};
const SUMMARY: EvaluationSummary = { rows: [], pairs: [] };

function recordOf(configuration: string, itemId: string, totalMs = 2000): EvaluationRecord {
  return {
    configuration,
    itemId,
    stop: 'writer_eos',
    text: { thinker: '', writer: '1' },
    extracted: '1',
    isCorrect: true,
    metrics: { ...METRICS, totalMs },
  };
}

const ended = (record: EvaluationRecord, done: number): EvaluationEvent => ({
  kind: 'itemEnded',
  record,
  summary: SUMMARY,
  done,
  total: 6,
  secondsLeft: 12,
});

function runningStore(): StoreApi<AppState> {
  const entries = new Map<string, string>();
  const store = createAppStore({
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, value),
    removeItem: (name) => void entries.delete(name),
  });
  const { evaluationPlan, reasoningSettings, evaluationStarted } = store.getState();
  evaluationStarted(requestOf(evaluationPlan, reasoningSettings), CONTEXT);
  store
    .getState()
    .evaluationEventsArrived([
      { kind: 'started', items: ITEMS, total: 6, done: 0 },
      { kind: 'itemStarted', configuration: 'Asynchronous', itemId: 'a' },
      ended(recordOf('Asynchronous', 'a'), 1),
      { kind: 'itemStarted', configuration: 'No thinking', itemId: 'a' },
    ]);
  return store;
}

describe('an evaluation under way', () => {
  test('collects answers as they come and says what it is at', () => {
    const { evaluation } = runningStore().getState();
    expect(evaluation).toMatchObject({
      phase: 'running',
      items: ITEMS,
      total: 6,
      secondsLeft: 12,
      current: { configuration: 'No thinking', itemId: 'a' },
    });
    expect(evaluation.records.map(({ configuration }) => configuration)).toEqual(['Asynchronous']);
  });

  test('keeps its answers when it is cancelled or fails, and goes on behind them', () => {
    const store = runningStore();
    store.getState().evaluationFailed({ code: 'deviceLost', message: 'Gone.' });
    expect(store.getState().evaluation).toMatchObject({
      phase: 'incomplete',
      current: null,
      secondsLeft: null,
      failure: { code: 'deviceLost', message: 'Gone.' },
    });
    store.getState().evaluationResumed();
    store
      .getState()
      .evaluationEventsArrived([
        { kind: 'started', items: ITEMS, total: 6, done: 1 },
        ended(recordOf('No thinking', 'a'), 2),
      ]);
    expect(store.getState().evaluation).toMatchObject({ phase: 'running', failure: null });
    expect(store.getState().evaluation.records).toHaveLength(2);
    store.getState().evaluationCancelled();
    expect(store.getState().evaluation).toMatchObject({ phase: 'incomplete', failure: null });
  });

  test('only what is incomplete can be gone on with', () => {
    const store = runningStore();
    const { request, context } = store.getState().evaluation;
    if (request === null || context === null) throw new Error('not started');
    const report: EvaluationReport = {
      format: 'duet-evaluation-1',
      ...request,
      ...context,
      items: ITEMS,
      records: [recordOf('Asynchronous', 'a')],
      summary: SUMMARY,
    };
    store.getState().evaluationEnded(report);
    expect(store.getState().evaluation).toMatchObject({ phase: 'complete', total: 6 });
    expect(reportOf(store.getState().evaluation)).toEqual(report);
    store.getState().evaluationResumed();
    expect(store.getState().evaluation.phase).toBe('complete');
  });

  test('a new one begins without the answers of the one before', () => {
    const store = runningStore();
    store.getState().evaluationCancelled();
    const { evaluationPlan, reasoningSettings } = store.getState();
    store.getState().evaluationStarted(requestOf(evaluationPlan, reasoningSettings), CONTEXT);
    expect(store.getState().evaluation).toMatchObject({ phase: 'running', records: [], total: 0 });
  });
});

describe('an evaluation that was kept', () => {
  const kept = (numRecords: number): Parameters<AppState['evaluationFound']>[0] => {
    const head = headOf(runningStore().getState().evaluation);
    if (head === null) throw new Error('nothing to keep');
    const all = ['Asynchronous', 'No thinking', 'Think first'].flatMap((name) =>
      ITEMS.map(({ id }) => recordOf(name, id)),
    );
    return { head, summary: SUMMARY, records: all.slice(0, numRecords) };
  };
  const emptyStore = (): StoreApi<AppState> =>
    createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

  test('comes back as it was left, with its form', () => {
    const store = emptyStore();
    store.getState().evaluationPlanChanged({ set: 'safety', numItems: 3 });
    store.getState().evaluationFound(kept(4));
    expect(store.getState().evaluation).toMatchObject({ phase: 'incomplete', total: 6, context: CONTEXT });
    expect(store.getState().evaluation.records).toHaveLength(4);
    expect(store.getState().evaluationPlan).toMatchObject({ set: 'arithmetic', numItems: 10 });
  });

  test('is complete when nothing is missing', () => {
    const store = emptyStore();
    store.getState().evaluationFound(kept(6));
    expect(store.getState().evaluation.phase).toBe('complete');
  });

  test('does not take the place of one that is there', () => {
    const store = runningStore();
    store.getState().evaluationFound(kept(6));
    expect(store.getState().evaluation.phase).toBe('running');
  });
});

test('answers of two models do not come together', () => {
  expect(otherModel(CONTEXT, { id: 'm', sha256: 'abc' })).toBeNull();
  expect(otherModel(CONTEXT, { id: 'm', sha256: 'def' })).toBe('m');
  expect(otherModel(CONTEXT, { id: 'n', sha256: 'abc' })).toBe('m');
  expect(otherModel(CONTEXT, null)).toBeNull();
});

test('what an answer took is the mean of its mode', () => {
  const store = runningStore();
  store
    .getState()
    .evaluationEventsArrived([ended(recordOf('Asynchronous', 'b', 4000), 2), ended(recordOf('unknown', 'b', 9000), 3)]);
  expect(measuredSeconds(store.getState().evaluation)).toEqual({ asynchronous: 3 });
});
