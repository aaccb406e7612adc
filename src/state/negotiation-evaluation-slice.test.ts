import { expect, test } from 'vitest';
import type { StoreApi } from 'zustand';
import { at } from '@/lib/assert.ts';
import type { NegotiationEvaluationEvent } from '@/protocol/negotiation-evaluation.ts';
import { sampleEvaluation } from '@/testing/sample-negotiation-evaluation.ts';
import { createAppStore, type AppState } from './app-store.ts';
import type { NegotiationEvaluationOrder } from './negotiation-evaluation-form.ts';
import { negotiationReportOf, otherNegotiationModel } from './negotiation-evaluation-view.ts';

const REPORT = sampleEvaluation();
const { createdAt, model, device } = REPORT;
const CONTEXT = { createdAt, model, device };
const { judge: _judge, pairwiseJudge: _pairwiseJudge, ...PLAN } = REPORT.plan;
const ORDER: NegotiationEvaluationOrder = {
  ...PLAN,
  pairs: [{ ...at(PLAN.pairs, 0), id: 'unused' }, ...PLAN.pairs],
  judge: { kind: 'engine' },
  isCompared: true,
};
const TOTAL = 8;

const ended = (index: number): NegotiationEvaluationEvent => ({
  kind: 'pieceEnded',
  piece: at(REPORT.pieces, index),
  summary: REPORT.summary,
  done: index + 1,
  total: TOTAL,
  secondsLeft: 12,
});

function runningStore(): StoreApi<AppState> {
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  const { started, arrived } = store.getState().negotiationEvaluationEvents;
  started({ order: ORDER, context: CONTEXT }, 1000);
  arrived([
    { kind: 'started', total: TOTAL, done: 0 },
    { kind: 'pieceStarted', what: { kind: 'dialogue', label: 'Base: plants' } },
    ended(0),
  ]);
  return store;
}

test('pieces are collected as they come, and what is made next is said', () => {
  const { arrived } = runningStore().getState().negotiationEvaluationEvents;
  const store = runningStore();
  arrived([]);
  store
    .getState()
    .negotiationEvaluationEvents.arrived([{ kind: 'pieceStarted', what: { kind: 'dialogue', label: 'Pact: plants' } }]);
  expect(store.getState().negotiationEvaluation).toMatchObject({
    phase: 'running',
    pieces: [REPORT.pieces[0]],
    total: TOTAL,
    secondsLeft: 12,
    startedMs: 1000,
    current: { kind: 'dialogue', label: 'Pact: plants' },
  });
});

test('the work is counted before the worker says it', () => {
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  store.getState().negotiationEvaluationEvents.started({ order: ORDER, context: CONTEXT }, 0);
  expect(store.getState().negotiationEvaluation.total).toBe(TOTAL);
});

test('stopped or failed, it keeps its pieces and can be gone on with', () => {
  const store = runningStore();
  const events = store.getState().negotiationEvaluationEvents;
  events.stopped();
  expect(store.getState().negotiationEvaluation).toMatchObject({ phase: 'incomplete', failure: null, current: null });
  events.resumed(2000);
  events.failed({ code: 'deviceLost', message: 'Gone.' });
  expect(store.getState().negotiationEvaluation).toMatchObject({
    phase: 'incomplete',
    failure: { code: 'deviceLost', message: 'Gone.' },
  });
  expect(store.getState().negotiationEvaluation.pieces).toHaveLength(1);
  events.resumed(3000);
  expect(store.getState().negotiationEvaluation).toMatchObject({ phase: 'running', failure: null, startedMs: 3000 });
});

test('a report of what is there names the pairs that were dealt, and no others', () => {
  const report = negotiationReportOf(runningStore().getState().negotiationEvaluation);
  expect(report?.plan.pairs.map(({ id }) => id)).toEqual(['two']);
  expect(report?.pieces).toHaveLength(1);
  expect(report?.plan.pairwiseJudge).toBe('this model');
});

test('complete, the worker’s own report is what is shown and saved', () => {
  const store = runningStore();
  store.getState().negotiationEvaluationEvents.completed(REPORT);
  expect(store.getState().negotiationEvaluation).toMatchObject({ phase: 'complete', order: null });
  expect(negotiationReportOf(store.getState().negotiationEvaluation)).toEqual(REPORT);
});

test('what an earlier visit kept takes no place that is taken', () => {
  const kept = {
    head: { format: 'duet-negotiation-evaluation-head-1' as const, order: ORDER, context: CONTEXT },
    pieces: REPORT.pieces.slice(0, 3),
    summary: REPORT.summary,
  };
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  store.getState().negotiationEvaluationEvents.found(kept);
  expect(store.getState().negotiationEvaluation).toMatchObject({ phase: 'incomplete', total: TOTAL });
  store.getState().negotiationEvaluationEvents.found({ ...kept, pieces: REPORT.pieces });
  expect(store.getState().negotiationEvaluation.pieces).toHaveLength(3);
});

test('a report from a file is looked at, not gone on with, and put away again', () => {
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  const events = store.getState().negotiationEvaluationEvents;
  events.opened({ ...REPORT, pieces: REPORT.pieces.slice(0, 2) }, 'mine.json');
  expect(store.getState().negotiationEvaluation).toMatchObject({
    phase: 'incomplete',
    fileName: 'mine.json',
    order: null,
  });
  events.closed();
  expect(store.getState().negotiationEvaluation.phase).toBe('empty');
});

test('it goes on with the same model only', () => {
  const info = { name: 'Tiny', fileBytes: 5, sha256: 'abc' } as Parameters<typeof otherNegotiationModel>[1];
  expect(otherNegotiationModel(CONTEXT, info)).toBeNull();
  expect(otherNegotiationModel(CONTEXT, info && { ...info, sha256: null })).toBe('Tiny');
});
