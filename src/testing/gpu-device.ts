import { Gpu } from '@/engine/gpu/device.ts';

const ERROR_FILTERS: readonly GPUErrorFilter[] = ['validation', 'internal', 'out-of-memory'];

/**
 * Runs `body` on a fresh device with default limits, inside scopes for every kind of GPU error.
 *
 * A GPU error, captured or not, fails the test, and so does memory that is still on the books afterwards. A browser
 * without WebGPU fails too: kernel tests are never skipped.
 *
 * @param body  frees what it creates on the device
 * @throws {GpuFailure} 'noWebGpu' or 'noAdapter'
 */
export async function withGpu<T>(body: (gpu: Gpu) => Promise<T>): Promise<T> {
  using gpu = await Gpu.create();
  for (const filter of ERROR_FILTERS) gpu.device.pushErrorScope(filter);
  let failure: unknown = null;
  let result: T | undefined;
  try {
    result = await body(gpu);
  } catch (error) {
    failure = error;
  }
  const messages = failure === null ? [] : [messageOf(failure)];
  for (const filter of ERROR_FILTERS.toReversed()) {
    const error = await gpu.device.popErrorScope();
    if (error !== null) messages.push(`GPU ${filter} error: ${error.message}`);
  }
  if (gpu.failure !== null) messages.push(gpu.failure.message);
  const total = gpu.memory.report().total;
  if (total !== 0) messages.push(`${total} bytes of GPU memory were not freed.`);
  if (messages.length > 0) throw new Error(messages.join('\n'), { cause: failure });
  return result as T;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
