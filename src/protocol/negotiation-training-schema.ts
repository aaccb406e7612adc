/** What a training on negotiations may be asked for, field by field; the worker checks it, and files that hold such a request. */
import { z } from 'zod';
import { agreementConfigSchema, judgeConfigSchema, templatesSchema } from './negotiation-request-schema.ts';
import { dilemmaSchema, personaPairSchema } from './negotiation/schema.ts';

const count = z.int().min(1);
export const runName = z.string().trim().min(1).max(80);
export const runSteps = count.max(100_000);

export const startTrainingSchema = z.strictObject({
  kind: z.literal('start'),
  name: runName,
  adapterId: z.string().max(100).optional(),
  method: z.enum(['negotiation', 'singleAgent']).optional(),
  dilemmas: z
    .array(z.union([z.string(), dilemmaSchema]))
    .min(1)
    .max(5000)
    .optional(),
  pairs: z
    .array(z.union([z.string(), personaPairSchema]))
    .min(1)
    .max(5000)
    .optional(),
  settings: z.unknown().optional(),
  training: z.unknown().optional(),
  lora: z.unknown().optional(),
  judge: judgeConfigSchema.optional(),
  agreement: agreementConfigSchema.optional(),
  templates: templatesSchema,
  groupsPerStep: count.max(64).optional(),
  steps: runSteps,
  checkpointEvery: count.max(100_000).optional(),
  checkpointsKept: count.max(1000).optional(),
  measuresChange: z.boolean().optional(),
  trainsThoughts: z.boolean().optional(),
});
