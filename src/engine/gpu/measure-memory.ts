/** How much GPU memory there is: asked by allocating it, since no browser says. */
import type { MemoryMeasurement } from '@/protocol/model-fit.ts';
import { isSoftwareAdapter, requestAdapter } from './device.ts';

/** Bytes of a step: what every adapter allows for one buffer. */
const STEP_BYTES = 268_435_456;
/** The last step is halved down to this, so that the result is this exact. */
const SMALLEST_STEP_BYTES = 33_554_432;
const STORAGE = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST
const GIB = 1024 ** 3;
/** Default limit, a choice: more than the largest model here takes. */
const DEFAULT_LIMIT_BYTES = 8 * GIB;
/**
 * Most that a software adapter is asked for. It commits what it is given at once, from the machine's own memory
 * (SwiftShader: 1.5 GiB more of the process in 4 s, measured 2026-11-27), so a whole machine would be emptied.
 */
const SOFTWARE_LIMIT_BYTES = 2 * GIB;
/** Where the browser does not say: a choice. */
const UNKNOWN_MACHINE_BYTES = 4 * GIB;

/** What the measurement asks of a device; tests bring their own. */
export type ProbeDevice = Pick<GPUDevice, 'createBuffer' | 'pushErrorScope' | 'popErrorScope' | 'lost' | 'destroy'>;

/**
 * Allocates buffers on a device of its own until the browser refuses one or `limitBytes` are reached, and frees all of
 * them. A device that is lost on the way is a result: what it held before.
 *
 * @param limitBytes  default 8 GiB, and no more than half of the machine's memory; of software adapters never more than
 *                    2 GiB and a quarter of the machine's memory
 * @returns           bytes in use elsewhere not counted
 * @throws {GpuFailure} 'noWebGpu' or 'noAdapter'; {DOMException} 'AbortError' after `signal`, looked at between steps
 */
export async function measureMemory(limitBytes: number | undefined, signal: AbortSignal): Promise<MemoryMeasurement> {
  const adapter = await requestAdapter();
  const asked = limitBytes ?? Math.min(DEFAULT_LIMIT_BYTES, machineBytes() / 2);
  const most = isSoftwareAdapter(adapter.info) ? Math.min(SOFTWARE_LIMIT_BYTES, machineBytes() / 4) : Infinity;
  const limit = Math.min(asked, most);
  return probeMemory(await adapter.requestDevice(), limit, signal);
}

/** What the browser says of the machine, in coarse steps. */
function machineBytes(): number {
  const { deviceMemory } = navigator as { readonly deviceMemory?: number };
  return deviceMemory === undefined ? UNKNOWN_MACHINE_BYTES : deviceMemory * GIB;
}

/** The measurement itself. Takes the device and destroys it. */
export async function probeMemory(
  device: ProbeDevice,
  limitBytes: number,
  signal: AbortSignal,
): Promise<MemoryMeasurement> {
  const buffers: GPUBuffer[] = [];
  const lost = device.lost.then(() => 'lost' as const);
  let freeBytes = 0;
  let stepBytes = STEP_BYTES;
  try {
    while (freeBytes < limitBytes && stepBytes >= SMALLEST_STEP_BYTES) {
      signal.throwIfAborted();
      const size = Math.min(stepBytes, Math.ceil((limitBytes - freeBytes) / 16) * 16);
      const outcome = await Promise.race([allocate(device, size, buffers), lost]);
      // A lost device reports no errors, so what it says of the last step is nothing.
      const isLost = (await Promise.race([lost, Promise.resolve('alive')])) === 'lost';
      if (isLost || outcome === 'lost') return { freeBytes, isAtLeast: false };
      if (outcome === 'hasRoom') freeBytes += size;
      else stepBytes = size / 2;
    }
    return { freeBytes, isAtLeast: freeBytes >= limitBytes };
  } finally {
    for (const buffer of buffers) buffer.destroy();
    device.destroy();
  }
}

async function allocate(
  device: ProbeDevice,
  size: number,
  buffers: GPUBuffer[],
): Promise<'hasRoom' | 'noRoom' | 'lost'> {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  try {
    buffers.push(device.createBuffer({ label: 'memory probe', size, usage: STORAGE }));
  } catch {
    // Some browsers refuse by an exception; the scopes have nothing to say then.
    return 'noRoom';
  }
  try {
    const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    return errors.every((error) => error === null) ? 'hasRoom' : 'noRoom';
  } catch {
    return 'lost';
  }
}
