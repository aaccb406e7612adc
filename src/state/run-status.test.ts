import { expect, test } from 'vitest';
import type { ModelView } from './model-view.ts';
import { EMPTY_REASONING_VIEW, type ReasoningView } from './reasoning-view.ts';
import { runStatus, type StatusKind } from './run-status.ts';

const cases: readonly [Partial<ReasoningView>, ModelView['status'], StatusKind][] = [
  [{}, 'none', 'idle'],
  [{}, 'loading', 'loading'],
  [{}, 'ready', 'idle'],
  [{}, 'failed', 'failed'],
  [{ phase: 'starting' }, 'ready', 'thinking'],
  [{ phase: 'running', state: 'thinkerOnly' }, 'ready', 'thinking'],
  [{ phase: 'running', state: 'thinkerAndWriter' }, 'ready', 'thinkingAndWriting'],
  [{ phase: 'running', state: 'writerOnly' }, 'ready', 'writing'],
  [{ phase: 'waiting', waitingFor: 'emptyDraft' }, 'ready', 'paused'],
  [{ phase: 'ended', stopReason: 'writer_eos' }, 'ready', 'stopped'],
  [{ phase: 'failed' }, 'ready', 'failed'],
  [{}, 'cancelled', 'idle'],
];

test.each(cases)('%o with a model that is %s is %s', (view, model, kind) => {
  expect(runStatus({ ...EMPTY_REASONING_VIEW, ...view }, model).kind).toBe(kind);
});

test('after Enter the thinker’s line speaks of the probe', () => {
  const view: ReasoningView = { ...EMPTY_REASONING_VIEW, phase: 'running', sentMs: 10 };
  expect(runStatus(view, 'ready').detail).toContain('probe');
});
