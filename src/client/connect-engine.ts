import { wrap, type Remote } from 'comlink';
import { Failure } from '@/lib/failure.ts';
import { registerFailureTransfer } from '@/lib/stream.ts';
import type { EngineApi } from '@/protocol/engine-api.ts';
import type { NegotiationApi } from '@/protocol/negotiation-api.ts';
import type { NegotiationEvaluationApi } from '@/protocol/negotiation-evaluation.ts';
import type { NegotiationTrainingApi } from '@/protocol/negotiation-training.ts';
import type { ModelStorageApi } from '@/protocol/model-storage.ts';
import type { TrainingApi } from '@/protocol/training-api.ts';

/** The engine behind comlink: every method is remote, every rejection is a `Failure`. */
export type RemoteEngine = Remote<
  Omit<EngineApi, 'storage' | 'training' | 'negotiation' | 'negotiationTraining' | 'negotiationEvaluation'>
> & {
  readonly storage: Remote<ModelStorageApi>;
  readonly training: Remote<TrainingApi>;
  readonly negotiation: Remote<NegotiationApi>;
  readonly negotiationTraining: Remote<NegotiationTrainingApi>;
  readonly negotiationEvaluation: Remote<NegotiationEvaluationApi>;
};

/**
 * Starts the worker thread and returns the engine's remote interface.
 *
 * @param onCrash  called when the worker itself dies; calls that are under way never settle then
 */
export async function connectEngine(onCrash: (failure: Failure) => void): Promise<RemoteEngine> {
  registerFailureTransfer();
  const worker = await startWorker();
  worker.addEventListener('error', (event) => {
    onCrash(new Failure('internal', `The engine's thread stopped: ${event.message || 'its script did not load.'}`));
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- comlink follows paths of names, its types do not
  return wrap<EngineApi>(worker) as unknown as RemoteEngine;
}

async function startWorker(): Promise<Worker> {
  if (import.meta.env.MODE === 'e2e' && new URLSearchParams(location.search).get('engine') === 'scripted') {
    const { startScriptedWorker } = await import('./start-scripted-worker.ts');
    return startScriptedWorker();
  }
  return new Worker(new URL('../worker/engine-worker.ts', import.meta.url), { type: 'module' });
}
