import { REASONING_FIELDS, REASONING_KEYS, SETTINGS_GROUPS } from '@/protocol/reasoning-fields.ts';
import { reasoningSettingsSchema } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import type { SettingsForm } from '@/ui/settings/settings-form.ts';

/** The thinking panel's settings for the form. */
export const REASONING_FORM: SettingsForm<ReasoningSettings> = {
  fields: REASONING_FIELDS,
  keys: REASONING_KEYS,
  groups: SETTINGS_GROUPS,
  read: (values) => {
    const parsed = reasoningSettingsSchema.safeParse(values);
    return parsed.success ? parsed.data : null;
  },
  example: '{"budget": 512}',
};
