import { at } from '@/lib/assert.ts';
import { rewardOf } from '@/protocol/negotiation-run.ts';
import type { NegotiationTrainingStep, TrainedRow, TrainingStepSummary } from '@/protocol/negotiation-training.ts';
import type { ChatTokenizer } from '@/research/negotiation/chat-tokenizer.ts';
import type { NegotiationStepResult } from '@/research/negotiation/negotiation-step.ts';

/** A step as it is kept. */
export function recordOfStep(
  summary: TrainingStepSummary,
  result: NegotiationStepResult,
  tokenizer: ChatTokenizer,
): NegotiationTrainingStep {
  const { groups, advantages } = result;
  const rewards = groups.map(({ dialogues }) =>
    dialogues.map((dialogue) => {
      const reward = rewardOf(dialogue);
      return Number.isNaN(reward) ? null : reward;
    }),
  );
  return { ...summary, groups, rewards, advantages, rows: trainedRows(result, tokenizer) };
}

/** Rows that no update was made from have no log-probabilities of the trainer; those of the sampling stand for them. */
function trainedRows({ rows, before, after }: NegotiationStepResult, tokenizer: ChatTokenizer): TrainedRow[] {
  return rows.map(({ group, dialogue, utterance, training }, index) => {
    const { completionIds, lossMask, advantage, oldLogProbs } = training;
    const known = before === null ? undefined : at(before, index);
    const read = after === null ? undefined : at(after, index);
    return {
      group,
      dialogue,
      utterance,
      tokenIds: completionIds,
      texts: textsOf(completionIds, tokenizer),
      lossMask,
      advantage,
      sampledLogProbs: oldLogProbs ?? null,
      logProbs: known?.logProbs ?? oldLogProbs ?? [],
      entropies: known?.entropies ?? [],
      logProbsAfter: read?.logProbs ?? null,
    };
  });
}

/** A character of several tokens stands at the last of them. */
function textsOf(tokenIds: readonly number[], tokenizer: ChatTokenizer): string[] {
  const stream = tokenizer.createTextStream();
  return tokenIds.map((id) => (tokenizer.stopTokenIds.includes(id) ? '' : stream.push(id)));
}
