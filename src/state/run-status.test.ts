import { expect, test } from 'vitest';
import type { ModelView } from './model-view.ts';
import { EMPTY_REASONING_VIEW, type ReadingProgress, type ReasoningView } from './reasoning-view.ts';
import { playbackStatus, runStatus, spokenState, type StatusKind } from './run-status.ts';

const READING: ReadingProgress = { doneTokens: 64, totalTokens: 2100, firstTokens: 64, firstMs: 0 };

const cases: readonly [Partial<ReasoningView>, ModelView['status'], StatusKind][] = [
  [{}, 'none', 'idle'],
  [{}, 'loading', 'loading'],
  [{}, 'ready', 'idle'],
  [{}, 'failed', 'failed'],
  [{ phase: 'starting' }, 'ready', 'thinking'],
  [{ phase: 'running', state: 'thinkerOnly' }, 'ready', 'thinking'],
  [{ phase: 'running', state: 'thinkerAndWriter' }, 'ready', 'thinkingAndWriting'],
  [{ phase: 'running', state: 'writerOnly' }, 'ready', 'writing'],
  [{ phase: 'running', isPaused: true }, 'ready', 'paused'],
  [{ phase: 'running', reading: READING }, 'ready', 'reading'],
  [{ phase: 'waiting', waitingFor: 'emptyDraft' }, 'ready', 'waiting'],
  [{ phase: 'waiting', waitingFor: 'budget' }, 'ready', 'waiting'],
  [{ phase: 'waiting', waitingFor: 'budget', sentMs: 5, thinkerTokens: 9 }, 'ready', 'stopped'],
  [{ phase: 'waiting', waitingFor: 'speech' }, 'ready', 'waiting'],
  [{ phase: 'waiting', waitingFor: 'paused' }, 'ready', 'paused'],
  [{ phase: 'waiting', waitingFor: 'contextFull' }, 'ready', 'contextFull'],
  [{ phase: 'waiting', waitingFor: 'followUp', writerTokens: 3 }, 'ready', 'answered'],
  [{ phase: 'waiting', waitingFor: 'followUp' }, 'ready', 'waiting'],
  [{ phase: 'ended', stopReason: 'writer_eos' }, 'ready', 'answered'],
  [{ phase: 'ended', stopReason: 'context_full' }, 'ready', 'contextFull'],
  [{ phase: 'ended', stopReason: 'stopped', isPaused: true }, 'ready', 'stopped'],
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

test('a text that does not fit, and one that is being read, are told in tokens', () => {
  const waiting: ReasoningView = { ...EMPTY_REASONING_VIEW, phase: 'waiting', waitingFor: 'contextFull' };
  expect(runStatus({ ...waiting, missingTokens: 1200 }, 'ready').detail).toContain('1,200 tokens too long');
  expect(runStatus({ ...EMPTY_REASONING_VIEW, phase: 'starting', reading: READING }, 'ready').detail).toContain(
    '64 of 2,100',
  );
});

test('what is shown instead of now is named before anything else, and where nothing can run a recording is offered', () => {
  const at = (source: 'live' | 'recording', isPlaying: boolean, isAtEnd: boolean): string =>
    playbackStatus({ source, isPlaying, isAtEnd }).label;
  expect(at('live', false, false)).toBe('Looking back');
  expect(at('recording', true, false)).toBe('Replaying');
  expect(at('recording', false, false)).toBe('Replay held');
  expect(at('recording', false, true)).toBe('Replay ended');
  expect(runStatus(EMPTY_REASONING_VIEW, 'impossible').detail).toContain('recorded run');
});

test('screen readers hear of a beginning and an end, not of each turn that thinker and writer take, nor of counts', () => {
  const spoken = (kind: StatusKind, hasAnswerBegun: boolean): string =>
    spokenState({ kind, label: 'Label', detail: '3 of 7.' }, hasAnswerBegun);
  expect(spoken('thinking', false)).toBe('Thinking.');
  expect(new Set((['thinking', 'thinkingAndWriting', 'writing'] as const).map((kind) => spoken(kind, true)))).toEqual(
    new Set(['Writing the answer.']),
  );
  expect(spoken('reading', false)).toBe('Label.');
  expect(spoken('contextFull', false)).toBe('Label.');
  expect(spoken('failed', true)).toBe('Label. 3 of 7.');
});
