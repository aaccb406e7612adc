import type { NamedTensor } from '@/protocol/training.ts';
import { readSafetensors as readFile } from '@/engine/adapters/safetensors.ts';

/**
 * Tensors of a safetensors file by name.
 *
 * @throws {Failure} if the file is broken
 */
export function readSafetensors(file: Uint8Array): Map<string, NamedTensor> {
  return new Map(readFile(file, 'a reference file').tensors.map((tensor) => [tensor.name, tensor]));
}
