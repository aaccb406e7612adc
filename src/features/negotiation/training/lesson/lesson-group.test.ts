import { describe, expect, test } from 'vitest';
import { groupAdvantages } from '@/state/negotiation-stats.ts';
import { ownRewards, PRESETS, SAME_ORDER, TASK_DIALOGUE, TASK_REWARDS, taskFeedback, toStep } from './lesson-group.ts';

/** The advantage that the task is about, if the middle reward is this. */
function feedbackAt(reward: number): ReturnType<typeof taskFeedback> {
  const rewards = TASK_REWARDS.map((old, index) => (index === TASK_DIALOGUE ? reward : old));
  return taskFeedback(rewards, groupAdvantages(rewards)[TASK_DIALOGUE] ?? null);
}

describe('rewards', () => {
  test('a slider goes in tenths or in whole numbers, within the scale', () => {
    expect([toStep(2.8479, false), toStep(2.5, true), toStep(9, false), toStep(-1, true)]).toEqual([2.8, 3, 5, 0]);
  });

  test('the group of the panel needs two rewards, and gives at most eight', () => {
    expect(ownRewards(undefined)).toBeNull();
    expect(ownRewards([Number.NaN, 3])).toBeNull();
    expect(ownRewards([Number.NaN, 3, 4.26])).toEqual([3, 4.3]);
    expect(ownRewards(Array.from({ length: 12 }, () => 1))).toHaveLength(8);
  });

  test('presets are where sliders can be', () => {
    for (const { rewards, isWhole } of PRESETS)
      expect(rewards.map((reward) => toStep(reward, isWhole))).toEqual(rewards);
  });
});

describe('what the texts say is so', () => {
  const advantagesOf = (id: string): readonly number[] =>
    groupAdvantages(PRESETS.find((preset) => preset.id === id)?.rewards ?? []);

  test('equal rewards give advantages of exactly 0', () => {
    expect(advantagesOf('equal')).toEqual([0, 0, 0, 0]);
  });

  test('one failure of four is pulled three times as hard as each of the others', () => {
    const [failed = 0, other = 1] = advantagesOf('fails');
    expect(failed / other).toBeCloseTo(-3, 9);
  });

  test('of the same order the middle has 0 and -0.378', () => {
    expect(SAME_ORDER.map((rewards) => Number(groupAdvantages(rewards)[1]?.toFixed(3)))).toEqual([0, -0.378]);
  });

  test('two different rewards always give about 0.7', () => {
    for (const rewards of [
      [3, 3.1],
      [0, 5],
    ])
      expect(Math.abs(groupAdvantages(rewards)[0] ?? 0)).toBeCloseTo(Math.SQRT1_2, 2);
  });
});

describe('the task', () => {
  test('begins below the mean, is solved at it, and tells the way', () => {
    expect(feedbackAt(1)).toMatchObject({ isSolved: false, text: expect.stringContaining('Move it up') });
    expect(feedbackAt(2.5)).toMatchObject({ isSolved: true, text: expect.stringContaining('2.5') });
    expect(feedbackAt(2.6).isSolved).toBe(false);
    expect(feedbackAt(4).text).toContain('above the mean now. Move it down');
  });

  test('waits for the engine', () => {
    expect(taskFeedback(TASK_REWARDS, null).isSolved).toBe(false);
  });
});
