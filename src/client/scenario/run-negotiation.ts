/** Runs a scenario of Negotiation. */
import type { RolloutEvent, RolloutRequest } from '@/protocol/negotiation-api.ts';
import { rewardOf, type DialogueRecord, type GroupRecord } from '@/protocol/negotiation-run.ts';
import type { OutcomeStream, TimingRatio } from '@/protocol/scenario/outcome.ts';
import { dialogueNameOf, dialogueStreams } from '@/protocol/scenario/stream-names.ts';
import type { ScenarioOf } from '@/protocol/scenario/scenario.ts';
import type { PanelOutcome, RunContext } from './panel-run.ts';
import { durations, timingRatio } from './timing-ratios.ts';

type Negotiation = ScenarioOf<'negotiation'>;

export async function runNegotiation(scenario: Negotiation, context: RunContext): Promise<PanelOutcome> {
  const { inputs, settings, seed } = scenario;
  const { person: _said, humanScores: _scores, ...request } = inputs;
  const { negotiation } = context.engine;
  const times: { ms: number; isWithThoughts: boolean }[] = [];
  // What a person cannot say or score would be waited for as long as the page is open.
  const refused = new AbortController();
  const takePart = personIn(inputs, negotiation, (error) => refused.abort(error));
  let [numSteps, numTokens] = [0, 0];
  const onEvent = (event: RolloutEvent): void => {
    if (event.kind === 'stepped') {
      const { tokens, thoughts = [] } = event;
      times.push({ ms: performance.now(), isWithThoughts: thoughts.length > 0 });
      numTokens += tokens.length + thoughts.length;
      context.progressed(++numSteps, numTokens);
    } else takePart(event);
  };
  const wanted: unknown = { ...request, settings: { ...settings, ...(seed !== undefined && { seed }) } };
  try {
    const signal = AbortSignal.any([context.signal, refused.signal]);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the schema that the worker uses too
    const group = await negotiation.rollout(wanted as RolloutRequest, onEvent, { signal });
    refused.signal.throwIfAborted();
    return { ...groupOutcome(group, ''), ratios: ratiosOf(times), group };
  } catch (error) {
    refused.signal.throwIfAborted();
    throw error;
  }
}

/** Says and scores what the scenario has ready. @param onRefused  gets the reason */
function personIn(
  { person = [], humanScores = [] }: Negotiation['inputs'],
  negotiation: Pick<RunContext['engine']['negotiation'], 'release' | 'say' | 'answer'>,
  onRefused: (error: unknown) => void,
): (event: RolloutEvent) => void {
  const answered = new Set<number>();
  return (event) => {
    if (event.kind === 'awaitingPerson') {
      const { row, role, turn } = event;
      const said = person.find((one) => one.row === row && one.role === role && one.turn === turn);
      // Without a text there is nothing to go on with.
      if (said === undefined) negotiation.release({ row, role }).catch(onRefused);
      else negotiation.say({ row, role }, said.text).catch(onRefused);
    } else if (event.kind === 'humanAsked')
      for (const { id } of event.open) {
        // It stays open until the answer has come to the engine.
        if (answered.has(id)) continue;
        const score = humanScores[answered.size] ?? null;
        answered.add(id);
        negotiation.answer(id, score).catch(onRefused);
      }
  };
}

/** @param prefix  of all names, such as 'step1.' */
export function groupOutcome(
  { dialogues }: Pick<GroupRecord, 'dialogues'>,
  prefix: string,
): Required<Pick<PanelOutcome, 'streams' | 'facts' | 'metrics'>> {
  const named = dialogues.map((dialogue) => ({ dialogue, name: `${prefix}${dialogueNameOf(dialogue)}` }));
  const rewards = dialogues.map((dialogue) => rewardOf(dialogue)).filter((reward) => !Number.isNaN(reward));
  return {
    streams: dialogues.flatMap((dialogue) => streamsOf(dialogue, prefix)),
    facts: Object.fromEntries(named.map(({ dialogue, name }) => [`${name}.outcome`, dialogue.outcome])),
    metrics: {
      [`${prefix}dialogues`]: dialogues.length,
      [`${prefix}agreed`]: dialogues.filter(({ outcome }) => outcome === 'agreed').length,
      ...(rewards.length > 0 && { [`${prefix}meanReward`]: sum(rewards) / rewards.length }),
      ...Object.fromEntries(named.flatMap(({ dialogue, name }) => metricsOf(dialogue, name))),
    },
  };
}

function streamsOf(dialogue: DialogueRecord, prefix: string): OutcomeStream[] {
  return dialogueStreams(dialogue).map(({ name, said: { tokenIds, text, logProbs } }) => ({
    name: `${prefix}${name}`,
    tokenIds,
    text,
    ...(logProbs.length === tokenIds.length && { choices: logProbs.map((logProb) => ({ logProb })) }),
  }));
}

function metricsOf({ agreements, verdict, utterances }: DialogueRecord, name: string): [string, number][] {
  const judged = agreements.flatMap((agreement): [string, number][] =>
    agreement.state === 'judged' && agreement.pYes !== undefined
      ? [[`${name}.turn${agreement.turn}.pYes`, agreement.pYes]]
      : [],
  );
  const scored: [string, number][] = verdict?.state === 'scored' ? [[`${name}.score`, verdict.score]] : [];
  return [[`${name}.utterances`, utterances.length], ...judged, ...scored];
}

function ratiosOf(times: readonly { readonly ms: number; readonly isWithThoughts: boolean }[]): TimingRatio[] {
  const steps = durations(times.map(({ ms }) => ms));
  const of = (isWithThoughts: boolean): number[] =>
    steps.filter((_, i) => times[i + 1]?.isWithThoughts === isWithThoughts);
  return timingRatio('a step with thoughts while listening / without', of(true), of(false));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
