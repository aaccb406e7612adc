import { describe, expect, test } from 'vitest';
import { NEGOTIATION_PRESETS } from '@/protocol/negotiation-presets.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { activePreset } from '@/ui/settings/presets.ts';
import { findSettings } from '@/ui/settings/settings-form.ts';
import { parseSettings } from '@/ui/settings/settings-text.ts';
import { NEGOTIATION_FORM } from './negotiation-form.ts';

describe('presets', () => {
  test('the defaults are the standard; each preset holds when it is applied, whatever the seed', () => {
    expect(activePreset(NEGOTIATION_PRESETS, DEFAULT_NEGOTIATION)).toBe('ours');
    for (const [id, { settings }] of Object.entries(NEGOTIATION_PRESETS))
      expect(activePreset(NEGOTIATION_PRESETS, { ...DEFAULT_NEGOTIATION, ...settings, seed: 7 })).toBe(id);
    expect(activePreset(NEGOTIATION_PRESETS, { ...DEFAULT_NEGOTIATION, maxTurns: 5 })).toBeNull();
  });
});

describe('search', () => {
  test('finds by label, name, help and source', () => {
    expect(findSettings(NEGOTIATION_FORM, 'maxThoughtTokens')).toEqual(['maxThoughtTokens']);
    expect(findSettings(NEGOTIATION_FORM, 'frozen copy')).toEqual(['adapterAgent2']);
  });
});

describe('settings from a text', () => {
  test('only what was given is taken over', () => {
    expect(parseSettings(NEGOTIATION_FORM, '{"groupSize": 2}').settings).toEqual({ groupSize: 2 });
    expect(parseSettings(NEGOTIATION_FORM, JSON.stringify(DEFAULT_NEGOTIATION)).settings).toEqual(DEFAULT_NEGOTIATION);
  });

  test.each([
    ['{"groupSize": 0}', 'Group size (groupSize) is 0, but has to be a whole number from 1 to 64 dialogues.'],
    [
      '{"thinking": "all"}',
      'Who thinks while listening (thinking) is "all", but has to be one of "none", "agent1", "agent2", "both".',
    ],
    ['{"agreementYes": ""}', 'Word for yes (agreementYes) is "", but has to be a text of 1 to 40 characters.'],
    ['{"groupSize": 2, "group_size": 3}', '“group_size” is not the name of a setting.'],
    ['[]', 'A JSON object is needed, such as {"groupSize": 2}.'],
  ])('%s is refused', (text, problem) => {
    expect(parseSettings(NEGOTIATION_FORM, text)).toEqual({ settings: null, problem });
  });
});
