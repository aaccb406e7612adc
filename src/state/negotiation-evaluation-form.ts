/** What an evaluation of negotiations is going to be, as it stands in the form: pure steps on one record. */
import type { BuiltInSet } from '@/protocol/evaluation.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import type { JudgeConfig, TemplateTexts } from '@/protocol/negotiation-api.ts';
import type {
  Contestant,
  ContestSet,
  Decoding,
  EvaluationPiece,
  NegotiationEvaluationPlan,
  NegotiationEvaluationRequest,
} from '@/protocol/negotiation-evaluation.ts';
import { DILEMMA_CATEGORIES, type Dilemma, type PersonaPair } from '@/protocol/negotiation.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { AdapterInfo } from '@/protocol/training-api.ts';

export interface ChosenAdapter {
  readonly id: string;
  /** Which of the paper's rows it stands beside. */
  readonly role: 'single' | 'multi' | null;
}

/** A number is null while its field is empty. */
export interface NegotiationEvaluationForm {
  /** In the order in which they were chosen. The base model takes part in any case. */
  readonly adapters: readonly ChosenAdapter[];
  readonly numDilemmas: number | null;
  readonly sets: readonly ContestSet[];
  readonly decodings: readonly Decoding[];
  readonly repetitions: number | null;
  readonly maxTurns: number | null;
  readonly maxUtteranceTokens: number | null;
  readonly maxCompletionTokens: number | null;
  readonly isCompared: boolean;
  readonly isAbilityMeasured: boolean;
  readonly abilitySets: readonly BuiltInSet[];
  readonly itemsPerSet: number | null;
  readonly text: string;
  readonly seed: number | null;
}

/** Small: on a slow device a dialogue takes minutes. */
export const FIRST_NEGOTIATION_EVALUATION: NegotiationEvaluationForm = {
  adapters: [],
  numDilemmas: 4,
  sets: ['conflict'],
  decodings: ['greedy'],
  repetitions: 1,
  maxTurns: 3,
  maxUtteranceTokens: 64,
  maxCompletionTokens: 96,
  isCompared: true,
  isAbilityMeasured: false,
  abilitySets: ['arithmetic', 'commonsense'],
  itemsPerSet: 5,
  text: '',
  seed: 1,
};

/** Besides the base model. */
export const MAX_CHOSEN_ADAPTERS = 3;

export const EVALUATION_RANGES = {
  repetitions: { min: 1, max: 10 },
  maxTurns: { min: 1, max: 50 },
  maxUtteranceTokens: { min: 1, max: 4096 },
  maxCompletionTokens: { min: 1, max: 4096 },
  seed: { min: 0, max: 0xffff_ffff },
} as const;

export type EvaluationNumber = keyof typeof EVALUATION_RANGES | 'numDilemmas' | 'itemsPerSet';

/** One that is chosen already is left out; the first stands for the paper's negotiating one. */
export function withAdapterChosen(form: NegotiationEvaluationForm, id: string): NegotiationEvaluationForm {
  const isChosen = form.adapters.some((adapter) => adapter.id === id);
  if (isChosen) return { ...form, adapters: form.adapters.filter((adapter) => adapter.id !== id) };
  if (form.adapters.length >= MAX_CHOSEN_ADAPTERS) return form;
  const role = form.adapters.some((adapter) => adapter.role === 'multi') ? null : 'multi';
  return { ...form, adapters: [...form.adapters, { id, role }] };
}

/** A role has one adapter: whoever had it loses it. */
export function withAdapterRole(
  form: NegotiationEvaluationForm,
  id: string,
  role: ChosenAdapter['role'],
): NegotiationEvaluationForm {
  const adapters = form.adapters.map((adapter) => {
    if (adapter.id === id) return { ...adapter, role };
    return role !== null && adapter.role === role ? { ...adapter, role: null } : adapter;
  });
  return { ...form, adapters };
}

/** The base model, and those chosen adapters that are still there; each under a name of its own. */
export function contestantsOf(
  { adapters }: NegotiationEvaluationForm,
  known: readonly AdapterInfo[],
): readonly Contestant[] {
  const contestants: Contestant[] = [{ name: 'Base', adapterId: null, role: 'base' }];
  for (const { id, role } of adapters) {
    const info = known.find((adapter) => adapter.id === id);
    if (info !== undefined) contestants.push({ name: freeName(info.name, contestants), adapterId: id, role });
  }
  return contestants;
}

