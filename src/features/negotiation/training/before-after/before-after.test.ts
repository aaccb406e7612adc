import { describe, expect, test } from 'vitest';
import type { DialogueRecord, GroupRecord, JudgeVerdict, Utterance } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { otherConditions, pairDialogues, saidPairs, summaryOf, turnsOf } from './pair-dialogues.ts';
import { diffWords, type Word } from './word-diff.ts';

function said(index: number, tokenIds: readonly number[], kind: Utterance['kind'] = 'utterance'): Utterance {
  return {
    kind,
    role: index % 2 === 0 ? 'agent1' : 'agent2',
    turn: Math.floor(index / 2) + 1,
    promptIds: [],
    tokenIds,
    logProbs: tokenIds.map(() => -1),
    text: tokenIds.join(' '),
    stop: 'stopToken',
    isTruncated: false,
    origin: 'model',
  };
}

function scored(score: number): JudgeVerdict {
  return { state: 'scored', score };
}

function dialogue(
  row: number,
  tokens: readonly (readonly number[])[],
  over: Partial<DialogueRecord> = {},
): DialogueRecord {
  const utterances = tokens.map((ids, index) => said(index, ids));
  return { row, branch: 0, utterances, agreements: [], outcome: 'agreed', verdict: scored(3), ...over };
}

function group(dialogues: readonly DialogueRecord[], over: Partial<GroupRecord> = {}): GroupRecord {
  return {
    format: 'duet-negotiation-1',
    dilemma: { id: 'd', goal: 'Goal', prompt: 'What?', category: 'everyday', split: 'train', origin: 'ours' },
    pair: { id: 'p', theme: 'Theme', persona1: 'One.', persona2: 'Two.', split: 'train', origin: 'ours' },
    settings: DEFAULT_NEGOTIATION,
    plan: { rowsPerForward: 1, maxForwardTokens: 64, keepsContext: true },
    dialogues,
    ...over,
  };
}

/** Marked words in brackets. */
function marked(words: readonly Word[]): string {
  return words.map(({ text, isOther }) => (isOther ? `[${text.trim()}]` : text.trim())).join(' ');
}

describe('words', () => {
  test('equal texts have no mark', () => {
    const [a, b] = diffWords('One and two.', 'One and two.');
    expect([marked(a), marked(b)]).toEqual(['One and two.', 'One and two.']);
  });

  test('from the first word that differs on, words are marked that the other side does not have', () => {
    const [a, b] = diffWords('We share the cost now.', 'We split the whole cost.');
    expect(marked(a)).toBe('We [share] the [cost] [now.]');
    expect(marked(b)).toBe('We [split] the [whole] [cost.]');
  });

  test('a longer text is marked where it goes on', () => {
    const [a, b] = diffWords('One two', 'One two three');
    expect([marked(a), marked(b)]).toEqual(['One two', 'One two [three]']);
  });

  test('nothing but blanks and nothing at all', () => {
    expect(diffWords('', 'a')[0]).toEqual([]);
    expect(
      diffWords(' \n', '')[0]
        .map(({ text }) => text)
        .join(''),
    ).toBe(' \n');
  });

  test('no character is lost', () => {
    const text = '  Blanks   in front,\n\nlines between ';
    expect(
      diffWords(text, 'other')[0]
        .map((word) => word.text)
        .join(''),
    ).toBe(text);
  });

  test('of very long texts all is marked behind the parting', () => {
    const long = Array.from({ length: 2000 }, (_, index) => `w${index}`).join(' ');
    const [a, b] = diffWords(`same ${long}`, `same not ${long}`);
    expect([a[0]?.isOther, a[1]?.isOther, b.at(-1)?.isOther]).toEqual([false, true, true]);
  });
});

