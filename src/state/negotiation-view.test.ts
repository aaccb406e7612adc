import { describe, expect, it } from 'vitest';
import type { RolloutEvent } from '@/protocol/negotiation-api.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import type { GroupRecord, Utterance } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { at } from '@/lib/assert.ts';
import { dialogueState, groupAdvantages, groupStats, tokenCounts } from './negotiation-stats.ts';
import {
  applyRolloutEvent,
  completeRun,
  endedRun,
  nextBranch,
  NO_ROLLOUT,
  openedRecord,
  recordOf,
  startedBranch,
  startedGroup,
  type RolloutView,
} from './negotiation-view.ts';
import { readGroupRecord } from './read-group-record.ts';

const HEAD = {
  dilemma: at(DILEMMAS, 0),
  pair: at(PERSONA_PAIRS, 0),
  settings: { ...DEFAULT_NEGOTIATION, groupSize: 2 },
};
const PLAN = { rowsPerForward: 2, maxForwardTokens: 256, keepsContext: true };

function utterance(role: 'agent1' | 'agent2', turn: number, changed: Partial<Utterance> = {}): Utterance {
  return {
    kind: 'utterance',
    role,
    turn,
    promptIds: [1, 2, 3],
    tokenIds: [4, 5],
    logProbs: [-0.1, -0.2],
    text: `${role} ${turn}`,
    stop: 'stopToken',
    isTruncated: false,
    origin: 'model',
    ...changed,
  };
}

const started: RolloutEvent = { kind: 'started', plan: PLAN, rows: [0, 1] };
const begins = (
  row: number,
  role: 'agent1' | 'agent2',
  turn = 1,
  of: Utterance['kind'] = 'utterance',
): RolloutEvent => ({
  kind: 'utteranceStarted',
  of,
  role,
  turn,
  row,
  numPromptTokens: 40,
  numSharedTokens: 31,
});
const says = (row: number, said: Utterance): RolloutEvent => ({ kind: 'utteranceEnded', row, utterance: said });
const token = (row: number, text: string): RolloutEvent => ({
  kind: 'stepped',
  tokens: [{ row, tokenId: 7, text, logProb: -1 }],
});
const judged = (row: number, agreed: boolean, turn = 1): RolloutEvent => ({
  kind: 'agreementJudged',
  row,
  verdict: { state: 'judged', turn, agreed, pYes: agreed ? 0.9 : 0.1 },
});

function played(...events: readonly RolloutEvent[]): RolloutView {
  return [started, ...events].reduce(applyRolloutEvent, startedGroup(NO_ROLLOUT, HEAD));
}

function stateOf(view: RolloutView, row = 0): string {
  return dialogueState(at(view.dialogues, row), view);
}

/** Row 0 agrees at once and is scored, row 1 fails. */
const OVER = played(
  ...[0, 1].flatMap((row) => [says(row, utterance('agent1', 1)), says(row, utterance('agent2', 1))]),
  judged(0, true),
  { kind: 'dialogueEnded', row: 0, outcome: 'agreed' },
  judged(1, false),
  { kind: 'dialogueEnded', row: 1, outcome: 'failed' },
  says(0, utterance('agent1', 1, { kind: 'completion', text: 'The answer.' })),
  { kind: 'judged', row: 0, verdict: { state: 'scored', score: 4 } },
);