function freeName(wanted: string, taken: readonly Contestant[]): string {
  const isTaken = (name: string): boolean => taken.some((contestant) => contestant.name === name);
  if (!isTaken(wanted)) return wanted;
  for (let number = 2; ; number++) if (!isTaken(`${wanted} ${number}`)) return `${wanted} ${number}`;
}

/** Held-out ones, ours before the visitor's; categories take turns, so that a few of them are a mixture. */
export function heldOutDilemmas(all: readonly Dilemma[]): readonly Dilemma[] {
  return [...inTurns(all.filter(isOurs)), ...inTurns(all.filter((dilemma) => !isOurs(dilemma)))];
}

const isOurs = ({ origin }: Dilemma): boolean => origin === 'ours';

function inTurns(dilemmas: readonly Dilemma[]): readonly Dilemma[] {
  const heldOut = dilemmas.filter(({ split }) => split === 'test');
  const queues = Object.keys(DILEMMA_CATEGORIES).map((name) => heldOut.filter(({ category }) => category === name));
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: longest }, (_, place) => queues.flatMap((queue) => queue[place] ?? [])).flat();
}

/** How many items of a set there can be: as many as the smallest chosen one has. */
export function maxItemsPerSet({ abilitySets }: NegotiationEvaluationForm): number {
  return Math.min(...abilitySets.map((set) => BUILT_IN_SET_FACTS[set].maxItems), 2000);
}

export interface EvaluationProblems {
  readonly numbers: Readonly<Partial<Record<EvaluationNumber, string>>>;
  /** What keeps it from being started, besides the number fields. */
  readonly form: string | null;
}

/** @param numHeldOut  dilemmas there are to choose from */
export function problemsOfEvaluation(form: NegotiationEvaluationForm, numHeldOut: number): EvaluationProblems {
  const numbers = Object.entries(rangesOf(form, numHeldOut)).flatMap(([name, { min, max }]) => {
    const value = form[name as EvaluationNumber];
    const isGood = value !== null && Number.isInteger(value) && value >= min && value <= max;
    return isGood ? [] : [[name, `${min} to ${max.toLocaleString('en')}.`]];
  });
  return { numbers: Object.fromEntries(numbers) as EvaluationProblems['numbers'], form: formProblem(form) };
}

/** Of the fields that count as the form stands. */
function rangesOf(
  form: NegotiationEvaluationForm,
  numHeldOut: number,
): Readonly<Partial<Record<EvaluationNumber, { readonly min: number; readonly max: number }>>> {
  const { repetitions, ...always } = EVALUATION_RANGES;
  return {
    ...always,
    numDilemmas: { min: 1, max: numHeldOut },
    ...(form.decodings.includes('sampling') && { repetitions }),
    ...(form.isAbilityMeasured &&
      form.abilitySets.length > 0 && { itemsPerSet: { min: 1, max: maxItemsPerSet(form) } }),
  };
}

function formProblem(form: NegotiationEvaluationForm): string | null {
  if (form.sets.length === 0) return 'Choose conflicts, open questions, or both.';
  if (form.decodings.length === 0) return 'Choose greedy, sampling, or both.';
  const isAbilityEmpty = form.abilitySets.length === 0 && form.text.trim() === '';
  return form.isAbilityMeasured && isAbilityEmpty ? 'Choose questions for general ability, or give a text.' : null;
}

export function hasEvaluationProblem({ numbers, form }: EvaluationProblems): boolean {
  return form !== null || Object.keys(numbers).length > 0;
}

/** All that is asked for, with nothing left open, so that it can be gone on with on another day. Has no key. */
export interface NegotiationEvaluationOrder extends Omit<NegotiationEvaluationPlan, 'judge' | 'pairwiseJudge'> {
  /** Those that the worker deals to the dilemmas. */
  readonly pairs: readonly PersonaPair[];
  readonly judge: JudgeConfig;
  readonly isCompared: boolean;
}

export interface OrderMaterial {
  readonly contestants: readonly Contestant[];
  readonly dilemmas: readonly Dilemma[];
  readonly pairs: readonly PersonaPair[];
  /** What the form does not say. */
  readonly settings: NegotiationSettings;
  readonly judge: JudgeConfig;
  readonly templates: TemplateTexts;
}

