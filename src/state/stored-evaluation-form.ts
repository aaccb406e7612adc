/** The form of an evaluation as it comes out of storage. */
import { z } from 'zod';
import { BUILT_IN_SETS } from '@/protocol/evaluation.ts';
import {
  EVALUATION_RANGES,
  FIRST_NEGOTIATION_EVALUATION,
  MAX_CHOSEN_ADAPTERS,
  type NegotiationEvaluationForm,
} from './negotiation-evaluation-form.ts';

const first = FIRST_NEGOTIATION_EVALUATION;
const MAX_TEXT = 200_000;

function number(key: keyof typeof EVALUATION_RANGES): z.ZodCatch<z.ZodNullable<z.ZodInt>> {
  const { min, max } = EVALUATION_RANGES[key];
  return z.int().min(min).max(max).nullable().catch(first[key]);
}

const formSchema = z.object({
  adapters: z
    .array(z.object({ id: z.string().max(200), role: z.enum(['single', 'multi']).nullable() }))
    .max(MAX_CHOSEN_ADAPTERS)
    .catch([]),
  numDilemmas: z.int().min(1).max(10_000).nullable().catch(first.numDilemmas),
  sets: z.array(z.enum(['conflict', 'open'])).catch([...first.sets]),
  decodings: z.array(z.enum(['greedy', 'sampling'])).catch([...first.decodings]),
  repetitions: number('repetitions'),
  maxTurns: number('maxTurns'),
  maxUtteranceTokens: number('maxUtteranceTokens'),
  maxCompletionTokens: number('maxCompletionTokens'),
  isCompared: z.boolean().catch(first.isCompared),
  isAbilityMeasured: z.boolean().catch(first.isAbilityMeasured),
  abilitySets: z.array(z.enum(BUILT_IN_SETS)).catch([...first.abilitySets]),
  itemsPerSet: z.int().min(1).max(2000).nullable().catch(first.itemsPerSet),
  text: z.string().max(MAX_TEXT).catch(first.text),
  seed: number('seed'),
});

/** Field by field; what is of another kind or out of range is the default. */
export function readNegotiationEvaluationForm(stored: unknown): NegotiationEvaluationForm {
  const parsed = formSchema.safeParse(stored);
  return parsed.success ? parsed.data : first;
}
