/** Dilemmas and persona pairs as they come from outside: one JSON object a line. */
import { z } from 'zod';
import { DILEMMA_CATEGORIES, type Dilemma, type DilemmaCategory, type PersonaPair } from '../negotiation.ts';

/** Characters. */
const MAX_ID = 80;
const MAX_GOAL = 200;
const MAX_PROMPT = 2000;
const MAX_PERSONA = 500;

const CATEGORIES = Object.keys(DILEMMA_CATEGORIES).filter(
  (name): name is DilemmaCategory => name in DILEMMA_CATEGORIES,
);

const text = (max: number): z.ZodString => z.string().trim().max(max).regex(/\S/, 'It must not be empty');
const id = z
  .string()
  .max(MAX_ID)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'It must be lower-case words with hyphens between them');
const split = z.enum(['train', 'test']);

export const dilemmaSchema = z.strictObject({
  id,
  category: z.enum(CATEGORIES),
  goal: text(MAX_GOAL),
  prompt: text(MAX_PROMPT),
  split,
  origin: z.enum(['ours', 'generated', 'own']),
}) satisfies z.ZodType<Dilemma>;

export const personaPairSchema = z.strictObject({
  id,
  theme: text(MAX_GOAL),
  persona1: text(MAX_PERSONA),
  persona2: text(MAX_PERSONA),
  split,
  origin: z.enum(['ours', 'own']),
}) satisfies z.ZodType<PersonaPair>;

/** A line of a file may leave out its id, split and origin. */
export const writtenDilemmaSchema = dilemmaSchema.extend({
  id: id.optional(),
  split: split.default('train'),
  origin: dilemmaSchema.shape.origin.default('own'),
});

/** As above; also the theme. The paper's names, `persona_1` and `persona_2`, are read too. */
export const writtenPersonaPairSchema = personaPairSchema.extend({
  id: id.optional(),
  theme: text(MAX_GOAL).default('Own pair'),
  split: split.default('train'),
  origin: personaPairSchema.shape.origin.default('own'),
});
