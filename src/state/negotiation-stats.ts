/** What a group comes to: its rewards, and what sets each dialogue apart from the others. */
import { advantagesOf } from '@/protocol/advantages.ts';
import { rewardOf, type Utterance } from '@/protocol/negotiation-run.ts';
import { isRunning, keyOf, type DialogueView, type RolloutView } from './negotiation-view.ts';

export type DialogueState =
  | 'waiting'
  | 'reading'
  | 'speaking'
  | 'your turn'
  | 'writing the answer'
  | 'judging'
  | 'judged'
  | 'agreed'
  | 'failed'
  | 'stopped';

/** The one word for what a dialogue is doing. */
export function dialogueState(dialogue: DialogueView, view: Pick<RolloutView, 'phase' | 'inRun'>): DialogueState {
  const { awaiting, growing, outcome } = dialogue;
  if (awaiting !== null) return 'your turn';
  if (growing !== null) {
    if (growing.numTokens === 0) return 'reading';
    return growing.kind === 'completion' ? 'writing the answer' : 'speaking';
  }
  if (outcome === null) return isRunning(view) ? 'waiting' : 'stopped';
  return outcome === 'agreed' ? stateOfAgreed(dialogue, view) : outcome;
}

function stateOfAgreed(dialogue: DialogueView, view: Pick<RolloutView, 'phase' | 'inRun'>): DialogueState {
  if (dialogue.verdict !== null) return 'judged';
  const isJudging = dialogue.completion !== null && isRunning(view) && view.inRun.includes(keyOf(dialogue));
  return isJudging ? 'judging' : 'agreed';
}

export interface GroupStats {
  /** [first courses] in the order of rows; NaN where there is none. */
  readonly rewards: readonly number[];
  /** Of the rewards that there are; null without any. */
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  /** Of the dialogues that ended by themselves; null without any. */
  readonly agreedShare: number | null;
  readonly meanTurns: number | null;
  readonly numEnded: number;
  /** By key, of first courses; 0 where there is no reward. Null until nothing is awaited any longer. */
  readonly advantages: ReadonlyMap<string, number> | null;
}

/** Of the first courses: a branch is another beginning, and no part of the group. */
export function groupStats(view: Pick<RolloutView, 'phase' | 'inRun' | 'dialogues'>): GroupStats {
  const rows = view.dialogues.filter(({ branch }) => branch === 0);
  const rewards = rows.map(rewardOf);
  const known = rewards.filter((reward) => !Number.isNaN(reward));
  const over = rows.filter(({ outcome }) => outcome === 'agreed' || outcome === 'failed');
  const isAwaited = isRunning(view) && rows.some((row) => view.inRun.includes(keyOf(row)) && isOpen(row));
  const advantages = isAwaited || known.length === 0 ? null : groupAdvantages(rewards);
  return {
    rewards,
    min: known.length === 0 ? null : Math.min(...known),
    mean: meanOf(known),
    max: known.length === 0 ? null : Math.max(...known),
    agreedShare: meanOf(over.map(({ outcome }) => (outcome === 'agreed' ? 1 : 0))),
    meanTurns: meanOf(over.map(({ agreements }) => agreements.length)),
    numEnded: over.length,
    advantages: advantages === null ? null : new Map(rows.map((row, index) => [keyOf(row), advantages[index] ?? 0])),
  };
}

/** A reward may still come. */
function isOpen({ outcome, verdict }: DialogueView): boolean {
  return outcome === null || (outcome === 'agreed' && verdict === null);
}

/**
 * Of one group, divided by its deviation.
 *
 * @param rewards  [G]; NaN: no reward
 */
export function groupAdvantages(rewards: readonly number[]): readonly number[] {
  const oneGroup = rewards.map(() => 0);
  return advantagesOf(
    rewards.map((reward) => [reward]),
    oneGroup,
    { scaleRewards: 'group' },
  ).advantages;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface TokenCounts {
  /** Said and concluded, by the model. */
  readonly dialogue: number;
  /** Thought in private. */
  readonly thoughts: number;
}

/** What a branch took over from its row is counted once. */
export function tokenCounts(dialogues: readonly DialogueView[]): TokenCounts {
  return dialogues.reduce<TokenCounts>(
    (sum, dialogue) => {
      const own = dialogue.branch === 0 ? dialogue.utterances : ownUtterances(dialogue, dialogues);
      const { completion, growing, thoughts, growingThoughts } = dialogue;
      const said = [...own, ...(completion === null ? [] : [completion])];
      return {
        dialogue: sum.dialogue + said.reduce((count, one) => count + tokensOf(one), growing?.numTokens ?? 0),
        thoughts:
          sum.thoughts +
          thoughts.reduce((count, { tokenIds }) => count + tokenIds.length, growingThoughts?.numTokens ?? 0),
      };
    },
    { dialogue: 0, thoughts: 0 },
  );
}

function tokensOf({ origin, tokenIds }: Utterance): number {
  return origin === 'model' ? tokenIds.length : 0;
}

function ownUtterances({ row, branch, utterances }: DialogueView, all: readonly DialogueView[]): readonly Utterance[] {
  const earlier = all.filter((other) => other.row === row && other.branch < branch);
  const isOwn = (utterance: Utterance, index: number): boolean =>
    !earlier.some(({ utterances: said }) => isSame(said[index], utterance));
  const first = utterances.findIndex(isOwn);
  return first < 0 ? [] : utterances.slice(first);
}

function isSame(a: Utterance | undefined, b: Utterance): boolean {
  return (
    a?.origin === b.origin &&
    a.text === b.text &&
    a.tokenIds.length === b.tokenIds.length &&
    a.promptIds.length === b.promptIds.length
  );
}
