import type { LoraInput } from './lora.ts';
import type { LoraDropout } from './record-lora.ts';

const INPUTS: readonly LoraInput[] = ['qkv', 'o', 'gateUp', 'down'];

/** Seed of one layer's and input's masks, from the step's: the odd multipliers are those of the Weyl sequence and PCG. */
export function dropoutOf(
  lora: { readonly dropoutRate: number; readonly dropoutSeed: number },
  layer: number,
  input: LoraInput,
): LoraDropout {
  const place = layer * INPUTS.length + INPUTS.indexOf(input) + 1;
  const seed = (Math.imul(lora.dropoutSeed, 0x9e3779b9) ^ Math.imul(place, 747_796_405)) >>> 0;
  return { rate: lora.dropoutRate, seed };
}
