import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { RolloutEvent } from '@/protocol/negotiation-api.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { recordingFile, type NegotiationRecording } from '@/protocol/negotiation-recording.ts';
import type { DialogueRecord, GroupRecord, Utterance } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { createAppStore } from './app-store.ts';
import { shownPlayback } from './negotiation-playback.ts';
import { applyRolloutEvent, startedGroup, type GroupHead, type RolloutView } from './negotiation-view.ts';
import { readNegotiationRecording } from './read-negotiation-recording.ts';

const dilemma: Dilemma = at(DILEMMAS, 0);
const pair: PersonaPair = at(PERSONA_PAIRS, 0);
const HEAD: GroupHead = { dilemma, pair, settings: { ...DEFAULT_NEGOTIATION, groupSize: 2, maxTurns: 1 } };

const uttered = (kind: Utterance['kind'], role: Utterance['role']): Utterance => ({
  kind,
  role,
  turn: 1,
  promptIds: [1, 2, 3],
  tokenIds: [7, 2],
  logProbs: [-0.5, -0.1],
  text: role,
  stop: 'stopToken',
  isTruncated: false,
  origin: 'model',
});

const dialogueOf = (row: number): DialogueRecord => ({
  row,
  branch: 0,
  utterances: [uttered('utterance', 'agent1'), uttered('utterance', 'agent2')],
  agreements: [{ state: 'judged', turn: 1, agreed: true, pYes: 0.75 }],
  outcome: 'agreed',
  completion: uttered('completion', 'agent1'),
  verdict: { state: 'scored', score: 3.5 },
});

const group: GroupRecord = {
  format: 'duet-negotiation-1',
  ...HEAD,
  plan: { rowsPerForward: 2, maxForwardTokens: 256, keepsContext: true },
  dialogues: [dialogueOf(0), dialogueOf(1)],
};

/** As the worker tells of it, but one dialogue after the other. */
function toldOf({ row, utterances, completion, agreements, outcome, verdict }: DialogueRecord): RolloutEvent[] {
  const spoken = (utterance: Utterance): RolloutEvent[] => [
    {
      kind: 'utteranceStarted',
      row,
      of: utterance.kind,
      role: utterance.role,
      turn: utterance.turn,
      numPromptTokens: utterance.promptIds.length,
      numSharedTokens: 2,
    },
    ...utterance.tokenIds.map((tokenId, index): RolloutEvent => {
      const text = index === 0 ? utterance.text : '';
      return { kind: 'stepped', tokens: [{ row, tokenId, text, logProb: at(utterance.logProbs, index) }] };
    }),
    { kind: 'utteranceEnded', row, utterance },
  ];
  return [
    ...utterances.flatMap(spoken),
    ...agreements.map((agreement): RolloutEvent => ({ kind: 'agreementJudged', row, verdict: agreement })),
    ...(completion === undefined ? [] : spoken(completion)),
    { kind: 'dialogueEnded', row, outcome },
    ...(verdict === undefined ? [] : [{ kind: 'judged', row, verdict } as const]),
  ];
}

const events: readonly RolloutEvent[] = [
  { kind: 'started', plan: group.plan, rows: [0, 1] },
  ...group.dialogues.flatMap(toldOf),
];

const file = recordingFile(
  {
    id: 'two-rows',
    name: 'Two rows',
    note: '',
    createdAt: '2026-11-26T12:00:00.000Z',
    model: { id: 'm', name: 'M', sha256: null },
    device: { vendor: 'v', architecture: 'a', isSoftware: false },
    judge: 'a rule',
  },
  group,
  events.map((event, index) => ({ atMs: 250.4 * index, event })),
);

const recording = (): NegotiationRecording => readNegotiationRecording(JSON.stringify(file));

const shown = (all: readonly RolloutEvent[]): RolloutView =>
  all.reduce(applyRolloutEvent, startedGroup({ groupId: 0 }, HEAD));

describe('a file', () => {
  test('is read with its record', () => {
    expect(recording().group).toEqual(group);
    expect(recording().events.map(({ event }) => event)).toEqual(events);
  });

  test('with a record at fault is refused, by the field', () => {
    const dialogues = [{ ...dialogueOf(0), outcome: 'won' }, dialogueOf(1)];
    const text = JSON.stringify({ ...file, group: { ...group, dialogues } });
    expect(() => readNegotiationRecording(text)).toThrow('dialogues.0.outcome');
  });

  test('that is no JSON is said to be none', () => {
    expect(() => readNegotiationRecording('{')).toThrow('The recording: it is no JSON.');
  });
});

function opened(): ReturnType<typeof createAppStore> {
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  store.getState().negotiationRecordingOpened(recording());
  return store;
}

describe('playing', () => {
  test('shows by the clock what a live group would show, and ends with the record', () => {
    const store = opened();
    const { rollout } = store.getState();
    expect(rollout).toMatchObject({ phase: 'running', isRecorded: true });
    store.getState().negotiationPlaybackTicked(250 * 5 + 5);
    const first = events.slice(0, 6);
    expect(store.getState().rollout.dialogues).toEqual(shown(first).dialogues);
    store.getState().negotiationSpeedChosen(4);
    store.getState().negotiationPlaybackTicked(251);
    expect(shownPlayback(store.getState())?.count).toBe(10);
    store.getState().negotiationPlaybackTicked(1e6);
    expect(store.getState().rollout).toMatchObject({ phase: 'ended', isRecorded: true });
    expect(store.getState().rollout.dialogues.map(({ verdict }) => verdict?.state)).toEqual(['scored', 'scored']);
  });

  test('what is held stands still; the end can be chosen while it does, and playing begins anew', () => {
    const store = opened();
    const { groupId } = store.getState().rollout;
    store.getState().negotiationPlayChanged(false);
    store.getState().negotiationPlaybackTicked(1e6);
    expect(store.getState().rollout.phase).toBe('paused');
    expect(shownPlayback(store.getState())?.count).toBe(0);
    store.getState().negotiationEndChosen();
    expect(store.getState().rollout.phase).toBe('ended');
    store.getState().negotiationPlayChanged(true);
    expect(store.getState().rollout).toMatchObject({ phase: 'running', isRecorded: true });
    expect(store.getState().rollout.groupId).toBeGreaterThan(groupId);
    expect(shownPlayback(store.getState())?.count).toBe(0);
  });

  test('long rests are shortened', () => {
    const late = {
      ...recording(),
      events: recording().events.map((timed, index) => ({ ...timed, atMs: index * 60_000 })),
    };
    const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
    store.getState().negotiationRecordingOpened(late);
    store.getState().negotiationPlaybackTicked(10);
    expect(shownPlayback(store.getState())).toMatchObject({ count: 1, atMs: 58_500 });
    store.getState().negotiationPlaybackTicked(1500);
    expect(shownPlayback(store.getState())?.count).toBe(2);
  });

  test('is over once another group is shown, or it was stopped', () => {
    const store = opened();
    const { groupId } = store.getState().rollout;
    store.getState().negotiationEnded(groupId, { code: 'cancelled', message: '' });
    store.getState().negotiationPlaybackTicked(1e6);
    expect(store.getState().rollout.phase).toBe('stopped');
    store.getState().negotiationStarted(HEAD);
    expect(shownPlayback(store.getState())).toBeNull();
    store.getState().negotiationPlaybackTicked(1e6);
    store.getState().negotiationPlayChanged(true);
    expect(store.getState().rollout).toMatchObject({ phase: 'running', isRecorded: false });
  });
});
