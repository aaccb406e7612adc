import { describe, expect, it } from 'vitest';
import type { ReasoningState } from '@/protocol/reasoning.ts';
import { type ModeSignal, nextState, probeReasons, runningStreams, traceStateOf } from './mode-switch.ts';

const STATES = ['thinkerOnly', 'thinkerAndWriter', 'writerOnly'] as const;

describe('nextState', () => {
  // One row per signal: the state after it, from each of STATES in turn.
  it.each<[ModeSignal, readonly ReasoningState[]]>([
    [{ kind: 'writerParagraphEnded' }, ['thinkerOnly', 'thinkerOnly', 'writerOnly']],
    [{ kind: 'thoughtsEnded' }, ['writerOnly', 'writerOnly', 'writerOnly']],
    [{ kind: 'probed', isYes: true }, ['thinkerAndWriter', 'thinkerAndWriter', 'writerOnly']],
    [{ kind: 'probed', isYes: false }, ['thinkerOnly', 'thinkerOnly', 'writerOnly']],
    [{ kind: 'writerStarted' }, ['thinkerAndWriter', 'thinkerAndWriter', 'writerOnly']],
    [{ kind: 'thinkerStarted' }, ['thinkerOnly', 'thinkerOnly', 'thinkerOnly']],
  ])('%j', (signal, after) => {
    expect(STATES.map((state) => nextState(state, signal))).toEqual(after);
  });
});

describe('runningStreams', () => {
  it('follows the setup in its order of rows', () => {
    expect(runningStreams('thinkerOnly', ['writer', 'thinker'])).toEqual(['thinker']);
    expect(runningStreams('writerOnly', ['writer', 'thinker'])).toEqual(['writer']);
    expect(runningStreams('thinkerAndWriter', ['writer', 'thinker'])).toEqual(['writer', 'thinker']);
  });
});

describe('probeReasons', () => {
  const situation = { state: 'thinkerOnly', step: 0, probeInterval: 10, isThinkerAtParagraphEnd: false } as const;
  it.each([
    ['between probes', {}, []],
    ['one step early', { step: 8 }, []],
    ['at the interval', { step: 9 }, ['interval']],
    ['one step late', { step: 10 }, []],
    ['at a paragraph end', { isThinkerAtParagraphEnd: true }, ['paragraph']],
    ['both', { step: 19, isThinkerAtParagraphEnd: true }, ['interval', 'paragraph']],
    ['every step', { probeInterval: 1 }, ['interval']],
    ['while both run', { state: 'thinkerAndWriter', step: 9 }, ['interval']],
    ['never for the writer alone', { state: 'writerOnly', step: 9, isThinkerAtParagraphEnd: true }, []],
  ] as const)('%s', (_, change, reasons) => {
    expect(probeReasons({ ...situation, ...change })).toEqual(reasons);
  });
});

describe('traceStateOf', () => {
  it('spells states as the trace format does', () => {
    expect(STATES.map(traceStateOf)).toEqual(['thinker_only', 'thinker_and_writer', 'writer_only']);
  });
});
