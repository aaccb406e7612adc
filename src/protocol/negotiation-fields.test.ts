import { describe, expect, test } from 'vitest';
import type { SettingsField } from '@/lib/settings-field.ts';
import { acceptedValues, refusedValues } from '@/testing/field-values.ts';
import { NEGOTIATION_FIELDS, NEGOTIATION_GROUPS, NEGOTIATION_KEYS } from './negotiation-fields.ts';
import { NEGOTIATION_PRESETS } from './negotiation-presets.ts';
import { DEFAULT_NEGOTIATION, negotiationSettingsSchema } from './negotiation-settings.ts';

const isTaken = (key: string, value: unknown): boolean => negotiationSettingsSchema.safeParse({ [key]: value }).success;

const fieldOf = (key: keyof typeof NEGOTIATION_FIELDS): SettingsField => NEGOTIATION_FIELDS[key];

describe('fields', () => {
  test('there is one for each setting, in a group that has a title', () => {
    expect(new Set(NEGOTIATION_KEYS)).toEqual(new Set(Object.keys(negotiationSettingsSchema.shape)));
    expect(new Set(NEGOTIATION_KEYS.map((key) => NEGOTIATION_FIELDS[key].group))).toEqual(
      new Set(Object.keys(NEGOTIATION_GROUPS)),
    );
  });

  test.each(NEGOTIATION_KEYS)('%s: what the form takes the schema takes, and nothing beyond', (key) => {
    const field = fieldOf(key);
    expect(field.default).toBe(DEFAULT_NEGOTIATION[key]);
    for (const value of acceptedValues(field)) expect(isTaken(key, value), String(value)).toBe(true);
    for (const value of refusedValues(field)) expect(isTaken(key, value), String(value)).toBe(false);
  });

  test('labels are one of a kind; help and source are said in full', () => {
    for (const key of NEGOTIATION_KEYS) {
      const { help, label, source } = fieldOf(key);
      expect(help).toMatch(/\.$/);
      expect(label).not.toMatch(/\.$/);
      expect(source).not.toBe('');
    }
    expect(new Set(NEGOTIATION_KEYS.map((key) => fieldOf(key).label)).size).toBe(NEGOTIATION_KEYS.length);
  });
});

describe('presets', () => {
  test('each holds what the schema takes, and none fixes seed, adapter or the words for yes and no', () => {
    for (const { settings } of Object.values(NEGOTIATION_PRESETS)) {
      expect(negotiationSettingsSchema.safeParse(settings).success).toBe(true);
      for (const key of ['seed', 'adapterAgent1', 'adapterAgent2', 'agreementYes', 'agreementNo'])
        expect(settings).not.toHaveProperty(key);
    }
  });

  test('all fix the same settings, so that one replaces another, and no two are the same', () => {
    const presets = Object.values(NEGOTIATION_PRESETS).map(({ settings }) => settings);
    const keys = presets.map((settings) => Object.keys(settings).toSorted().join());
    expect(new Set(keys).size).toBe(1);
    expect(new Set(presets.map((settings) => JSON.stringify({ ...DEFAULT_NEGOTIATION, ...settings }))).size).toBe(5);
  });
});
