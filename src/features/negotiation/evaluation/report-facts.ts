/** What an evaluation was made with, in words; for the page and for the saved report. */
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import type { Contestant, NegotiationEvaluationReport } from '@/protocol/negotiation-evaluation.ts';
import { PAPER_EVALUATION_SOURCE } from '@/protocol/negotiation-paper-evaluation.ts';
import { ROLE_NAMES, SET_NAMES } from './win-rates.ts';

export const HOW_IT_WAS_MADE: readonly string[] = [
  'Every contestant negotiates the same held-out dilemmas with the same persona pairs, persona 1 and persona 2 both being that contestant; then it writes an answer, agreed or not. Open-ended: it answers the dilemma alone.',
  'The judge scores each answer for Collective Agency, 0 to 5. Two answers to one dilemma are compared twice, each once in first place; a win counts only if it is one in both places.',
  'Win rate: wins / (wins + losses), with Wilson’s 95 % interval. Greedy: temperature 0. Sampling: temperature 0.7, top p 0.95.',
];

export function factsOfReport({
  plan,
  model,
  device,
}: NegotiationEvaluationReport): readonly (readonly [string, string])[] {
  const { contestants, dilemmas, pairs, sets, decodings, repetitions, judge, pairwiseJudge, ability, seed } = plan;
  return [
    ['Model', model.name],
    ['Model, key', model.key],
    ['Device', device],
    ...contestants.map((one): readonly [string, string] => [one.name, contestantText(one)]),
    ['Dilemmas', `${dilemmas.length} held out`],
    ['Persona pairs', [...new Set(pairs.map(({ theme }) => theme))].join('; ')],
    ['Sets', sets.map((set) => SET_NAMES[set]).join(', ')],
    ['Decoding', decodings.map((one) => (one === 'sampling' ? `sampling, ${repetitions} times` : one)).join(', ')],
    ['Scored by', judge],
    ['Compared by', pairwiseJudge ?? 'nobody'],
    ['General ability', abilityText(ability)],
    ['Seed', String(seed)],
  ];
}

function contestantText({ adapterId, role }: Contestant): string {
  if (adapterId === null) return 'the model without an adapter';
  return role === null ? 'adapter' : `adapter, beside the paper’s “${ROLE_NAMES[role]}”`;
}

function abilityText(ability: NegotiationEvaluationReport['plan']['ability']): string {
  if (ability === null) return 'not measured';
  const sets = ability.sets.map(
    (set) =>
      `${BUILT_IN_SET_FACTS[set].label}, ${ability.itemsPerSet === 1 ? '1 question' : `${ability.itemsPerSet} questions`}`,
  );
  return [...sets, ...(ability.text === undefined ? [] : ['perplexity of a text'])].join('; ');
}

/** Where the paper's numbers are from, and what they are not. */
export function paperSentence(): string {
  const { title, reference, licence, model, judge, numTasks, repetitions } = PAPER_EVALUATION_SOURCE;
  return `Marked “paper”: ${title}, ${reference}, Tables 2 to 4 (${licence}). ${model}, judged by ${judge}, ${numTasks} tasks of each set, mean and SD of ${repetitions} runs. Other model, other judge, other dilemmas: no contest, only a scale.`;
}
