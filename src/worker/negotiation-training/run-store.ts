/** Training runs in the origin private file system: one file a run, one a step. */
import { z } from 'zod';
import { openFileStore } from '@/engine/adapters/file-store.ts';
import type { Folder } from '@/engine/loading/opfs.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { NegotiationTrainingStep, TrainingRun } from '@/protocol/negotiation-training.ts';
import { checkLoraConfig, checkTrainingSettings } from '@/protocol/training-schema.ts';
import { checkNegotiationSettings } from '@/protocol/negotiation-settings.ts';

export const RUNS_FOLDER = 'duet-training-runs';

const FORMAT = 'duet-negotiation-training-1';

const infoSchema = z.object({ kind: z.enum(['run', 'step']), runId: z.string(), step: z.int().min(0) });

/** What a later version of the page has to find in a file of an earlier one; the rest is as it was written. */
const runSchema = z.looseObject({
  format: z.literal(FORMAT),
  id: z.string(),
  name: z.string(),
  adapterId: z.string(),
  createdAt: z.iso.datetime(),
  model: z.looseObject({ name: z.string(), key: z.string() }),
  plan: z.looseObject({
    method: z.enum(['negotiation', 'singleAgent']),
    dilemmas: z.array(z.looseObject({ id: z.string(), prompt: z.string() })).min(1),
    pairs: z.array(z.looseObject({ id: z.string() })),
    groupsPerStep: z.int().min(1),
    steps: z.int().min(1),
  }),
  steps: z.array(z.looseObject({ step: z.int().min(1), metrics: z.record(z.string(), z.number()) })),
});

/** Failures are those of `FileStore`. */
export interface RunStore {
  /** In no order; damaged ones are left out. */
  list(): Promise<TrainingRun[]>;
  /** @returns null if there is none. @throws {Failure} 'storageFailed' if it is damaged */
  read(runId: string): Promise<TrainingRun | null>;
  save(run: TrainingRun): Promise<void>;
  readStep(runId: string, step: number): Promise<NegotiationTrainingStep | null>;
  saveStep(runId: string, step: NegotiationTrainingStep): Promise<void>;
  /** Removes what a run holds behind this step. */
  deleteStepsBehind(runId: string, step: number): Promise<void>;
  delete(runId: string): Promise<void>;
}

/** @param folder `RUNS_FOLDER` */
export async function openRunStore(folder: Folder): Promise<RunStore> {
  const files = await openFileStore(folder, infoSchema);
  const stepsOf = async (runId: string): Promise<{ readonly id: string; readonly step: number }[]> =>
    (await files.list()).flatMap((entry) =>
      entry.state === 'whole' && entry.info.kind === 'step' && entry.info.runId === runId
        ? [{ id: entry.id, step: entry.info.step }]
        : [],
    );
  const read: RunStore['read'] = async (runId) => {
    const file = await files.get(runIdOf(runId));
    return file === null ? null : runOf(file.bytes, runId);
  };
  return {
    async list() {
      const runs: TrainingRun[] = [];
      for (const entry of await files.list()) {
        if (entry.state !== 'whole' || entry.info.kind !== 'run') continue;
        const run = await read(entry.info.runId).catch(() => null);
        if (run !== null) runs.push(run);
      }
      return runs;
    },
    read,
    save: (run) => files.put(runIdOf(run.id), bytesOf(run), { kind: 'run', runId: run.id, step: run.steps.length }),
    async readStep(runId, step) {
      const file = await files.get(stepIdOf(runId, step));
      return file === null ? null : (JSON.parse(textOf(file.bytes)) as NegotiationTrainingStep);
    },
    saveStep: (runId, step) =>
      files.put(stepIdOf(runId, step.step), bytesOf(step), { kind: 'step', runId, step: step.step }),
    async deleteStepsBehind(runId, last) {
      for (const { id, step } of await stepsOf(runId)) if (step > last) await files.delete(id);
    },
    async delete(runId) {
      for (const { id } of await stepsOf(runId)) await files.delete(id);
      await files.delete(runIdOf(runId));
    },
  };
}

function runIdOf(runId: string): string {
  return `run-${runId}`;
}

function stepIdOf(runId: string, step: number): string {
  return `step-${runId}-${step}`;
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Settings that a later version has more of get their defaults. */
function runOf(bytes: Uint8Array, runId: string): TrainingRun {
  const parsed = runSchema.safeParse(JSON.parse(textOf(bytes)));
  if (!parsed.success)
    throw new Failure<FailureCode>(
      'storageFailed',
      `The training run ${runId} cannot be read: ${parsed.error.issues[0]?.path.join('.') ?? ''}. Delete it.`,
      { reason: 'damaged' },
    );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the schema leaves open was written by `save`
  const run = parsed.data as unknown as TrainingRun;
  const { settings, training, lora } = run.plan;
  return {
    ...run,
    plan: {
      ...run.plan,
      settings: checkNegotiationSettings(settings, 'stored run: settings'),
      training: checkTrainingSettings(training, 'stored run: training'),
      lora: checkLoraConfig(lora, 'stored run: lora'),
    },
  };
}
