import { expect, test } from 'vitest';
import type { GenerateRequest } from '@/protocol/generation.ts';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import type { ScenarioEngine } from './panel-run.ts';
import { runModel } from './run-model.ts';

test('what is generated is drawn with the scenario’s seed', async () => {
  const scenario = checkScenario({
    format: 'duet-scenario',
    version: 1,
    name: 'A draw',
    panel: 'model',
    seed: 7,
    inputs: { actions: [{ do: 'generate', request: { tokenIds: [1], maxNewTokens: 1, temperature: 1 } }] },
    expect: {},
  });
  if (scenario.panel !== 'model') throw new Error('It is of another panel.');
  const asked: GenerateRequest[] = [];
  const generate: Partial<ScenarioEngine>['generate'] = async (request) => {
    asked.push(request);
    return {
      tokenIds: [1],
      text: 'a',
      logProbs: [-1],
      stopReason: 'maxNewTokens',
      timing: { prefillMs: 1, decodeMs: 1, timeToFirstTokenMs: 1, tokensPerSecond: 1 },
    };
  };
  const ignore = (): void => undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of the page is asked for
  const engine = { generate } as ScenarioEngine;
  const signal = new AbortController().signal;
  await runModel(scenario, { engine, model: null, signal, progressed: ignore, loading: ignore });
  expect(asked).toMatchObject([{ seed: 7, temperature: 1 }]);
});
