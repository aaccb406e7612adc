/** How much the longest step of a plan can read, write and train. Fake tokens stand for what would be said. */
import { at } from '@/lib/assert.ts';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { NegotiationPrompts } from '@/protocol/negotiation-prompts.ts';
import { NEGOTIATION_ROLES } from '@/protocol/negotiation-run.ts';
import type { NegotiationTrainingPlan } from '@/protocol/negotiation-training.ts';
import type { TrainingRow } from '@/protocol/training.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { DialoguePrompts } from './dialogue-prompts.ts';
import type { StepTask } from './negotiation-step.ts';
import { commonLength, promptTokens, slotOf, withoutSlots } from './prompt-tokens.ts';

export interface LongestStep {
  /** As `rowsOfGroup` would make them. */
  readonly rows: readonly TrainingRow[];
  /** Tokens of prompts that are read, what is shared or kept counted once. */
  readonly read: number;
  /** Steps of generation, one token a row each. */
  readonly steps: number;
  readonly written: number;
  /** Tokens that the judge reads. */
  readonly judged: number;
}

/** @param tasks  of one step */
export function longestStep(
  plan: NegotiationTrainingPlan,
  tasks: readonly StepTask[],
  tokenizer: ChatTokenizer,
  prompts: NegotiationPrompts,
): LongestStep {
  const groups = tasks.map((task, group) =>
    plan.method === 'singleAgent'
      ? longestAlone(plan, task, group, tokenizer, prompts)
      : longestGroup(plan, task, group, tokenizer, prompts),
  );
  const sum = (of: (group: LongestStep) => number): number => groups.reduce((total, group) => total + of(group), 0);
  return {
    rows: groups.flatMap(({ rows }) => rows),
    read: sum(({ read }) => read),
    steps: sum(({ steps }) => steps),
    written: sum(({ written }) => written),
    judged: sum(({ judged }) => judged),
  };
}

function longestGroup(
  { settings, training: { trainRoles } }: NegotiationTrainingPlan,
  { dilemma, pair }: StepTask,
  groupId: number,
  tokenizer: ChatTokenizer,
  prompts: NegotiationPrompts,
): LongestStep {
  const task = { dilemma: dilemma.prompt, persona1: pair.persona1, persona2: pair.persona2 };
  const dialogue = new DialoguePrompts(tokenizer, prompts, task, settings);
  const { groupSize, maxTurns, maxUtteranceTokens, maxCompletionTokens } = settings;
  const rows: TrainingRow[] = [];
  let read = NEGOTIATION_ROLES.reduce((total, role) => total + dialogue.opening(role).length, 0);
  for (let row = 0; row < groupSize; row++) {
    const said = saidInRow(row, maxTurns, maxUtteranceTokens);
    for (const [index, { role, tokenIds }] of said.entries()) {
      const promptIds = dialogue.next(role, said.slice(0, index));
      read += promptIds.length - commonLength(dialogue.opening(role), promptIds);
      if (role === 'agent2' && trainRoles === 'agent1') continue;
      rows.push({ promptIds, completionIds: tokenIds, lossMask: tokenIds.map(() => 1), advantage: 1, role, groupId });
    }
    for (let turn = 0; turn < maxTurns; turn++)
      read += dialogue.agreement(said.slice(2 * turn, 2 * turn + 2)).ids.length;
    read += dialogue.completion(said).ids.length;
  }
  const steps = 2 * maxTurns * maxUtteranceTokens + maxCompletionTokens;
  const answer = { ...task, completion: '' };
  const judged = groupSize * (judgeLength(answer, tokenizer, prompts) + maxCompletionTokens);
  return { rows, read, steps, written: groupSize * steps, judged };
}

function longestAlone(
  { settings: { groupSize, maxCompletionTokens } }: NegotiationTrainingPlan,
  { dilemma }: StepTask,
  groupId: number,
  tokenizer: ChatTokenizer,
  prompts: NegotiationPrompts,
): LongestStep {
  const promptIds = promptTokens(tokenizer, prompts.alone({ dilemma: withoutSlots(dilemma.prompt) }), []).ids;
  const rows = Array.from({ length: groupSize }, (_, row): TrainingRow => {
    const completionIds = Array.from({ length: maxCompletionTokens }, () => row);
    return { promptIds, completionIds, lossMask: completionIds.map(() => 1), advantage: 1, role: 'agent1', groupId };
  });
  const answer = { dilemma: dilemma.prompt, persona1: '', persona2: '', completion: '' };
  const judged = groupSize * (judgeLength(answer, tokenizer, prompts) + maxCompletionTokens);
  return { rows, read: promptIds.length, steps: maxCompletionTokens, written: groupSize * maxCompletionTokens, judged };
}

/** Other tokens in each row, so that no more is shared than would be. */
function saidInRow(
  row: number,
  maxTurns: number,
  length: number,
): { readonly role: (typeof NEGOTIATION_ROLES)[number]; readonly tokenIds: readonly number[] }[] {
  const tokenIds = Array.from({ length }, () => row);
  return Array.from({ length: 2 * maxTurns }, (_, index) => ({ role: at(NEGOTIATION_ROLES, index % 2), tokenIds }));
}

function judgeLength(answer: JudgedAnswer, tokenizer: ChatTokenizer, prompts: NegotiationPrompts): number {
  const { dilemma, persona1, persona2 } = answer;
  const slots = { dilemma: withoutSlots(dilemma), persona1: withoutSlots(persona1), persona2: withoutSlots(persona2) };
  return promptTokens(tokenizer, prompts.judge({ ...slots, completion: slotOf(0) }), [[]]).ids.length;
}
