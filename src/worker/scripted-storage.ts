/** Stored models of the scripted engine, in memory: what the storage manager has to draw, not what lies anywhere. */
import { Failure } from '@/lib/failure.ts';
import { sleep } from '@/lib/sleep.ts';
import { serveRun } from '@/lib/stream.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type {
  ModelStorageApi,
  RepositoryFile,
  StorageCheck,
  StorageReport,
  StoredModel,
} from '@/protocol/model-storage.ts';
import type { LoadProgress } from '@/protocol/model.ts';

const REPOSITORY = 'https://huggingface.co/example/Some-1B-GGUF/resolve/main';
const WEB_LLM_REPOSITORY = 'https://huggingface.co/mlc-ai/Qwen3-0.6B-q4f16_1-MLC/resolve/main/';
const NUM_CHECK_STEPS = 5;
/** Long enough to be cancelled. */
const NUM_KEEP_STEPS = 40;

const MODELS: readonly StoredModel[] = [
  {
    id: `duet:${REPOSITORY}/some-1b-Q4_0.gguf`,
    backend: 'duet',
    name: 'some-1b-Q4_0.gguf',
    source: `${REPOSITORY}/some-1b-Q4_0.gguf`,
    numFiles: 1,
    sizeBytes: 412_000_000,
    state: 'partial',
    expectedBytes: 731_000_000,
  },
  {
    id: `webLlmCache:${WEB_LLM_REPOSITORY}`,
    backend: 'webLlmCache',
    name: 'Qwen3-0.6B-q4f16_1-MLC',
    source: WEB_LLM_REPOSITORY,
    numFiles: 14,
    sizeBytes: 351_000_000,
    state: 'complete',
    expectedBytes: 351_000_000,
  },
  {
    id: 'duet:smollm2-135m-instruct',
    backend: 'duet',
    name: 'SmolLM2 135M Instruct',
    source: 'smollm2-135m-instruct',
    numFiles: 1,
    sizeBytes: 98_362_432,
    state: 'complete',
    expectedBytes: 98_362_432,
  },
  {
    id: `duet:${REPOSITORY}/bad-Q8_0.gguf`,
    backend: 'duet',
    name: 'bad-Q8_0.gguf',
    source: `${REPOSITORY}/bad-Q8_0.gguf`,
    numFiles: 1,
    sizeBytes: 52_000_000,
    state: 'damaged',
    expectedBytes: 52_000_000,
  },
];

const REPOSITORY_FILES: readonly RepositoryFile[] = [
  { path: 'README.md', sizeBytes: 4_210, sha256: null },
  { path: 'some-1b-Q4_0.gguf', sizeBytes: 731_000_000, sha256: 'a'.repeat(64) },
  { path: 'some-1b-Q8_0.gguf', sizeBytes: 1_321_000_000, sha256: 'b'.repeat(64) },
];

export function createScriptedStorage(): ModelStorageApi {
  let models = MODELS;
  return {
    async report(): Promise<StorageReport> {
      const usageBytes = models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 38_000_000);
      return { models, workBytes: 38_000_000, usageBytes, quotaBytes: 10_000_000_000, isPersistent: false };
    },
    async remove(ids) {
      models = models.filter(({ id }) => !ids.includes(id));
    },
    verify: (id, onProgress) => Promise.resolve(serveRun((signal, emit) => playCheck(id, signal, emit), onProgress)),
    keep: (modelId, onProgress) =>
      Promise.resolve(
        serveRun<void, LoadProgress>(async (signal, emit) => {
          const kept = MODELS.find(({ source }) => source === modelId);
          if (kept === undefined) throw new Failure<FailureCode>('invalidConfig', `No model is called "${modelId}".`);
          await playSteps('download', NUM_KEEP_STEPS, kept.sizeBytes, signal, emit);
          models = [...models.filter(({ id }) => id !== kept.id), kept];
        }, onProgress),
      ),
    async listRepository(repository) {
      if (repository === 'example/Some-1B-GGUF') return [...REPOSITORY_FILES];
      throw new Failure<FailureCode>('downloadFailed', `Hugging Face has no public repository ${repository}.`);
    },
  };
}

async function playCheck(
  id: string,
  signal: AbortSignal,
  emit: (progress: LoadProgress) => void,
): Promise<StorageCheck> {
  const model = MODELS.find((each) => each.id === id);
  await playSteps('verify', NUM_CHECK_STEPS, model?.sizeBytes ?? 0, signal, emit);
  return model?.state === 'damaged'
    ? { isIntact: false, finding: 'Its SHA-256 is not the one that it was downloaded with.' }
    : { isIntact: true, finding: 'Its SHA-256 is the one that it was downloaded with.' };
}

async function playSteps(
  phase: LoadProgress['phase'],
  numSteps: number,
  totalBytes: number,
  signal: AbortSignal,
  emit: (progress: LoadProgress) => void,
): Promise<void> {
  for (let step = 1; step <= numSteps; step++) {
    await sleep(100);
    if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'It was cancelled.');
    emit({ phase, loadedBytes: (totalBytes * step) / numSteps, totalBytes, secondsLeft: null });
  }
}
