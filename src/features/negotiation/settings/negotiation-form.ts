import { NEGOTIATION_FIELDS, NEGOTIATION_GROUPS, NEGOTIATION_KEYS } from '@/protocol/negotiation-fields.ts';
import { negotiationSettingsSchema, type NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { readNegotiationChanges } from '@/state/negotiation-settings-slice.ts';
import type { SettingsForm } from '@/ui/settings/settings-form.ts';

/** A negotiation's settings for the form. */
export const NEGOTIATION_FORM: SettingsForm<NegotiationSettings> = {
  fields: NEGOTIATION_FIELDS,
  keys: NEGOTIATION_KEYS,
  groups: NEGOTIATION_GROUPS,
  // The schema alone would add the defaults of what was left out.
  read: (values) => (negotiationSettingsSchema.safeParse(values).success ? readNegotiationChanges(values) : null),
  example: '{"groupSize": 2}',
};
