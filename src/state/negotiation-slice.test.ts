import { describe, expect, it } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { at } from '@/lib/assert.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import type { DialogueRecord, GroupRecord, Utterance } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { comparables } from './negotiation-comparables.ts';
import { createNegotiationSlice, isTakenOver, type NegotiationSlice } from './negotiation-slice.ts';
import { negotiationStatus, reasonNotToStart } from './negotiation-status.ts';

const HEAD = {
  dilemma: at(DILEMMAS, 0),
  pair: at(PERSONA_PAIRS, 0),
  settings: { ...DEFAULT_NEGOTIATION, groupSize: 1 },
};
const PLAN = { rowsPerForward: 1, maxForwardTokens: 256, keepsContext: true };
const SAID: Utterance = {
  kind: 'utterance',
  role: 'agent1',
  turn: 1,
  promptIds: [1],
  tokenIds: [2],
  logProbs: [-1],
  text: 'Hello.',
  stop: 'stopToken',
  isTruncated: false,
  origin: 'model',
};
const dialogue = (changed: Partial<DialogueRecord> = {}): DialogueRecord => ({
  row: 0,
  branch: 0,
  utterances: [SAID],
  agreements: [],
  outcome: 'failed',
  ...changed,
});
const recordWith = (...dialogues: readonly DialogueRecord[]): GroupRecord => ({
  format: 'duet-negotiation-1',
  ...HEAD,
  plan: PLAN,
  dialogues,
});

const store = () => createStore<NegotiationSlice>()(createNegotiationSlice);

/** A group that has come to its end. */
function afterGroup(state: ReturnType<typeof store>): number {
  const groupId = state.getState().negotiationStarted(HEAD);
  state.getState().negotiationCompleted(groupId, recordWith(dialogue()));
  return groupId;
}

describe('history', () => {
  it('has no group that says it is not to be kept, and shows it all the same', () => {
    const state = store();
    const groupId = state.getState().negotiationStarted(HEAD);
    state.getState().negotiationCompleted(groupId, recordWith(dialogue()), { isStopped: true, isKept: false });
    expect(state.getState()).toMatchObject({ negotiationHistory: [], rollout: { groupId, phase: 'stopped' } });
  });

  it('keeps groups that are over, newest first, and a branch within its group', () => {
    const state = store();
    const first = afterGroup(state);
    const second = afterGroup(state);
    expect(state.getState().negotiationHistory.map(({ groupId }) => groupId)).toEqual([second, first]);

    state.getState().negotiationBranched({ row: 0, branch: 1, said: 'Otherwise.' });
    expect(state.getState().openDialogue).toBe('0.1');
    state.getState().negotiationCompleted(second, recordWith(dialogue({ branch: 1 })));
    const [newest] = state.getState().negotiationHistory;
    expect(newest?.groupId).toBe(second);
    expect(newest?.record.dialogues.map(({ branch }) => branch)).toEqual([0, 1]);
  });

  it('keeps nothing of a group in which nothing was said', () => {
    const state = store();
    const groupId = state.getState().negotiationStarted(HEAD);
    state.getState().negotiationEnded(groupId, { code: 'busy', message: '' });
    expect(state.getState().rollout.phase).toBe('failed');
    expect(state.getState().negotiationHistory).toEqual([]);
  });

  it('keeps what a group has said that is cleared while it runs, once, but no recording', () => {
    const state = store();
    const begun = (isRecorded: boolean): number => {
      const groupId = state.getState().negotiationStarted(HEAD, isRecorded);
      state.getState().negotiationEventsArrived(groupId, [
        { kind: 'started', plan: PLAN, rows: [0] },
        { kind: 'utteranceEnded', row: 0, utterance: SAID },
      ]);
      return groupId;
    };
    const groupId = begun(false);
    state.getState().negotiationCleared();
    expect(state.getState().rollout).toMatchObject({ phase: 'idle', dialogues: [] });
    expect(state.getState().negotiationHistory).toMatchObject([
      { groupId, record: { dialogues: [{ utterances: [SAID] }] } },
    ]);
    // What comes of it late shows nothing again.
    state.getState().negotiationEnded(groupId, { code: 'cancelled', message: '' });
    state.getState().negotiationCleared();
    begun(true);
    state.getState().negotiationCleared();
    expect(state.getState().negotiationHistory.map((past) => past.groupId)).toEqual([groupId]);
    begun(false);
    state.getState().negotiationCleared([]);
    expect(state.getState().negotiationHistory).toEqual([]);
  });

  it('gives a group that is opened again its own place', () => {
    const state = store();
    const first = afterGroup(state);
    const second = afterGroup(state);
    state.getState().negotiationOpened(recordWith(dialogue()), first);
    expect(state.getState().rollout.groupId).toBe(first);
    expect(state.getState().negotiationHistory).toHaveLength(2);
    expect(afterGroup(state)).toBe(second + 1);
  });
});

