/** Recorded groups in the files that TRL and its tools read, one JSON object a line. */
import { advantagesOf } from '@/protocol/advantages.ts';
import {
  NEGOTIATION_ROLES,
  rewardOf,
  type DialogueRecord,
  type GroupRecord,
  type Utterance,
} from '@/protocol/negotiation-run.ts';
import type { TrainingSettings } from '@/protocol/training.ts';
import type { CheckedExport } from './check-trl-export-input.ts';

type Message = { readonly role: 'user' | 'assistant'; readonly content: string };

/** Files by name; none without groups. */
export function recordedFiles({
  groups,
  groupsPerStep,
  training,
}: Pick<CheckedExport, 'groups' | 'groupsPerStep' | 'training'>): Record<string, string> {
  if (groups.length === 0) return {};
  return {
    'prompts.jsonl': jsonLines(groups.map((group) => ({ prompt: promptOf(group) }))),
    'completions.jsonl': jsonLines(completionsOf(groups, groupsPerStep, training.scaleRewards)),
    'rollouts.jsonl': jsonLines(groups.flatMap((group, index) => rolloutsOf(group, index, training.trainRoles))),
    'preference.jsonl': jsonLines(groups.flatMap(preferenceOf)),
  };
}

export function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function promptOf({ dilemma }: GroupRecord): readonly Message[] {
  return [{ role: 'user', content: dilemma.prompt }];
}

function answered(text: string): readonly Message[] {
  return [{ role: 'assistant', content: text }];
}

/** TRL's columns, `step` by the order of the groups, and what tells dialogues apart. */
function completionsOf(
  groups: readonly GroupRecord[],
  groupsPerStep: number,
  scale: TrainingSettings['scaleRewards'],
): object[] {
  const advantages = advantagesBySteps(groups, groupsPerStep, scale);
  return groups.flatMap((group, index) =>
    group.dialogues.map((dialogue, place) => ({
      step: Math.floor(index / groupsPerStep) + 1,
      prompt: promptOf(group),
      completion: answered(dialogue.completion?.text ?? ''),
      // JSON has no NaN: null is "no verdict".
      collective_agency: orNull(rewardOf(dialogue)),
      advantage: advantages[index]?.[place] ?? 0,
      dilemma: group.dilemma.id,
      pair: group.pair.id,
      row: dialogue.row,
      outcome: dialogue.outcome,
      rounds: dialogue.agreements.length,
    })),
  );
}

/** @returns [groups][dialogues] */
function advantagesBySteps(
  groups: readonly GroupRecord[],
  groupsPerStep: number,
  scaleRewards: TrainingSettings['scaleRewards'],
): (readonly number[])[] {
  const found: (readonly number[])[] = [];
  for (let first = 0; first < groups.length; first += groupsPerStep) {
    const ofStep = groups.slice(first, first + groupsPerStep);
    const rewards = ofStep.flatMap(({ dialogues }) => dialogues.map((dialogue) => [rewardOf(dialogue)]));
    const groupIds = ofStep.flatMap(({ dialogues }, groupId) => dialogues.map(() => groupId));
    const { advantages } = advantagesOf(rewards, groupIds, { scaleRewards });
    let next = 0;
    for (const { dialogues } of ofStep) found.push(advantages.slice(next, (next += dialogues.length)));
  }
  return found;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/**
 * Utterances under the contexts that their speakers saw. Left out: stopped dialogues, what a person said, and what was said
 * behind private thoughts, since its prompt alone does not lead to it.
 */
function rolloutsOf(group: GroupRecord, index: number, trainRoles: TrainingSettings['trainRoles']): object[] {
  const { adapterAgent1, adapterAgent2 } = group.settings;
  const isTrained = { agent1: adapterAgent1 === 'on', agent2: adapterAgent2 === 'on' && trainRoles === 'both' };
  return group.dialogues.flatMap((dialogue) =>
    dialogue.outcome === 'stopped'
      ? []
      : dialogue.utterances
          .filter((said) => said.origin === 'model' && !hasThoughts(dialogue, said))
          .map(({ promptIds, tokenIds, logProbs, role, turn }) => ({
            prompt_ids: promptIds,
            completion_ids: tokenIds,
            logprobs: logProbs,
            env_mask: tokenIds.map(() => (isTrained[role] ? 1 : 0)),
            group: index,
            row: dialogue.row,
            agent: NEGOTIATION_ROLES.indexOf(role) + 1,
            turn,
          })),
  );
}

function hasThoughts({ thoughts = [] }: DialogueRecord, { role, turn }: Utterance): boolean {
  return thoughts.some((thought) => thought.role === role && thought.turn === turn);
}

/** The best answer of a group against its worst; nothing where none is better. */
function preferenceOf(group: GroupRecord): object[] {
  const answers = group.dialogues
    .flatMap((dialogue) => {
      const reward = rewardOf(dialogue);
      return dialogue.completion === undefined || Number.isNaN(reward)
        ? []
        : [{ reward, text: dialogue.completion.text }];
    })
    .toSorted((a, b) => b.reward - a.reward);
  const [best, worst] = [answers[0], answers.at(-1)];
  if (best === undefined || worst === undefined || best.reward <= worst.reward) return [];
  return [{ prompt: promptOf(group), chosen: answered(best.text), rejected: answered(worst.text) }];
}
