/** What an evaluation is going to be, as it stands in the form: pure steps on one record. */
import type { ComparisonMode } from '@/protocol/comparison.ts';
import type { BuiltInSet, EvaluationConfiguration, EvaluationItem, EvaluationSource } from '@/protocol/evaluation.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import { REASONING_PRESETS } from '@/protocol/reasoning-presets.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';

/** Where a configuration's settings come from. */
export type SettingsBasis =
  /** As they are when the evaluation starts. */
  | { readonly kind: 'present' }
  /** The present ones with a preset of `REASONING_PRESETS` over them. */
  | { readonly kind: 'preset'; readonly preset: string }
  /** As they were when this was chosen. */
  | { readonly kind: 'kept'; readonly settings: ReasoningSettings };

export interface PlannedConfiguration {
  /** Of the form's row; unique in the plan. */
  readonly id: number;
  readonly name: string;
  readonly mode: ComparisonMode;
  readonly basis: SettingsBasis;
}

export interface ImportedSet {
  readonly name: string;
  readonly items: readonly EvaluationItem[];
}

export interface EvaluationPlan {
  readonly set: BuiltInSet | 'imported';
  /** Null while its box is empty; so is `seed`. */
  readonly numItems: number | null;
  readonly seed: number | null;
  readonly imported: ImportedSet | null;
  readonly configurations: readonly PlannedConfiguration[];
}

/** What is asked of the engine; also what a kept evaluation goes on with. */
export interface EvaluationRequest {
  readonly source: EvaluationSource;
  readonly configurations: readonly EvaluationConfiguration[];
}

export const MAX_NAME_LENGTH = 32;
export const MAX_CONFIGURATIONS = 8;
export const MAX_SEED = 2 ** 31 - 1;

const present: SettingsBasis = { kind: 'present' };

/** Few items: on a slow device an answer takes a minute. */
export const FIRST_PLAN: EvaluationPlan = {
  set: 'arithmetic',
  numItems: 10,
  seed: 1,
  imported: null,
  configurations: [
    { id: 1, name: 'Asynchronous', mode: 'asynchronous', basis: present },
    { id: 2, name: 'No thinking', mode: 'noThinking', basis: present },
    { id: 3, name: 'Think first', mode: 'thinkThenAnswer', basis: present },
  ],
};

export type PlanChange = Partial<Omit<EvaluationPlan, 'configurations'>>;
export type ConfigurationChange = Partial<Omit<PlannedConfiguration, 'id'>>;

export function withConfigurationAdded(plan: EvaluationPlan): EvaluationPlan {
  const name = freeName(plan, 'Asynchronous');
  const added: PlannedConfiguration = { id: freeId(plan), name, mode: 'asynchronous', basis: present };
  return { ...plan, configurations: [...plan.configurations, added] };
}

/** The copy stands behind its original, under a name that is free. */
export function withConfigurationDuplicated(plan: EvaluationPlan, id: number): EvaluationPlan {
  const configurations = plan.configurations.flatMap((original) =>
    original.id === id
      ? [original, { ...original, id: freeId(plan), name: freeName(plan, original.name) }]
      : [original],
  );
  return { ...plan, configurations };
}

export function withConfigurationRemoved(plan: EvaluationPlan, id: number): EvaluationPlan {
  return { ...plan, configurations: plan.configurations.filter((configuration) => configuration.id !== id) };
}

export function withConfigurationChanged(
  plan: EvaluationPlan,
  id: number,
  change: ConfigurationChange,
): EvaluationPlan {
  return {
    ...plan,
    configurations: plan.configurations.map((configuration) =>
      configuration.id === id ? { ...configuration, ...change } : configuration,
    ),
  };
}

function freeId(plan: EvaluationPlan): number {
  return Math.max(0, ...plan.configurations.map(({ id }) => id)) + 1;
}

function freeName(plan: EvaluationPlan, wanted: string): string {
  const taken = new Set(plan.configurations.map(({ name }) => name.trim()));
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/ \d+$/, '').slice(0, MAX_NAME_LENGTH - 4);
  for (let number = 2; ; number++) {
    if (!taken.has(`${stem} ${number}`)) return `${stem} ${number}`;
  }
}

