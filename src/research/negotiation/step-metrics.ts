/** The numbers of a training step: TRL's names where TRL has them, those of docs/automation.md otherwise. */
import { ASPECTS } from '@/protocol/negotiation/templates-judge.ts';
import { NEGOTIATION_ROLES, rewardOf, type DialogueRecord, type GroupRecord } from '@/protocol/negotiation-run.ts';
import type { NegotiationStepResult } from './negotiation-step.ts';

/** Words that a judge of Collective Agency may be courted with. */
const ASPECT_WORDS = new RegExp(`\\b(${ASPECTS.map(({ name }) => name).join('|')})\\b`, 'gi');

/**
 * @param numTokensBefore  tokens that earlier steps have trained on
 * @returns                what is not known is left out: JSON has no NaN
 */
export function stepMetrics(result: NegotiationStepResult, numTokensBefore: number): Record<string, number> {
  const dialogues = result.groups.flatMap((group) => group.dialogues);
  return finite({
    ...rewardMetrics(result, dialogues),
    ...turnMetrics(dialogues),
    ...lengthMetrics(result, numTokensBefore),
    ...updateMetrics(result),
    ...samplingMetrics(result),
    ...changeMetrics(result),
    ...monitors(result.groups, dialogues),
  });
}

function rewardMetrics(
  { rewards, groups }: NegotiationStepResult,
  dialogues: readonly DialogueRecord[],
): Record<string, number> {
  const ofGroups = groups.map((group) => group.dialogues.map(rewardOf).filter(Number.isFinite));
  const scores = dialogues.flatMap(({ verdict }) => (verdict?.state === 'scored' ? [verdict.score] : []));
  return {
    ...rewards.metrics,
    'reward/min': mean(ofGroups.map((values) => Math.min(...values)).filter(Number.isFinite)),
    'reward/max': mean(ofGroups.map((values) => Math.max(...values)).filter(Number.isFinite)),
    score: mean(scores),
    frac_failed: shareOf(dialogues, ({ outcome }) => outcome === 'failed'),
    frac_unreadable: shareOf(dialogues, ({ verdict }) => verdict?.state === 'unreadable'),
    frac_informative: shareOf(ofGroups, (values) => new Set(values).size > 1),
    agreement_rate: shareOf(dialogues, ({ outcome }) => outcome === 'agreed'),
  };
}

/** Rounds until agreement; of one agent alone there are none. */
function turnMetrics(dialogues: readonly DialogueRecord[]): Record<string, number> {
  const turns = dialogues.flatMap(({ outcome, agreements }) =>
    outcome === 'agreed' && agreements.length > 0 ? [agreements.length] : [],
  );
  return {
    'num_turns/mean': mean(turns),
    'num_turns/min': turns.length === 0 ? Number.NaN : Math.min(...turns),
    'num_turns/max': turns.length === 0 ? Number.NaN : Math.max(...turns),
  };
}

function lengthMetrics({ rows }: NegotiationStepResult, numTokensBefore: number): Record<string, number> {
  const lengths = rows.map(({ training }) => training.completionIds.length);
  return {
    'completions/mean_length': mean(lengths),
    'completions/min_length': lengths.length === 0 ? Number.NaN : Math.min(...lengths),
    'completions/max_length': lengths.length === 0 ? Number.NaN : Math.max(...lengths),
    'completions/clipped_ratio': shareOf(rows, ({ training }) => training.isTruncated === true),
    num_tokens: numTokensBefore + lengths.reduce((sum, length) => sum + length, 0),
  };
}

/** Averaged over the updates of a step, as TRL's log does. */
function updateMetrics({ reports }: NegotiationStepResult): Record<string, number> {
  const [first] = reports;
  if (first === undefined) return {};
  const names = Object.keys(first.metrics);
  const averaged = names.map((name) => [name, mean(reports.map(({ metrics }) => metrics[name] ?? Number.NaN))]);
  return {
    ...(Object.fromEntries(averaged) as Record<string, number>),
    loss: mean(reports.map(({ loss }) => loss)),
    grad_norm: mean(reports.map(({ gradNorm }) => gradNorm)),
    clip_coefficient: mean(reports.map(({ clipCoefficient }) => clipCoefficient)),
    learning_rate: reports.at(-1)?.learningRate ?? Number.NaN,
  };
}

/** How far the trainer's log-probabilities are from those of the sampling: rounding, if all is well. */
function samplingMetrics({ rows, before }: NegotiationStepResult): Record<string, number> {
  const differences = rows.flatMap(({ training: { oldLogProbs } }, index) =>
    (oldLogProbs ?? []).map((old, t) => Math.abs(old - (before?.[index]?.logProbs[t] ?? Number.NaN))),
  );
  const known = differences.filter(Number.isFinite);
  return {
    'sampling/sampling_logp_difference/mean': mean(known),
    'sampling/sampling_logp_difference/max': largest(known),
  };
}

/** What the update did to the tokens that it was made from. */
function changeMetrics({ rows, before, after }: NegotiationStepResult): Record<string, number> {
  if (before === null || after === null) return {};
  const moved = rows.flatMap(({ training: { lossMask, advantage } }, index) =>
    lossMask.flatMap((counts, t) =>
      counts === 1
        ? [{ advantage, by: (after[index]?.logProbs[t] ?? Number.NaN) - (before[index]?.logProbs[t] ?? Number.NaN) }]
        : [],
    ),
  );
  const pushed = moved.filter(({ advantage }) => advantage !== 0);
  return {
    'change/mean_abs': mean(moved.map(({ by }) => Math.abs(by))),
    'change/agreement': shareOf(pushed, ({ advantage, by }) => Math.sign(by) === Math.sign(advantage)),
  };
}

/** What rises when a judge is courted instead of the task being done. */
function monitors(groups: readonly GroupRecord[], dialogues: readonly DialogueRecord[]): Record<string, number> {
  const texts = dialogues.map(({ utterances, completion }) => [
    ...utterances.map(({ text }) => text),
    ...(completion === undefined ? [] : [completion.text]),
  ]);
  const negotiated = dialogues.filter(({ utterances }) => utterances.length >= NEGOTIATION_ROLES.length);
  const answers = groups.flatMap((group) => group.dialogues.flatMap(({ completion }) => completion?.text.trim() ?? []));
  return {
    'monitor/aspect_words': mean(texts.map((said) => (said.join(' ').match(ASPECT_WORDS) ?? []).length)),
    'monitor/agreed_in_round_1': shareOf(
      negotiated,
      ({ outcome, agreements }) => outcome === 'agreed' && agreements.length === 1,
    ),
    'monitor/mean_words': mean(texts.flat().map((text) => (text.match(/\S+/g) ?? []).length)),
    'monitor/distinct_answers': answers.length === 0 ? Number.NaN : new Set(answers).size / answers.length,
  };
}

function finite(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

/** @returns NaN for an empty list, as below */
function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function largest(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((most, value) => Math.max(most, value), 0);
}

function shareOf<T>(values: readonly T[], condition: (value: T) => boolean): number {
  return values.length === 0 ? Number.NaN : values.filter(condition).length / values.length;
}
