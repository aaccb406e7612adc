/**
 * Defaults and the one schema of the settings: the form, `window.duet`, the worker and files all check against it.
 */
import { z } from 'zod';
import type { ReasoningSettings } from './reasoning.ts';
import { assertNever } from '@/lib/assert.ts';
import { REASONING_FIELDS, REASONING_KEYS } from './reasoning-fields.ts';
import type { SettingsField } from './settings-field.ts';

/** The method's own values. */
export const DEFAULT_REASONING_SETTINGS = recordOf((key) => REASONING_FIELDS[key].default);

/** @param valueOf  gives a value of the field's own type */
function recordOf(valueOf: (key: keyof ReasoningSettings) => unknown): ReasoningSettings {
  const entries: unknown = Object.fromEntries(REASONING_KEYS.map((key) => [key, valueOf(key)]));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the fields' kinds are the settings' types
  return entries as ReasoningSettings;
}

/**
 * What else holds for models that were not trained to think, such as SmolLM2-135M, which answers the probe with "no"
 * (score about -0.8 to -1.6): the reference runs alternate sensibly with biases of 1.14 to 1.45 and an interval of 10.
 */
export const SMALL_MODEL_SETTINGS: Partial<ReasoningSettings> = {
  budget: 512,
  probeInterval: 10,
  yesBias: 1.4,
  keepThoughtsFrom: 0.75,
  // They take a stale thought for the question, and a note about it for the answer.
  onEdit: 'rewind',
  reminders: false,
};

/** @param hasThinkTokens  whether the model's vocabulary has `<think>` and `</think>`, so that it was trained to think */
export function defaultSettingsFor(hasThinkTokens: boolean): ReasoningSettings {
  return hasThinkTokens ? DEFAULT_REASONING_SETTINGS : { ...DEFAULT_REASONING_SETTINGS, ...SMALL_MODEL_SETTINGS };
}

function schemaOf(field: SettingsField): z.ZodType {
  switch (field.kind) {
    case 'number': {
      const number = z.number().min(field.min).max(field.max);
      return Number.isInteger(field.step) ? number.int() : number;
    }
    case 'switch':
      return z.boolean();
    case 'choice':
      return z.enum(Object.keys(field.options));
    case 'text':
      return z.string().max(field.maxLength);
    case 'words':
      return z.array(z.string().trim().min(1).max(40)).min(1).max(12);
    default:
      return assertNever(field);
  }
}

const FIELD_SCHEMAS = Object.fromEntries(REASONING_KEYS.map((key) => [key, schemaOf(REASONING_FIELDS[key])]));

/** Some or all settings, each within its range; a name that is not a setting is refused. */
export const reasoningSettingsSchema = z.strictObject(FIELD_SCHEMAS).partial();