/** How many items there are to choose from. */
export function maxItems(plan: EvaluationPlan): number {
  return plan.set === 'imported' ? (plan.imported?.items.length ?? 0) : BUILT_IN_SET_FACTS[plan.set].maxItems;
}

export interface PlanProblems {
  readonly numItems: string | null;
  readonly seed: string | null;
  /** By the configuration's id. */
  readonly names: Readonly<Record<number, string>>;
  /** What keeps it from being started, besides the fields. */
  readonly plan: string | null;
}

export function problemsOf(plan: EvaluationPlan): PlanProblems {
  const { numItems, seed, configurations } = plan;
  const most = maxItems(plan);
  const isCountValid = numItems !== null && Number.isInteger(numItems) && numItems >= 1 && numItems <= most;
  const isSeedValid = seed !== null && Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED;
  const names = Object.fromEntries(
    configurations.flatMap(({ id, name }) => {
      if (name.trim() === '') return [[id, 'A name is needed.']];
      const isTaken = configurations.some((other) => other.id !== id && other.name.trim() === name.trim());
      return isTaken ? [[id, 'Another one has this name.']] : [];
    }),
  );
  return {
    numItems: isCountValid || most === 0 ? null : `1 to ${most.toLocaleString('en')}.`,
    seed: isSeedValid || plan.set === 'imported' ? null : `0 to ${MAX_SEED.toLocaleString('en')}.`,
    names,
    plan: planProblem(plan, most),
  };
}

function planProblem({ configurations }: EvaluationPlan, most: number): string | null {
  if (most === 0) return 'Import a file of questions first.';
  return configurations.length === 0 ? 'At least one configuration is needed.' : null;
}

export function hasProblem({ numItems, seed, names, plan }: PlanProblems): boolean {
  return numItems !== null || seed !== null || plan !== null || Object.keys(names).length > 0;
}

/** @param settings  the present ones; every configuration gets all of its settings, so that it can be run again */
export function requestOf(plan: EvaluationPlan, settings: ReasoningSettings): EvaluationRequest {
  const numItems = plan.numItems ?? 0;
  const source: EvaluationSource =
    plan.set === 'imported'
      ? { kind: 'items', name: plan.imported?.name ?? '', items: plan.imported?.items.slice(0, numItems) ?? [] }
      : { kind: 'builtIn', set: plan.set, numItems, seed: plan.seed ?? 0 };
  const configurations = plan.configurations.map(({ name, mode, basis }) => ({
    name: name.trim(),
    mode,
    settings: settingsOf(basis, settings),
  }));
  return { source, configurations };
}

export function settingsOf(basis: SettingsBasis, settings: ReasoningSettings): ReasoningSettings {
  switch (basis.kind) {
    case 'present':
      return settings;
    case 'preset':
      return { ...settings, ...REASONING_PRESETS[basis.preset]?.settings };
    case 'kept':
      return basis.settings;
    default:
      return basis satisfies never;
  }
}

/**
 * The form as it was for a request, so that a found evaluation can be changed and run anew.
 *
 * @param settings  a configuration with these settings follows them again; others keep theirs
 */
export function planOf({ source, configurations }: EvaluationRequest, settings: ReasoningSettings): EvaluationPlan {
  const planned = configurations.map(({ name, mode, settings: own }, index) => {
    const whole = { ...settings, ...own };
    // Lists of words are compared by content.
    const isPresent = JSON.stringify(whole) === JSON.stringify(settings);
    return { id: index + 1, name, mode, basis: isPresent ? present : ({ kind: 'kept', settings: whole } as const) };
  });
  if (source.kind === 'builtIn') {
    const { set, numItems, seed } = source;
    return { set, numItems, seed, imported: null, configurations: planned };
  }
  const imported = { name: source.name, items: source.items };
  return { ...FIRST_PLAN, set: 'imported', numItems: source.items.length, imported, configurations: planned };
}

/**
 * @param secondsPerAnswer  as measured before, by mode
 * @returns null while a mode has not been measured
 */
export function estimateSeconds(
  { configurations, numItems }: EvaluationPlan,
  secondsPerAnswer: Readonly<Partial<Record<ComparisonMode, number>>>,
): number | null {
  if (numItems === null) return null;
  let seconds = 0;
  for (const { mode } of configurations) {
    const each = secondsPerAnswer[mode];
    if (each === undefined) return null;
    seconds += each * numItems;
  }
  return seconds;
}
