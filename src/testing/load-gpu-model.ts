import type { GgufModel } from '@/engine/loading/gguf.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { modelConfigOf } from '@/engine/loading/gguf-config.ts';
import { blobSource } from '@/engine/loading/byte-source.ts';
import { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { GpuModelOptions } from '@/engine/generation/gpu-model.ts';

export interface LoadedGpuModel extends Disposable {
  readonly gguf: GgufModel;
  readonly model: GpuModel;
}

const DEFAULTS: GpuModelOptions = { contextLength: 1024, kvType: 'f32', kernelShape: 'threadPerRows' };

/** The real loader on a file that the test server serves, without cache and tuning: tests name the kernel shape. */
export async function loadGpuModel(url: string, options: Partial<GpuModelOptions> = {}): Promise<LoadedGpuModel> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const gguf = await openGguf([blobSource(url, await response.blob())]);
  const config = await modelConfigOf(gguf);
  const model = await GpuModel.create(
    gguf,
    config,
    { ...DEFAULTS, ...options },
    () => undefined,
    new AbortController().signal,
  );
  return {
    gguf,
    model,
    [Symbol.dispose]() {
      model[Symbol.dispose]();
      gguf[Symbol.dispose]();
      const { total } = model.gpu.memory.report();
      if (total !== 0) throw new Error(`${total} GPU bytes are left after unloading.`);
    },
  };
}

/** Address of a file below src/testing/golden on the test server, whose root is the repository. */
export function goldenUrl(path: string): string {
  return `/src/testing/golden/${path}`;
}

export const EMBEDDED_MODEL_URL = '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
