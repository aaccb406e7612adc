import { useMemo, type ReactElement } from 'react';
import { groupStats, tokenCounts } from '@/state/negotiation-stats.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';

const NOT_YET = '\u2013';

function digits(value: number | null, count = 1): string {
  return value === null ? NOT_YET : value.toFixed(count);
}

/** What the group comes to, and what it cost. */
export function GroupFacts(): ReactElement | null {
  const rollout = useAppState((state) => state.rollout);
  const stats = useMemo(() => groupStats(rollout), [rollout]);
  const tokens = useMemo(() => tokenCounts(rollout.dialogues), [rollout.dialogues]);
  const { head, plan, sharedPrefixTokens, madeWith } = rollout;
  if (head === null) return null;
  const { groupSize } = head.settings;
  const agreed = stats.agreedShare === null ? NOT_YET : `${Math.round(stats.agreedShare * 100)} %`;
  return (
    <div className="group-facts">
      <div className="group-facts__line">
        <Fact
          value={digits(stats.min)}
          unit="min"
          meaning="The lowest reward of the group: 0 for a dialogue that failed."
        />
        <Fact
          value={digits(stats.mean)}
          unit="mean"
          meaning="The mean reward of the dialogues that have one. A score that could not be read, and a branch, are left out."
        />
        <Fact value={digits(stats.max)} unit="max" meaning="The highest reward of the group, of at most 5." />
      </div>
      <div className="group-facts__line">
        <Fact
          value={agreed}
          unit="agreed"
          meaning={`Of the ${stats.numEnded} dialogues that came to their end, how many ended with an agreement.`}
        />
        <Fact
          value={digits(stats.meanTurns)}
          unit="turns"
          meaning="Mean number of turns until the end; a turn is one utterance of each side."
        />
      </div>
      <div className="group-facts__line">
        <Fact
          value={tokens.dialogue.toLocaleString('en')}
          unit="tokens said"
          meaning="Tokens that the model wrote in all dialogues and answers."
        />
        {(tokens.thoughts > 0 || head.settings.thinking !== 'none') && (
          <Fact
            value={tokens.thoughts.toLocaleString('en')}
            unit="thought"
            meaning="Tokens of private thoughts. They are no part of the dialogues."
          />
        )}
      </div>
      {plan !== null && !plan.keepsContext && (
        <p className="group-facts__note">
          The context is too short to keep what was read, so prompts are read anew in every turn. A model loaded with a
          longer context, or shorter utterances, are faster.
        </p>
      )}
      {madeWith !== null && madeWith.judge !== null && <p className="group-facts__note">Judged by {madeWith.judge}.</p>}
      {sharedPrefixTokens !== null && sharedPrefixTokens > 0 && (
        <div className="group-facts__line">
          <Fact
            value={sharedPrefixTokens.toLocaleString('en')}
            unit={`prefix tokens read once, not ${groupSize} times`}
            meaning={`Shared prefix: all dialogues begin with the same tokens. They are read once instead of ${groupSize} times.`}
          />
        </div>
      )}
    </div>
  );
}