describe('pairs', () => {
  test('dialogues are paired by number, branches left out, and a missing side stays open', () => {
    const before = group([dialogue(1, [[5]]), dialogue(0, [[1]]), dialogue(0, [[9]], { branch: 1 })]);
    const after = group([dialogue(0, [[1]])]);
    const pairs = pairDialogues(before, after);
    expect(pairs.map(({ row, after: right }) => [row, right === null])).toEqual([
      [0, false],
      [1, true],
    ]);
    expect(pairs[0]?.before?.record.branch).toBe(0);
    expect(pairDialogues(null, null)).toEqual([]);
  });

  test('the place where they part is counted in tokens of the whole dialogue', () => {
    const [pair] = pairDialogues(
      group([
        dialogue(0, [
          [1, 2],
          [3, 4],
        ]),
      ]),
      group([
        dialogue(0, [
          [1, 2],
          [3, 9],
        ]),
      ]),
    );
    expect(pair).toMatchObject({ numSameTokens: 3, isIdentical: false });
  });

  test('the same tokens said otherwise are not identical', () => {
    const [pair] = pairDialogues(group([dialogue(0, [[1, 2]])]), group([dialogue(0, [[1], [2]])]));
    expect(pair).toMatchObject({ numSameTokens: 1, isIdentical: false });
    const [longer] = pairDialogues(group([dialogue(0, [[1]])]), group([dialogue(0, [[1], [2]])]));
    expect(longer).toMatchObject({ numSameTokens: 1, isIdentical: false });
    const [same] = pairDialogues(group([dialogue(0, [[1, 2]])]), group([dialogue(0, [[1, 2]])]));
    expect(same).toMatchObject({ numSameTokens: 2, isIdentical: true });
  });

  test('a difference needs a reward on both sides', () => {
    const open: JudgeVerdict = { state: 'unreadable', reason: 'No digit.', raw: '' };
    const before = group([dialogue(0, [[1]]), dialogue(1, [[1]], { verdict: open }), dialogue(2, [[1]])]);
    const after = group([
      dialogue(0, [[1]], { verdict: scored(4.5) }),
      dialogue(1, [[1]]),
      dialogue(2, [[1]], { outcome: 'failed' }),
    ]);
    expect(pairDialogues(before, after).map(({ difference }) => difference)).toEqual([1.5, null, -3]);
  });

  test('utterances stand beside those of the same place, answers at the end', () => {
    const before = dialogue(0, [[1], [2]], { completion: said(0, [7], 'completion') });
    const [pair] = pairDialogues(group([before]), group([dialogue(0, [[1], [2], [3], [4]])]));
    const names = pair === undefined ? [] : saidPairs(pair).map(({ name, before: left }) => [name, left?.text]);
    expect(names).toEqual([
      ['Persona 1, turn 1', '1'],
      ['Persona 2, turn 1', '2'],
      ['Persona 1, turn 2', undefined],
      ['Persona 2, turn 2', undefined],
      ['Answer', '7'],
    ]);
  });
});

describe('summary', () => {
  test('means of both sides, and the standard error of the paired differences', () => {
    const before = group([dialogue(0, [[1], [2]]), dialogue(1, [[1], [2]], { outcome: 'failed' })]);
    const after = group([
      dialogue(0, [[1], [2]], { verdict: scored(4) }),
      dialogue(1, [[1], [3]], { verdict: scored(2) }),
    ]);
    const summary = summaryOf(pairDialogues(before, after));
    expect(summary.before).toEqual({ meanReward: 1.5, agreedShare: 0.5, meanTurns: 1 });
    expect(summary.after).toEqual({ meanReward: 3, agreedShare: 1, meanTurns: 1 });
    expect(summary).toMatchObject({ meanDifference: 1.5, standardError: 0.5, numPaired: 2, numIdentical: 1 });
  });

  test('without dialogues there are no means', () => {
    const none = { meanReward: null, agreedShare: null, meanTurns: null };
    expect(summaryOf([])).toEqual({
      before: none,
      after: none,
      meanDifference: null,
      standardError: null,
      numPaired: 0,
      numIdentical: 0,
    });
  });

  test('a turn is one exchange, also where nobody judged it', () => {
    expect(turnsOf(dialogue(0, [[1], [2], [3]]))).toBe(2);
  });
});

test('what is not the same on both sides is named', () => {
  const before = group([]);
  expect(otherConditions(before, group([]))).toEqual([]);
  const other = group([], {
    dilemma: { ...before.dilemma, prompt: 'Another?' },
    settings: { ...DEFAULT_NEGOTIATION, seed: 5, maxTurns: 9 },
  });
  expect(otherConditions(before, other)).toEqual(['the dilemma', 'the seed', 'the settings']);
});
