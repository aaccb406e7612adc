import { describe, expect, it } from 'vitest';
import type { DialogueRecord, GroupRecord, NegotiationRole, Utterance } from '@/protocol/negotiation-run.ts';
import { DILEMMA, PAIR, tinySettings } from '@/testing/negotiation-doubles.ts';
import { rowsOfAnswers, rowsOfGroup } from './rows-of-dialogue.ts';

const said = (role: NegotiationRole, id: number, more: Partial<Utterance> = {}): Utterance => ({
  kind: 'utterance',
  role,
  turn: 1,
  promptIds: [1, id],
  tokenIds: [id, 2],
  logProbs: [-0.5, -0.25],
  text: String(id),
  stop: 'stopToken',
  isTruncated: false,
  origin: 'model',
  ...more,
});

const dialogue = (more: Partial<DialogueRecord> = {}): DialogueRecord => ({
  row: 0,
  branch: 0,
  utterances: [said('agent1', 10), said('agent2', 11)],
  agreements: [],
  outcome: 'agreed',
  ...more,
});

function group(dialogues: readonly DialogueRecord[], settings = tinySettings()): GroupRecord {
  const plan = { rowsPerForward: 1, maxForwardTokens: 1, keepsContext: false };
  return { format: 'duet-negotiation-1', dilemma: DILEMMA, pair: PAIR, settings, plan, dialogues };
}

describe('rowsOfGroup', () => {
  it('makes one row of each utterance, stop token included, and none of the completion', () => {
    const completion = said('agent1', 99, { kind: 'completion' });
    const rows = rowsOfGroup(group([dialogue({ completion })]), { groupId: 4, trainRoles: 'both', advantages: [1.5] });
    expect(rows).toEqual([
      {
        dialogue: 0,
        utterance: 0,
        training: {
          promptIds: [1, 10],
          completionIds: [10, 2],
          lossMask: [1, 1],
          advantage: 1.5,
          oldLogProbs: [-0.5, -0.25],
          isTruncated: false,
          role: 'agent1',
          groupId: 4,
        },
      },
      { dialogue: 0, utterance: 1, training: expect.objectContaining({ role: 'agent2', advantage: 1.5 }) as object },
    ]);
  });

  it('trains agent 1 alone where agent 2 is a frozen copy, and leaves the advantages open', () => {
    const rows = rowsOfGroup(group([dialogue(), dialogue({ row: 1 })]), { groupId: 0, trainRoles: 'agent1' });
    expect(rows.map(({ training }) => [training.role, training.advantage])).toEqual([
      ['agent1', 0],
      ['agent1', 0],
    ]);
  });

  it('keeps failed dialogues, and leaves out stopped ones and what a person said', () => {
    const dialogues = [
      dialogue({ outcome: 'failed', utterances: [said('agent1', 10, { isTruncated: true }), said('agent2', 11)] }),
      dialogue({ outcome: 'stopped' }),
      dialogue({ utterances: [said('agent1', 20, { origin: 'person', logProbs: [] }), said('agent2', 21)] }),
    ];
    const rows = rowsOfGroup(group(dialogues), { groupId: 0, trainRoles: 'both', advantages: [-1, 7, 1] });
    expect(rows.map(({ training }) => [training.promptIds[1], training.advantage, training.isTruncated])).toEqual([
      [10, -1, true],
      [11, -1, false],
      [21, 1, false],
    ]);
  });

  it('does not train a side that spoke without the adapter', () => {
    const settings = tinySettings({ adapterAgent1: 'off' });
    const rows = rowsOfGroup(group([dialogue()], settings), { groupId: 0, trainRoles: 'both' });
    expect(rows.map(({ training }) => training.role)).toEqual(['agent2']);
  });

  it('refuses what is held out, whatever it calls itself', () => {
    const options = { groupId: 0, trainRoles: 'both' } as const;
    const whole = group([dialogue()]);
    const heldOut: Partial<GroupRecord>[] = [
      { dilemma: { ...DILEMMA, split: 'test' } },
      { dilemma: { ...DILEMMA, id: 'one-rescue-helicopter' } },
      { pair: { ...PAIR, split: 'test' } },
      { pair: { ...PAIR, id: 'openness-vagueness' } },
    ];
    for (const change of heldOut) expect(() => rowsOfGroup({ ...whole, ...change }, options)).toThrow('held out');
    expect(rowsOfGroup(whole, options)).toHaveLength(2);
  });

  it('leaves the log-probabilities of what was said behind thoughts to the trainer', () => {
    const thoughts = [
      { role: 'agent2', turn: 1, tokenIds: [7], logProbs: [-1], heard: [1], text: 'x', stop: 'cut' },
    ] as const;
    const [first, second] = rowsOfGroup(group([dialogue({ thoughts })]), { groupId: 0, trainRoles: 'both' });
    expect(first?.training.oldLogProbs).toEqual([-0.5, -0.25]);
    expect(second?.training).not.toHaveProperty('oldLogProbs');
  });

  it('trains the thoughts in front of an utterance where they are to be, and never what stands between', () => {
    // What is read, heard, [thought, thought], behind it; then what is said.
    const spoken = said('agent1', 10, { turn: 2, promptIds: [1, 7, 50, 51, 8, 9] });
    const thoughts = {
      role: 'agent1' as const,
      turn: 2,
      tokenIds: [50, 51, 2],
      logProbs: [-1, -1, -1],
      heard: [0, 0, 1],
      text: '',
      stop: 'stopToken' as const,
    };
    const record = dialogue({ utterances: [said('agent1', 4), said('agent2', 11), spoken], thoughts: [thoughts] });
    const rowOf = (trainsThoughts: boolean): unknown =>
      rowsOfGroup(group([record]), { groupId: 0, trainRoles: 'agent1', trainsThoughts })[1]?.training;
    expect(rowOf(false)).toMatchObject({ promptIds: spoken.promptIds, completionIds: [10, 2], lossMask: [1, 1] });
    expect(rowOf(true)).toMatchObject({
      promptIds: [1, 7],
      completionIds: [50, 51, 8, 9, 10, 2],
      lossMask: [1, 1, 0, 0, 1, 1],
    });
    // They were drawn before all was heard: their probabilities have to come from the trainer.
    expect(rowOf(true)).not.toHaveProperty('oldLogProbs');
  });
});

describe('rowsOfAnswers', () => {
  it('makes one row of each answer of one agent alone', () => {
    const completion = said('agent1', 20, { kind: 'completion' });
    const alone = group([dialogue({ utterances: [], completion }), dialogue({ row: 1, utterances: [] })]);
    expect(rowsOfAnswers(alone, { groupId: 3, advantages: [0.5, -0.5] })).toEqual([
      {
        dialogue: 0,
        utterance: null,
        training: expect.objectContaining({ completionIds: [20, 2], advantage: 0.5, groupId: 3 }) as object,
      },
    ]);
    expect(() => rowsOfAnswers({ ...alone, dilemma: { ...DILEMMA, split: 'test' } }, { groupId: 0 })).toThrow(
      /held out/,
    );
  });
});
