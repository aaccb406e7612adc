/** Which model made something, and how it was loaded: enough to load it so again. */
import { z } from 'zod';
import { modelKeyOf, type ModelInfo, type QuantizationReport } from './model.ts';

/** Options of a load, those that were left open as they were chosen. */
export interface LoadedWith extends Pick<ModelInfo, 'contextLength' | 'kvType' | 'kernelShape'> {
  readonly quantization: 'none' | QuantizationReport['kind'];
}

export interface MadeByModel {
  readonly name: string;
  /** Tells models apart: SHA-256 of the file, or name and size. */
  readonly key: string;
  /** Left out in records of an older version. */
  readonly loadedWith?: LoadedWith;
}

export const madeByModelSchema = z.strictObject({
  name: z.string().max(2000),
  key: z.string().max(2000),
  loadedWith: z
    .strictObject({
      contextLength: z.int().min(1),
      kvType: z.enum(['f32', 'f16']),
      kernelShape: z.enum(['threadPerRows', 'workgroupPerRows']),
      quantization: z.enum(['none', 'q8', 'q4']),
    })
    .exactOptional(),
}) satisfies z.ZodType<MadeByModel>;

export function loadedWithOf({
  contextLength,
  kvType,
  kernelShape,
  quantization,
}: Pick<ModelInfo, keyof LoadedWith>): LoadedWith {
  return { contextLength, kvType, kernelShape, quantization: quantization?.kind ?? 'none' };
}

export function madeByModel(info: ModelInfo): MadeByModel {
  return { name: info.name, key: modelKeyOf(info), loadedWith: loadedWithOf(info) };
}
