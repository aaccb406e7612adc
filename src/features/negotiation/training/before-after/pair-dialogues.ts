/** Two groups of the same dilemma, one before and one after an update, dialogue by dialogue. */
import { rewardOf, type DialogueRecord, type GroupRecord, type Utterance } from '@/protocol/negotiation-run.ts';

export interface DialogueSide {
  readonly record: DialogueRecord;
  /** NaN: no score. */
  readonly reward: number;
}

export interface DialoguePair {
  /** In the group, from 0 on. */
  readonly row: number;
  readonly before: DialogueSide | null;
  readonly after: DialogueSide | null;
  /** After minus before; null unless both have a reward. */
  readonly difference: number | null;
  /** Tokens said alike at the beginning, the answer included; null unless there are both. */
  readonly numSameTokens: number | null;
  readonly isIdentical: boolean;
}

/** Paired by number; branches are no part of a group. */
export function pairDialogues(before: GroupRecord | null, after: GroupRecord | null): DialoguePair[] {
  const [left, right] = [byRow(before), byRow(after)];
  const rows = [...new Set([...left.keys(), ...right.keys()])].toSorted((a, b) => a - b);
  return rows.map((row) => pairOf(row, left.get(row) ?? null, right.get(row) ?? null));
}

function byRow(group: GroupRecord | null): Map<number, DialogueSide> {
  const first = group?.dialogues.filter(({ branch }) => branch === 0) ?? [];
  return new Map(first.map((record) => [record.row, { record, reward: rewardOf(record) }]));
}

function pairOf(row: number, before: DialogueSide | null, after: DialogueSide | null): DialoguePair {
  if (before === null || after === null)
    return { row, before, after, difference: null, numSameTokens: null, isIdentical: false };
  const [a, b] = [tokensSaid(before.record), tokensSaid(after.record)];
  const parting = a.findIndex((token, index) => token !== b[index]);
  const numAlike = parting < 0 ? a.length : parting;
  const difference = after.reward - before.reward;
  return {
    row,
    before,
    after,
    difference: Number.isNaN(difference) ? null : difference,
    numSameTokens: a.slice(0, numAlike).filter((token) => typeof token === 'number').length,
    isIdentical: numAlike === a.length && a.length === b.length,
  };
}

/** A mark ends each utterance: the same tokens, cut at other places, are another dialogue. */
function tokensSaid({ utterances, completion }: DialogueRecord): (number | string)[] {
  const said = completion === undefined ? utterances : [...utterances, completion];
  return said.flatMap(({ tokenIds, kind }) => [...tokenIds, `end of ${kind}`]);
}

export interface SaidPair {
  readonly name: string;
  readonly before: Utterance | undefined;
  readonly after: Utterance | undefined;
}

/** Utterances at the same place beside each other, then the answers. */
export function saidPairs({ before, after }: Pick<DialoguePair, 'before' | 'after'>): SaidPair[] {
  const [left, right] = [before?.record.utterances ?? [], after?.record.utterances ?? []];
  const length = Math.max(left.length, right.length);
  const said = Array.from({ length }, (_, index) => ({
    name: `Persona ${(index % 2) + 1}, turn ${Math.floor(index / 2) + 1}`,
    before: left[index],
    after: right[index],
  }));
  const answers = { name: 'Answer', before: before?.record.completion, after: after?.record.completion };
  const hasAnswer = answers.before !== undefined || answers.after !== undefined;
  return hasAnswer ? [...said, answers] : said;
}

export interface SideSummary {
  /** Of the rewards that there are; null without any. */
  readonly meanReward: number | null;
  readonly agreedShare: number | null;
  readonly meanTurns: number | null;
}

export interface PairSummary {
  readonly before: SideSummary;
  readonly after: SideSummary;
  /** Of pairs that have both rewards; null without any. */
  readonly meanDifference: number | null;
  /** Standard error of the mean of the paired differences; null below two pairs. */
  readonly standardError: number | null;
  /** Dialogues that there are on both sides. */
  readonly numPaired: number;
  readonly numIdentical: number;
}

export function summaryOf(pairs: readonly DialoguePair[]): PairSummary {
  const differences = pairs.flatMap(({ difference }) => (difference === null ? [] : [difference]));
  return {
    before: sideSummary(pairs.flatMap(({ before }) => (before === null ? [] : [before]))),
    after: sideSummary(pairs.flatMap(({ after }) => (after === null ? [] : [after]))),
    meanDifference: meanOf(differences),
    standardError: standardError(differences),
    numPaired: pairs.filter(({ numSameTokens }) => numSameTokens !== null).length,
    numIdentical: pairs.filter(({ isIdentical }) => isIdentical).length,
  };
}

function sideSummary(sides: readonly DialogueSide[]): SideSummary {
  const ended = sides.filter(({ record }) => record.outcome !== 'stopped');
  return {
    meanReward: meanOf(sides.map(({ reward }) => reward).filter((reward) => !Number.isNaN(reward))),
    agreedShare: meanOf(ended.map(({ record }) => (record.outcome === 'agreed' ? 1 : 0))),
    meanTurns: meanOf(ended.map(({ record }) => turnsOf(record))),
  };
}

/** Exchanges; where there is one agent alone there is none. */
export function turnsOf({ agreements, utterances }: DialogueRecord): number {
  return Math.max(agreements.length, Math.ceil(utterances.length / 2));
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardError(values: readonly number[]): number | null {
  const mean = meanOf(values);
  if (mean === null || values.length < 2) return null;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance / values.length);
}

/** What should be the same on both sides and is not, in words. */
export function otherConditions(before: GroupRecord, after: GroupRecord): string[] {
  const checks: readonly (readonly [string, boolean])[] = [
    ['the dilemma', before.dilemma.prompt === after.dilemma.prompt],
    ['the private goals', before.pair.persona1 === after.pair.persona1 && before.pair.persona2 === after.pair.persona2],
    ['the seed', before.settings.seed === after.settings.seed],
    ['the settings', settingsText(before) === settingsText(after)],
    ['the judge', (before.madeWith?.judge ?? null) === (after.madeWith?.judge ?? null)],
    ['the model', before.madeWith?.model.key === after.madeWith?.model.key],
  ];
  return checks.flatMap(([name, isSame]) => (isSame ? [] : [name]));
}

/** The seed has its own line. */
function settingsText({ settings }: GroupRecord): string {
  const entries = Object.entries(settings).filter(([name]) => name !== 'seed');
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