describe('a dialogue under way', () => {
  it('goes from waiting to reading, speaking and back, and keeps what was said', () => {
    const words: string[] = [];
    let view = startedGroup(NO_ROLLOUT, HEAD);
    for (const event of [started, begins(0, 'agent1'), token(0, 'Let'), says(0, utterance('agent1', 1))]) {
      view = applyRolloutEvent(view, event);
      words.push(stateOf(view));
    }
    expect(words).toEqual(['waiting', 'reading', 'speaking', 'waiting']);
    expect(view.dialogues[0]?.utterances).toHaveLength(1);
    expect(view.dialogues[0]?.growing).toBeNull();
    expect(view.dialogues[1]?.utterances).toEqual([]);
    expect(view.sharedPrefixTokens).toBe(31);
  });

  it('gathers text and tokens, and thoughts apart from them', () => {
    const view = played(begins(0, 'agent1'), token(0, 'Let'), {
      kind: 'stepped',
      tokens: [{ row: 0, tokenId: 8, text: ' us', logProb: -1 }],
      thoughts: [{ row: 0, tokenId: 9, text: 'Hm', logProb: -1, role: 'agent2', heard: 2 }],
    });
    expect(view.dialogues[0]?.growing).toMatchObject({ text: 'Let us', numTokens: 2, role: 'agent1' });
    expect(view.dialogues[0]?.growingThoughts).toEqual({ role: 'agent2', text: 'Hm', numTokens: 1, heard: 2 });
    expect(tokenCounts(view.dialogues)).toEqual({ dialogue: 2, thoughts: 1 });
  });

  it('waits for a person until something was said, or the model speaks again', () => {
    const waiting = played({ kind: 'awaitingPerson', row: 0, role: 'agent1', turn: 1 });
    expect(stateOf(waiting)).toBe('your turn');
    const said = applyRolloutEvent(waiting, says(0, utterance('agent1', 1, { origin: 'person' })));
    expect(said.dialogues[0]?.awaiting).toBeNull();
    expect(tokenCounts(said.dialogues).dialogue).toBe(0);
    expect(stateOf(applyRolloutEvent(waiting, begins(0, 'agent1')))).toBe('reading');
  });

  it('is judged after its answer is written', () => {
    const agreed = played(judged(0, true), { kind: 'dialogueEnded', row: 0, outcome: 'agreed' });
    expect(stateOf(agreed)).toBe('agreed');
    const writing = [begins(0, 'agent1', 1, 'completion'), token(0, 'T')].reduce(applyRolloutEvent, agreed);
    expect(stateOf(writing)).toBe('writing the answer');
    const written = applyRolloutEvent(writing, says(0, utterance('agent1', 1, { kind: 'completion' })));
    expect(stateOf(written)).toBe('judging');
    expect(written.dialogues[0]?.utterances).toEqual([]);
  });

  it('pauses and goes on; a pause that comes after the end changes nothing', () => {
    const paused = played({ kind: 'paceChanged', isPaused: true });
    expect(paused.phase).toBe('paused');
    expect(applyRolloutEvent(paused, { kind: 'paceChanged', isPaused: false }).phase).toBe('running');
    const ended = endedRun(paused, { code: 'cancelled', message: '' });
    expect(applyRolloutEvent(ended, { kind: 'paceChanged', isPaused: true }).phase).toBe('stopped');
  });

  it('keeps what was said when it fails, and drops what was under way', () => {
    const view = endedRun(played(says(0, utterance('agent1', 1)), begins(0, 'agent2')), {
      code: 'deviceLost',
      message: 'Lost.',
    });
    expect(view.phase).toBe('failed');
    expect(view.failure?.code).toBe('deviceLost');
    expect(view.dialogues[0]).toMatchObject({ outcome: 'stopped', growing: null });
    expect(recordOf(view)?.dialogues[0]?.utterances).toHaveLength(1);
  });
});

describe('the group', () => {
  it('has rewards, shares and advantages once nothing is awaited', () => {
    const stats = groupStats(OVER);
    expect(stats).toMatchObject({ rewards: [4, 0], min: 0, mean: 2, max: 4, agreedShare: 0.5, meanTurns: 1 });
    const expected = 2 / (Math.sqrt(8) + 1e-4);
    expect(stats.advantages?.get('0.0')).toBeCloseTo(expected, 12);
    expect(stats.advantages?.get('1.0')).toBeCloseTo(-expected, 12);
  });

  it('has no advantages while a reward may still come', () => {
    const waiting = { ...OVER, dialogues: OVER.dialogues.map((dialogue) => ({ ...dialogue, verdict: null })) };
    expect(groupStats(waiting).advantages).toBeNull();
    expect(groupStats(waiting).mean).toBe(0);
  });

  it('gives an unreadable verdict no reward, not a 0', () => {
    const view = applyRolloutEvent(OVER, {
      kind: 'judged',
      row: 0,
      verdict: { state: 'unreadable', reason: 'No digit.', raw: 'good' },
    });
    expect(groupStats(view).rewards[0]).toBeNaN();
    expect(groupStats(view)).toMatchObject({ mean: 0, max: 0 });
  });

  it('counts nobody as agreed who was stopped', () => {
    const view = endedRun(played(says(0, utterance('agent1', 1))), { code: 'cancelled', message: '' });
    expect(groupStats(view)).toMatchObject({ agreedShare: null, meanTurns: null, mean: null, advantages: null });
  });
});

