/** The thinking panel's settings and their groups. */
import type { SettingsField as FieldOf } from '@/lib/settings-field.ts';

export type SettingsGroup = 'method' | 'probe' | 'typing' | 'speech' | 'sampling';

export type SettingsField = FieldOf<SettingsGroup>;