/** @param form  without problems */
export function orderOf(form: NegotiationEvaluationForm, material: OrderMaterial): NegotiationEvaluationOrder {
  const { contestants, judge, templates } = material;
  const dilemmas = heldOutDilemmas(material.dilemmas).slice(0, form.numDilemmas ?? 1);
  const seed = form.seed ?? 0;
  return {
    contestants,
    dilemmas,
    pairs: material.pairs.filter(({ split }) => split === 'test'),
    sets: form.sets,
    decodings: form.decodings,
    repetitions: form.decodings.includes('sampling') ? (form.repetitions ?? 1) : 1,
    settings: {
      ...material.settings,
      groupSize: 1,
      completeOnFailure: true,
      maxTurns: form.maxTurns ?? material.settings.maxTurns,
      maxUtteranceTokens: form.maxUtteranceTokens ?? material.settings.maxUtteranceTokens,
      maxCompletionTokens: form.maxCompletionTokens ?? material.settings.maxCompletionTokens,
      seed,
    },
    judge: keyless(machineJudge(judge)),
    isCompared: form.isCompared,
    templates,
    ability: form.isAbilityMeasured ? abilityOf(form) : null,
    seed,
  };
}

function abilityOf({
  abilitySets,
  itemsPerSet,
  text,
}: NegotiationEvaluationForm): NegotiationEvaluationOrder['ability'] {
  return { sets: abilitySets, itemsPerSet: itemsPerSet ?? 1, ...(text.trim() !== '' && { text: text.trim() }) };
}

/** A person cannot be asked while it runs: then the model itself judges. */
export function machineJudge(judge: JudgeConfig): JudgeConfig {
  return judge.kind === 'human' ? { kind: 'engine' } : judge;
}

function keyless(judge: JudgeConfig): JudgeConfig {
  if (judge.kind !== 'endpoint') return judge;
  const { apiKey: _key, ...others } = judge;
  return others;
}

/** @param judge  the order's, with its key. @param done  of an evaluation that was interrupted */
export function requestOfOrder(
  { isCompared, ability, ...order }: NegotiationEvaluationOrder,
  judge: JudgeConfig,
  done: readonly EvaluationPiece[],
): NegotiationEvaluationRequest {
  return {
    ...order,
    judge,
    ...(!isCompared && { pairwiseJudge: null }),
    ...(ability !== null && { ability }),
    ...(done.length > 0 && { done }),
  };
}

/** How much there is to do. */
export interface EvaluationWork {
  readonly dialogues: number;
  /** To open questions, without a dialogue. */
  readonly answers: number;
  /** Each asked in both orders. */
  readonly comparisons: number;
  readonly questions: number;
  readonly readings: number;
}

export interface WorkSize {
  readonly numContestants: number;
  readonly numDilemmas: number;
  readonly sets: readonly ContestSet[];
  readonly decodings: readonly Decoding[];
  readonly repetitions: number;
  readonly isCompared: boolean;
  readonly ability: NegotiationEvaluationOrder['ability'];
}

/** Aspects by which the answers of a set are compared, as in the paper. */
export const ASPECTS_OF_SET = { conflict: ['caAlignment', 'conflictResolution'], open: ['caAlignment'] } as const;

export function workOf(size: WorkSize): EvaluationWork {
  const { numContestants, numDilemmas, sets, decodings, repetitions, isCompared, ability } = size;
  const runs = (decodings.includes('greedy') ? 1 : 0) + (decodings.includes('sampling') ? repetitions : 0);
  const perContestant = numDilemmas * runs;
  const numPairs = isCompared ? (numContestants * (numContestants - 1)) / 2 : 0;
  const aspects = sets.reduce((sum, set) => sum + ASPECTS_OF_SET[set].length, 0);
  return {
    dialogues: sets.includes('conflict') ? numContestants * perContestant : 0,
    answers: sets.includes('open') ? numContestants * perContestant : 0,
    comparisons: numPairs * aspects * perContestant,
    questions: ability === null ? 0 : numContestants * ability.sets.length * ability.itemsPerSet,
    readings: (ability?.text ?? '') === '' ? 0 : numContestants,
  };
}

export function workOfForm(form: NegotiationEvaluationForm, numContestants: number): EvaluationWork {
  return workOf({
    numContestants,
    numDilemmas: form.numDilemmas ?? 0,
    sets: form.sets,
    decodings: form.decodings,
    repetitions: form.repetitions ?? 0,
    isCompared: form.isCompared,
    ability: form.isAbilityMeasured ? abilityOf(form) : null,
  });
}

export function totalWork(work: EvaluationWork): number {
  return Object.values(work).reduce<number>((sum, count: number) => sum + count, 0);
}
