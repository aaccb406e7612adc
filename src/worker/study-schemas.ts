/** What may be asked of the studies, field by field. */
import { z } from 'zod';
import { COMPARISON_MODES } from '@/protocol/comparison.ts';
import { reasoningSettingsSchema } from '@/protocol/reasoning-settings.ts';

/** Faster than anyone types; a question is never typed for longer than the page would wait. */
const MAX_TYPING_RATE = 1000;
const MIN_TYPING_RATE = 0.5;
const MAX_QUESTIONS = 20;
const MAX_STEPS = 4096;

const question = z.string().refine((text) => text.trim() !== '', 'A question has to have text');

export const comparisonSchema = z.strictObject({
  question,
  modes: z
    .array(z.enum(COMPARISON_MODES))
    .min(1)
    .refine((modes) => new Set(modes).size === modes.length, 'Each mode may be named once')
    .optional(),
  settings: reasoningSettingsSchema.optional(),
  typingRate: z.union([z.literal(0), z.number().min(MIN_TYPING_RATE).max(MAX_TYPING_RATE)]).optional(),
});

export const calibrationSchema = z.strictObject({
  questions: z.array(question).min(1).max(MAX_QUESTIONS).optional(),
  steps: z.int().min(1).max(MAX_STEPS).optional(),
  targetShare: z.number().min(0).max(1).optional(),
  settings: reasoningSettingsSchema.optional(),
});
