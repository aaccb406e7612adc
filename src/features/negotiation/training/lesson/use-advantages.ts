import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useDuet } from '@/client/engine-context.tsx';

export interface GroupAdvantages {
  readonly rewards: readonly number[];
  /** Divided by the spread. */
  readonly group: readonly number[];
  /** Not divided. */
  readonly none: readonly number[];
  readonly mean: number;
  readonly spread: number;
}

export type Computed =
  | { readonly state: 'computing' }
  /** One for each group that was asked for; of earlier rewards until the new ones are computed. */
  | { readonly state: 'known'; readonly groups: readonly GroupAdvantages[] }
  | { readonly state: 'failed'; readonly why: string };

/** Short enough to seem immediate, long enough that a dragged slider does not ask for each of its places. */
const DELAY_MS = 60;

/**
 * Advantages by the same code that trains.
 *
 * @param groups  must be the same object as long as nothing in it changes
 */
export function useAdvantages(groups: readonly (readonly number[])[]): Computed {
  const { training } = useDuet();
  const [asked] = useDebouncedValue(groups, DELAY_MS);
  const [computed, setComputed] = useState<Computed>({ state: 'computing' });

  useEffect(() => {
    let isWanted = true;
    const compute = async (rewards: readonly number[]): Promise<GroupAdvantages> => {
      const groupIds = rewards.map(() => 0);
      const [scaled, plain] = await Promise.all([
        training.advantages({ rewards, groupIds, scaleRewards: 'group' }),
        training.advantages({ rewards, groupIds, scaleRewards: 'none' }),
      ]);
      const { reward = Number.NaN, reward_std: spread = Number.NaN } = scaled.metrics;
      return { rewards, group: scaled.advantages, none: plain.advantages, mean: reward, spread };
    };
    Promise.all(asked.map(compute)).then(
      (known) => {
        if (isWanted) setComputed({ state: 'known', groups: known });
      },
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (isWanted) setComputed({ state: 'failed', why });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [training, asked]);

  return computed;
}