it('events of a group that is shown no longer change nothing', () => {
  const state = store();
  const old = state.getState().negotiationStarted(HEAD);
  const current = state.getState().negotiationStarted(HEAD);
  const before = state.getState().rollout;
  state.getState().negotiationEventsArrived(old, [{ kind: 'started', plan: PLAN, rows: [0] }]);
  state.getState().negotiationEnded(old, { code: 'internal', message: '' });
  expect(state.getState().rollout).toBe(before);
  state.getState().negotiationEventsArrived(current, [{ kind: 'started', plan: PLAN, rows: [0] }]);
  expect(state.getState().rollout.plan).toEqual(PLAN);
});

it('a side is taken over once, and stays so in the next group', () => {
  const state = store();
  const side = { row: 0, role: 'agent2' } as const;
  state.getState().sideTakenOver(side);
  state.getState().sideTakenOver({ ...side });
  expect(state.getState().takenOver).toHaveLength(1);
  afterGroup(state);
  expect(isTakenOver(state.getState(), side)).toBe(true);
  state.getState().sideReleased({ ...side });
  expect(isTakenOver(state.getState(), side)).toBe(false);
});

it('dialogues of the shown group and of earlier ones can be compared', () => {
  const state = store();
  afterGroup(state);
  afterGroup(state);
  const { rollout, negotiationHistory } = state.getState();
  const keys = comparables(rollout, negotiationHistory).map(({ key }) => key);
  expect(keys).toEqual(['2/0.0', '1/0.0']);
});

describe('the state in words', () => {
  const ready = { status: 'ready', device: null } as const;
  const missing = { status: 'none', device: null } as const;

  it('says why nothing can start', () => {
    expect(reasonNotToStart(ready)).toBeNull();
    expect(reasonNotToStart(missing)).toBe('load a model first');
    expect(negotiationStatus(store().getState().rollout, missing).detail).toContain('load a model first');
  });

  it('follows a group from its words to its scores, and marks what is recorded', () => {
    const state = store();
    const groupId = state.getState().negotiationStarted(HEAD);
    const send = state.getState().negotiationEventsArrived;
    const label = () => negotiationStatus(state.getState().rollout, ready).label;
    expect(label()).toBe('Negotiating');
    send(groupId, [{ kind: 'awaitingPerson', row: 0, role: 'agent1', turn: 1 }]);
    expect(label()).toBe('Your turn');
    send(groupId, [{ kind: 'paceChanged', isPaused: true }]);
    expect(label()).toBe('Paused');
    send(groupId, [
      { kind: 'paceChanged', isPaused: false },
      { kind: 'utteranceEnded', row: 0, utterance: SAID },
      { kind: 'dialogueEnded', row: 0, outcome: 'agreed' },
      { kind: 'utteranceEnded', row: 0, utterance: { ...SAID, kind: 'completion' } },
    ]);
    expect(label()).toBe('Judging');
    state.getState().negotiationStarted(HEAD, true);
    expect(label()).toBe('Recorded: negotiating');
  });
});
