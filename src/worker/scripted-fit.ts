/**
 * Estimates and measurements from a script: every model takes 1,528 MB at 4,096 tokens in f16, and a .txt file is none.
 *
 *   fits-well   4,000 MB are free       fits-tight   1,600 MB       fits-not   900 MB       (none)   at least 4,000 MB
 */
import { Failure } from '@/lib/failure.ts';
import { serveRun } from '@/lib/stream.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { MemoryEstimate, MemoryMeasurement, ModelFitApi } from '@/protocol/model-fit.ts';
import type { ModelSource } from '@/protocol/model.ts';

const FREE_MEGABYTES: Readonly<Record<string, number>> = { 'fits-well': 4000, 'fits-tight': 1600, 'fits-not': 900 };

const script = new URLSearchParams(self.name).get('state') ?? '';

export const scriptedFit: ModelFitApi = {
  estimate(source, { contextLength = 4096, kvType = 'auto' }) {
    const bytesPerToken = kvType === 'f32' ? 219_000 : 109_500;
    const kvCacheBytes = contextLength * bytesPerToken;
    const [weightBytes, activationBytes] = [1_020_000_000, 60_000_000];
    const estimate: MemoryEstimate = {
      weightBytes,
      kvCacheBytes,
      activationBytes,
      totalBytes: weightBytes + kvCacheBytes + activationBytes,
      largestBufferBytes: 134_217_728,
      contextLength,
      kvType: kvType === 'f32' ? 'f32' : 'f16',
    };
    return Promise.resolve(
      serveRun(async () => {
        refuseTexts(source);
        return estimate;
      }),
    );
  },
  measureMemory() {
    const free = FREE_MEGABYTES[script];
    const measured: MemoryMeasurement = { freeBytes: (free ?? 4000) * 1e6, isAtLeast: free === undefined };
    return Promise.resolve(serveRun(() => Promise.resolve(measured)));
  },
};

function refuseTexts(source: ModelSource): void {
  const [first] = typeof source === 'string' ? [] : source instanceof File ? [source] : source;
  if (first?.name.endsWith('.txt') === true)
    throw new Failure<FailureCode>('invalidFile', `${first.name} is not a GGUF file: it begins with other bytes.`);
}
