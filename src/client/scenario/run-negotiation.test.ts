import { expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { HumanQuestion, RolloutEvent } from '@/protocol/negotiation-api.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import type { ScenarioOf, WrittenScenario } from '@/protocol/scenario/scenario.ts';
import type { RunContext, ScenarioEngine } from './panel-run.ts';
import { runNegotiation } from './run-negotiation.ts';

type Negotiation = ScenarioEngine['negotiation'];
type Inputs = Partial<Extract<WrittenScenario, { panel: 'negotiation' }>['inputs']>;

function scenarioOf(inputs: Inputs): ScenarioOf<'negotiation'> {
  const checked = checkScenario({
    format: 'duet-scenario',
    version: 1,
    name: 'A negotiation',
    panel: 'negotiation',
    model: { source: 'm' },
    inputs: { dilemma: 'a', pair: 'b', ...inputs },
    expect: {},
  });
  if (checked.panel !== 'negotiation') throw new Error('It is of another panel.');
  return checked;
}

/** An engine whose rollout tells these events, and ends when it is aborted or when nothing is open. */
function contextOf(events: readonly RolloutEvent[], negotiation: Partial<Negotiation>): RunContext {
  const rollout: Negotiation['rollout'] = async (_request, onEvent, { signal } = {}) => {
    for (const event of events) onEvent?.(event);
    await new Promise<void>((resolve, reject) => {
      if (negotiation.say === undefined) resolve();
      signal?.addEventListener('abort', () => reject(new Failure('cancelled', 'Stopped.')));
    });
    return partOf<GroupRecord>({ dialogues: [] });
  };
  const engine = partOf<ScenarioEngine>({ negotiation: partOf<Negotiation>({ ...negotiation, rollout }) });
  return { engine, model: null, signal: new AbortController().signal, progressed: ignore, loading: ignore };
}

/** As much of it as the run uses. */
function partOf<Whole>(part: Partial<Whole>): Whole {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of it is asked for
  return part as Whole;
}

const ignore = (): void => undefined;

test('what a person says and the engine refuses ends the run with the reason', async () => {
  const scenario = scenarioOf({ person: [{ row: 0, role: 'agent2', turn: 1, text: 'No.' }] });
  const reason = new Failure('invalidConfig', 'say: Not now.');
  const context = contextOf([{ kind: 'awaitingPerson', row: 0, role: 'agent2', turn: 1 }], {
    say: () => Promise.reject(reason),
  });
  await expect(runNegotiation(scenario, context)).rejects.toBe(reason);
});

test('each question gets the next score once, however often it is said to be open', async () => {
  const scores: [number, number | null][] = [];
  const open = (...ids: readonly number[]): RolloutEvent => ({
    kind: 'humanAsked',
    open: ids.map((id) => partOf<HumanQuestion>({ id })),
  });
  const context = contextOf([open(7), open(7, 8), open(8), open(), open(9)], {
    answer: async (id, score) => void scores.push([id, score]),
  });
  await runNegotiation(scenarioOf({ humanScores: [4, 2] }), context);
  expect(scores).toEqual([
    [7, 4],
    [8, 2],
    [9, null],
  ]);
});
