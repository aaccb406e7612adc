/** What an evaluation is made of, all of it decided before anything runs. */
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import { createRng, shuffled } from '@/lib/rng.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type { Contestant, ContestSet, Decoding, NegotiationEvaluationPlan } from '@/protocol/negotiation-evaluation.ts';
import { HELD_OUT_DILEMMAS } from '@/protocol/negotiation/held-out.ts';
import type { PairwiseAspect } from '@/protocol/negotiation-prompts.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';

/** A request with its defaults filled in; `pairs` are still to be dealt. */
export type EvaluationWishes = NegotiationEvaluationPlan;

/**
 * Pairs are dealt to the dilemmas in an order that follows from the seed, each before any comes again: who is compared, and
 * in how many sets, changes nothing. A dialogue has one row and always an answer.
 *
 * @throws {Failure} 'invalidConfig' naming a dilemma of the training split, or what is there twice or not at all
 */
export function planEvaluation(wishes: EvaluationWishes): NegotiationEvaluationPlan {
  const { contestants, dilemmas, pairs, sets, settings, seed } = wishes;
  refuseUnless(contestants.length > 0, 'contestants: Name at least one.');
  refuseUnless(dilemmas.length > 0, 'dilemmas: Give at least one.');
  refuseUnless(pairs.length > 0 || !sets.includes('conflict'), 'pairs: Give at least one, or only open questions.');
  refuseTwice(
    contestants.map(({ name }) => name),
    'contestants',
  );
  refuseTwice(
    dilemmas.map(({ id }) => id),
    'dilemmas',
  );
  for (const dilemma of dilemmas)
    refuseUnless(
      isHeldOut(dilemma),
      `dilemmas: "${dilemma.id}" belongs to what adapters are trained on, so it tells nothing about what they have learned. ` +
        "Give dilemmas of the split 'test'.",
    );
  return {
    ...wishes,
    pairs: pairs.length === 0 ? [] : dilemmas.map((_, place) => dealt(pairs, seed, place)),
    settings: { ...settings, groupSize: 1, completeOnFailure: true },
  };
}

/** Ours are told by their ids, whatever else they say of themselves. */
function isHeldOut({ id, origin, split }: Dilemma): boolean {
  return split === 'test' && (origin !== 'ours' || HELD_OUT_DILEMMAS.has(id));
}

function dealt(pairs: readonly PersonaPair[], seed: number, place: number): PersonaPair {
  const round = Math.floor(place / pairs.length);
  return at(shuffled(pairs, createRng(fnv1a32(`evaluation pairs ${seed}/${round}`))), place % pairs.length);
}

function refuseTwice(names: readonly string[], field: string): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  refuseUnless(twice === undefined, `${field}: "${twice}" is there twice.`);
}

function refuseUnless(condition: boolean, message: string): void {
  if (!condition) throw new Failure<FailureCode>('invalidConfig', `evaluate: ${message}`);
}

/** The first is the base, then one agent's adapters, then negotiated ones, then any others. */
const ORDER = ['base', 'single', 'multi', null] as const;

/**
 * Who is compared with whom: each contestant on the left with each one before it on the right, in the order base, single,
 * multi, others, and as listed within a role. So everything is compared with the base, and multi with single.
 */
export function comparisonsOf(
  contestants: readonly Contestant[],
): readonly { readonly left: string; readonly right: string }[] {
  const ordered = ORDER.flatMap((role) => contestants.filter((contestant) => contestant.role === role));
  return ordered.flatMap((left, index) =>
    ordered.slice(0, index).map((right) => ({ left: left.name, right: right.name })),
  );
}

/** Where nobody negotiated there was no conflict to be resolved. */
export function aspectsOf(set: ContestSet): readonly PairwiseAspect[] {
  return set === 'conflict' ? ['caAlignment', 'conflictResolution'] : ['caAlignment'];
}

/** Greedy decoding would only say the same again. */
export function repetitionsOf(
  decoding: Decoding,
  { repetitions }: Pick<NegotiationEvaluationPlan, 'repetitions'>,
): number {
  return decoding === 'greedy' ? 1 : repetitions;
}

/** As the paper samples in its evaluation. */
const SAMPLED = { temperature: 0.7, topP: 0.95 } as const;
const GREEDY = { temperature: 0, topP: 1 } as const;

/** The settings of one dialogue, or answer. All contestants draw with the same seed. */
export function settingsOf(
  { settings, seed }: Pick<NegotiationEvaluationPlan, 'settings' | 'seed'>,
  job: {
    readonly contestant: Contestant;
    readonly set: ContestSet;
    readonly decoding: Decoding;
    readonly repetition: number;
    readonly dilemma: Dilemma;
  },
): NegotiationSettings {
  const { temperature, topP } = job.decoding === 'greedy' ? GREEDY : SAMPLED;
  const adapter = job.contestant.adapterId === null ? 'off' : 'on';
  return {
    ...settings,
    utteranceTemperature: temperature,
    utteranceTopP: topP,
    completionTemperature: temperature,
    completionTopP: topP,
    adapterAgent1: adapter,
    adapterAgent2: adapter,
    seed: fnv1a32(`${seed}/${job.set}/${job.repetition}/${job.dilemma.id}`),
  };
}
