import { expect, test } from 'vitest';
import type { SettingsField } from '@/lib/settings-field.ts';
import { acceptedValues, refusedValues } from '@/testing/field-values.ts';
import { CHAT_FIELDS, CHAT_GROUPS, CHAT_KEYS, CHAT_PRESETS } from './chat-fields.ts';
import { chatSettingsSchema, DEFAULT_CHAT_SETTINGS } from './chat-settings.ts';

const isTaken = (key: string, value: unknown): boolean => chatSettingsSchema.safeParse({ [key]: value }).success;

test('there is a field for each setting, in a group that has a title', () => {
  expect(new Set(CHAT_KEYS)).toEqual(new Set(Object.keys(chatSettingsSchema.shape)));
  expect(new Set(CHAT_KEYS.map((key) => CHAT_FIELDS[key].group))).toEqual(new Set(Object.keys(CHAT_GROUPS)));
});

test.each(CHAT_KEYS)('%s: what the form takes the schema takes, and nothing beyond', (key) => {
  const field: SettingsField = CHAT_FIELDS[key];
  expect(field.default).toBe(DEFAULT_CHAT_SETTINGS[key]);
  for (const value of acceptedValues(field)) expect(isTaken(key, value), String(value).slice(0, 40)).toBe(true);
  for (const value of refusedValues(field)) expect(isTaken(key, value), String(value).slice(0, 40)).toBe(false);
});

test('presets hold what the schema takes, all the same settings', () => {
  const presets = Object.values(CHAT_PRESETS).map(({ settings }) => settings);
  for (const settings of presets) expect(chatSettingsSchema.safeParse(settings).success).toBe(true);
  expect(new Set(presets.map((settings) => Object.keys(settings).toSorted().join())).size).toBe(1);
});
