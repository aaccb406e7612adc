/** The rewards that the lesson plays with, and what can be said of them. */

export const MIN_DIALOGUES = 2;
export const MAX_DIALOGUES = 8;
export const MAX_REWARD = 5;
/** Of a slider, unless it goes in whole numbers. */
export const FINE_STEP = 0.1;

interface LessonPreset {
  readonly id: string;
  readonly name: string;
  readonly rewards: readonly number[];
  readonly isWhole: boolean;
  /** What there is to see. */
  readonly text: string;
}

export const PRESETS: readonly LessonPreset[] = [
  {
    id: 'equal',
    name: 'All equal',
    rewards: [3, 3, 3, 3],
    isWhole: true,
    text: 'No dialogue is better than the others, so every advantage is exactly 0 and nothing is learnt. It would be the same with four scores of 5: how good they all are does not matter.',
  },
  {
    id: 'fails',
    name: 'One fails',
    rewards: [0, 4, 4, 4],
    isWhole: true,
    text: 'The one failure is pulled down three times as hard as each of the others is pulled up: advantages of a group add up to 0. Add dialogues with a reward of 4, and the gap grows.',
  },
  {
    id: 'order-low',
    name: '0, 1, 2',
    rewards: [0, 1, 2],
    isWhole: true,
    text: 'The middle reward is the mean, so the middle dialogue teaches nothing. Now look at 0, 1, 5.',
  },
  {
    id: 'order-high',
    name: '0, 1, 5',
    rewards: [0, 1, 5],
    isWhole: true,
    text: 'The order is the same as in 0, 1, 2. But the mean has moved above the middle dialogue, which is pulled down now.',
  },
  {
    id: 'half',
    name: 'Half points',
    rewards: [2.5, 2.9, 3, 3.4],
    isWhole: false,
    text: 'A judge that reads probabilities gives the score it expects, so ties are rare and a group of threes still teaches something. In whole numbers all four are 3: tick the box below, and nothing is left. The other side of it: dividing by a small spread makes less than half a point, which may be noise, as loud as two points in a wider group.',
  },
  {
    id: 'two',
    name: 'Only two',
    rewards: [3, 3.1],
    isWhole: false,
    text: 'Whatever two different rewards are, the spread of two is their distance divided by the square root of 2. The advantages are always about +0.71 and -0.71, a little less where they are very near. Without dividing, they are half the distance.',
  },
];

/** Both have the same order; only the last reward differs. */
export const SAME_ORDER: readonly (readonly number[])[] = [
  [0, 1, 2],
  [0, 1, 5],
];

/** The group of the panel as sliders can show it; null if it has too few rewards. */
export function ownRewards(rewards: readonly number[] | undefined): readonly number[] | null {
  const known = (rewards ?? []).filter((reward) => Number.isFinite(reward)).slice(0, MAX_DIALOGUES);
  return known.length < MIN_DIALOGUES ? null : known.map((reward) => toStep(reward, false));
}

/** The nearest reward that a slider can have. */
export function toStep(reward: number, isWhole: boolean): number {
  const within = Math.max(0, Math.min(MAX_REWARD, reward));
  return isWhole ? Math.round(within) : Math.round(within * 10) / 10;
}

/** Where the task begins: the middle dialogue is below the mean. */
export const TASK_REWARDS: readonly number[] = [0, 1, 5];
export const TASK_DIALOGUE = 1;
/** An advantage that rounds to 0.00. */
const CLOSE_ENOUGH = 0.005;

interface TaskFeedback {
  readonly isSolved: boolean;
  readonly text: string;
}

/** @param advantage  of the middle dialogue, as the engine has computed it; null while it has not */
export function taskFeedback(rewards: readonly number[], advantage: number | null): TaskFeedback {
  if (advantage === null) return { isSolved: false, text: 'The advantage is being computed.' };
  const others = rewards.filter((_, index) => index !== TASK_DIALOGUE);
  const goal = others.reduce((sum, reward) => sum + reward, 0) / others.length;
  if (Math.abs(advantage) < CLOSE_ENOUGH)
    return {
      isSolved: true,
      text: `Right: at ${goal.toFixed(1)} it is the mean of the group, so its advantage is 0. It is still the second of three: the order has not changed, only the distances.`,
    };
  return advantage < 0
    ? { isSolved: false, text: 'Its advantage is below 0: it is still below the mean. Move it up.' }
    : { isSolved: false, text: 'Its advantage is above 0: it is above the mean now. Move it down.' };
}
