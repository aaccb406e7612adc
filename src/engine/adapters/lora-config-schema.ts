import { z } from 'zod';
import { LORA_TARGETS, type LoraConfig } from '@/protocol/training.ts';

/** A `LoraConfig` that we stored ourselves. */
export const storedLoraConfigSchema: z.ZodType<LoraConfig> = z.object({
  r: z.int().min(1).max(64),
  loraAlpha: z.number().positive(),
  loraDropout: z.number().min(0).lt(1),
  useRslora: z.boolean(),
  targetModules: z.array(z.enum(LORA_TARGETS)).min(1),
});