describe('groupAdvantages', () => {
  it('are those of the worked example: mean 0, and scaled by the deviation', () => {
    const values = groupAdvantages([1, 2, 3, 4]);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
    expect(values[3]).toBeCloseTo(1.5 / (Math.sqrt(5 / 3) + 1e-4), 12);
  });

  it('are exactly 0 for equal rewards, where rounding would blow up', () => {
    expect(groupAdvantages([3.7, 3.7, 3.7, 3.7, 3.7, 3.7, 3.7])).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('leave out what has no reward', () => {
    expect(groupAdvantages([2, Number.NaN])).toEqual([0, 0]);
    const [a, b, c] = groupAdvantages([1, Number.NaN, 3]);
    expect(b).toBe(0);
    expect((a ?? 0) + (c ?? 0)).toBeCloseTo(0, 12);
  });
});

describe('branches and records', () => {
  const first = recordOf({ ...OVER, phase: 'ended' });
  const said = 'Something else.';
  const branched = startedBranch(
    { ...OVER, phase: 'ended' },
    { row: 0, branch: 1, utterances: [utterance('agent1', 1)], agreements: [], said },
  );

  it('stand beside the first course, begin with what is said otherwise, and are no part of the group', () => {
    expect(branched.dialogues.map(({ row, branch }) => [row, branch])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(branched.dialogues[1]?.utterances.at(-1)).toMatchObject({ text: said, role: 'agent2', origin: 'person' });
    expect(groupStats(branched).rewards).toEqual([4, 0]);
    expect(groupStats(branched).advantages).not.toBeNull();
    expect(nextBranch(branched, 0)).toBe(2);
    expect(nextBranch(branched, 1)).toBe(1);
  });

  it('take events of their row without touching the first course', () => {
    const view = applyRolloutEvent(branched, judged(0, true));
    expect(view.dialogues[1]?.agreements).toHaveLength(1);
    expect(view.dialogues[0]).toBe(branched.dialogues[0]);
    // The first course has 2 utterances and an answer, row 1 two: what the branch took over is not counted again.
    expect(tokenCounts(view.dialogues).dialogue).toBe(10);
  });

  it('are completed from the record, and read back as they are', () => {
    const record: GroupRecord = {
      ...(first as GroupRecord),
      dialogues: [
        {
          row: 0,
          branch: 1,
          utterances: [
            utterance('agent1', 1),
            utterance('agent2', 1, { origin: 'person', stop: 'given', logProbs: [] }),
          ],
          agreements: [{ state: 'judged', turn: 1, agreed: false }],
          outcome: 'failed',
        },
      ],
    };
    const view = completeRun(branched, record, false);
    expect(view.phase).toBe('ended');
    expect(view.dialogues.map(({ outcome }) => outcome)).toEqual(['agreed', 'failed', 'failed']);
    const kept = recordOf(view);
    expect(readGroupRecord(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
    expect(recordOf(openedRecord(NO_ROLLOUT, kept as GroupRecord))).toEqual(kept);
  });

  it('are none before a group has begun', () => {
    expect(recordOf(NO_ROLLOUT)).toBeNull();
    expect(recordOf(startedGroup(NO_ROLLOUT, HEAD))).toBeNull();
  });
});

describe('readGroupRecord', () => {
  const good = JSON.parse(JSON.stringify(recordOf({ ...OVER, phase: 'ended' }))) as Record<string, unknown>;
  const dialogues = good['dialogues'] as Record<string, unknown>[];

  it.each([
    ['an unknown field', { ...good, extra: 1 }, 'extra'],
    ['another format', { ...good, format: 'duet-evaluation-1' }, 'format'],
    ['a score above 5', withDialogue({ verdict: { state: 'scored', score: 6 } }), 'dialogues.0.verdict.score'],
    ['two rows of one number', { ...good, dialogues: [dialogues[0], dialogues[0]] }, 'dialogues.1'],
    ['sides out of turn', withDialogue({ utterances: [utterance('agent2', 1)], agreements: [] }), 'utterances.0'],
    ['more verdicts than exchanges', withDialogue({ utterances: [] }), 'dialogues.0.agreements'],
  ])('names the field of %s', (_what, value, field) => {
    expect(() => readGroupRecord(value)).toThrow(field);
  });

  function withDialogue(change: Record<string, unknown>): unknown {
    return { ...good, dialogues: [{ ...dialogues[0], ...change }] };
  }
});
