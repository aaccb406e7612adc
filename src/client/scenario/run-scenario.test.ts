import { expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { DeviceReport, ModelInfo } from '@/protocol/model.ts';
import type { TrainingRun } from '@/protocol/negotiation-training.ts';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import { LoadedModels } from './loaded-models.ts';
import type { ScenarioEngine } from './panel-run.ts';
import { runScenario } from './run-scenario.ts';

const HEAD = { format: 'duet-scenario', version: 1, name: 'A scenario', expect: {} };

/** As much of the page as a run uses. */
function partOf<Whole>(part: Partial<Whole>): Whole {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of it is asked for
  return part as Whole;
}

const page: Partial<ScenarioEngine> = {
  device: async () => partOf<DeviceReport>({ vendor: '', architecture: '', description: '', isSoftware: true }),
  memory: () => Promise.reject(new Failure('noModel', 'None.')),
  loadModel: async () => partOf<ModelInfo>({ id: 'm', name: 'M' }),
};
const noModels = (): LoadedModels => new LoadedModels(() => null);

test('a run that was stopped and ends all the same is cancelled', async () => {
  const scenario = checkScenario({ ...HEAD, panel: 'model', inputs: { actions: [{ do: 'unload' }] } });
  const stop = new AbortController();
  const engine = partOf<ScenarioEngine>({ ...page, unload: async () => stop.abort() });
  await expect(runScenario(engine, noModels(), scenario, { signal: stop.signal })).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('a training that fails behind its beginning leaves neither run nor adapter', async () => {
  const scenario = checkScenario({
    ...HEAD,
    panel: 'training',
    model: { source: 'm' },
    inputs: { kind: 'negotiation', name: 'A training', steps: 1 },
  });
  const deleted: string[] = [];
  const run = partOf<TrainingRun>({
    id: 'run',
    adapterId: 'adapter',
  });
  const engine = partOf<ScenarioEngine>({
    ...page,
    negotiation: partOf<ScenarioEngine['negotiation']>({
      async train(_request, onEvent) {
        onEvent?.({ kind: 'prepared', run });
        throw new Failure('deviceLost', 'The device is gone.');
      },
      deleteTrainingRun: async (id) => void deleted.push(id),
    }),
    training: partOf<ScenarioEngine['training']>({
      attachAdapter: async () => partOf({}),
      deleteAdapter: async (id) => {
        deleted.push(id);
        return partOf({});
      },
    }),
  });
  const { failure } = await runScenario(engine, noModels(), scenario);
  expect(failure?.code).toBe('deviceLost');
  expect(deleted).toEqual(['run', 'adapter']);
});
