import { decodeSpeedOf, type DecodeSpeed } from '@/protocol/speed.ts';
import type { CacheView, DecoderRow } from './decoder.ts';
import type { GpuModel } from './gpu-model.ts';
import { adapterKey } from './tune-kernels.ts';

const MIN_STEPS = 3;
const MAX_STEPS = 12;
/** A slow machine shall not wait long to hear that it is one. */
const ENOUGH_MS = 1000;
const TOKEN_ID = 0;

/** Identifies adapter, kernel version, KV type and model. @param modelKey  of the model's files */
export function speedKey(gpuModel: GpuModel, modelKey: string): string {
  return ['speed', adapterKey(gpuModel), gpuModel.options.kvType, modelKey].join('|');
}

/**
 * Times decode steps of two rows whose attention is read, as the Thinking panel runs them. Short caches: what attention adds
 * later is small beside the weights. Takes about a second at most, or four steps, the one in front of the clock among them, on a
 * machine that makes fewer than three a second.
 *
 * @throws {DOMException} 'AbortError' after `signal`
 */
export async function measureSpeed({ decoder }: GpuModel, signal: AbortSignal): Promise<DecodeSpeed> {
  using first = decoder.createBlock('speed 1');
  using second = decoder.createBlock('speed 2');
  const row = (view: CacheView): DecoderRow => ({
    view,
    tokenIds: [TOKEN_ID],
    output: { kind: 'token' },
    attention: { keys: 'overall' },
  });
  const rows = [row([first]), row([second])];
  // In front of the clock: kernels are compiled, bind groups made.
  signal.throwIfAborted();
  await decoder.forward(rows);
  const stepsMs: number[] = [];
  const begun = performance.now();
  while (stepsMs.length < MIN_STEPS || (stepsMs.length < MAX_STEPS && performance.now() - begun < ENOUGH_MS)) {
    signal.throwIfAborted();
    const stepBegun = performance.now();
    await decoder.forward(rows);
    stepsMs.push(performance.now() - stepBegun);
  }
  return decodeSpeedOf(stepsMs, 'measured');
}
