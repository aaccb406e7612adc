import { describe, expect, test } from 'vitest';
import { REASONING_FIELDS, REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { REASONING_PRESETS } from '@/protocol/reasoning-presets.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { activePreset as activeOf, differences } from '@/ui/settings/presets.ts';
import { findSettings as find } from '@/ui/settings/settings-form.ts';
import {
  numberProblem,
  parseSettings as parse,
  textProblem,
  valueText,
  wordsProblem,
  type ParsedSettings,
} from '@/ui/settings/settings-text.ts';
import { REASONING_FORM } from './reasoning-form.ts';

const findSettings = (query: string): readonly string[] => find(REASONING_FORM, query);
const parseSettings = (text: string): ParsedSettings<ReasoningSettings> => parse(REASONING_FORM, text);
const activePreset = (settings: ReasoningSettings): string | null => activeOf(REASONING_PRESETS, settings);

describe('search', () => {
  test('looks into label, name, help and source, whatever the case', () => {
    expect(findSettings('PROBE INTERVAL')).toContain('probeInterval');
    expect(findSettings('minWriterSteps')).toEqual(['minWriterSteps']);
    expect(findSettings('stutter')).toEqual(['resumeUnspokenSeconds']);
    expect(findSettings('chat template')).toEqual(['historyThoughts']);
  });

  test('every word has to occur; an empty query finds all, nonsense nothing', () => {
    expect(findSettings('paragraph writer')).toContain('paragraphPause');
    expect(findSettings('paragraph writer qwertz')).toEqual([]);
    expect(findSettings('   ')).toEqual(REASONING_KEYS);
  });
});

describe('presets', () => {
  test('the defaults are the later solver; each preset holds when it is applied', () => {
    expect(activePreset(DEFAULT_REASONING_SETTINGS)).toBe('later');
    for (const [id, { settings }] of Object.entries(REASONING_PRESETS)) {
      expect(activePreset({ ...DEFAULT_REASONING_SETTINGS, ...settings })).toBe(id);
    }
  });

  test('one that is changed in what it fixes holds no longer, in something else it does', () => {
    const settings = { ...DEFAULT_REASONING_SETTINGS, ...REASONING_PRESETS['qTts']?.settings };
    expect(activePreset({ ...settings, maxUnspokenSeconds: 11 })).toBeNull();
    expect(activePreset({ ...settings, temperature: 1 })).toBe('qTts');
  });

  test('a change of many settings is told as what differs', () => {
    const { yesWords, budget } = DEFAULT_REASONING_SETTINGS;
    expect(differences(DEFAULT_REASONING_SETTINGS, { yesWords: [...yesWords], budget, topK: 3 })).toEqual({ topK: 3 });
  });
});

describe('refusals', () => {
  test('a number out of range names the range', () => {
    expect(numberProblem(REASONING_FIELDS.probeInterval, 20)).toBeNull();
    expect(numberProblem(REASONING_FIELDS.probeInterval, 1001)).toBe('1001 is out of range: 1 to 1000 steps.');
    expect(numberProblem(REASONING_FIELDS.yesBias, -20.1)).toBe('\u221220.1 is out of range: \u221220 to 20 nats.');
    expect(numberProblem(REASONING_FIELDS.budget, '')).toBe('A number is needed: 1 to 16384 steps.');
    expect(numberProblem(REASONING_FIELDS.topP, '-')).toBe('A number is needed: 0.01 to 1.');
    expect(numberProblem(REASONING_FIELDS.budget, 1.5)).toBe('A whole number is needed: 1 to 16384 steps.');
  });

  test('texts that are too long, and no words or too many, are named', () => {
    expect(textProblem(3, 'abc')).toBeNull();
    expect(textProblem(3, 'abcd')).toBe('Too long: at most 3 characters, this has 4.');
    expect(textProblem(3, '', 1)).toBe('Too short: at least 1 character.');
    expect(wordsProblem(['yes'])).toBeNull();
    expect(wordsProblem([])).toBe('At least one word is needed.');
    expect(wordsProblem(Array.from({ length: 13 }, String))).toBe('Too many: at most 12 words.');
    expect(wordsProblem(['x'.repeat(41)])).toBe('A word may have 40 characters.');
  });

  test('values read as the form shows them', () => {
    expect(valueText(REASONING_FIELDS.yesBias, -1.4)).toBe('\u22121.4 nats');
    expect(valueText(REASONING_FIELDS.design, 'B')).toBe('B: one prompt');
    expect(valueText(REASONING_FIELDS.reminders, true)).toBe('on');
    expect(valueText(REASONING_FIELDS.yesWords, ['yes', 'Yes'])).toBe('yes, Yes');
    expect(valueText(REASONING_FIELDS.probeQuestion, '')).toBe('empty');
  });
});

describe('settings from a text', () => {
  test('what the form copies can be loaded, whole or in part', () => {
    const { settings } = parseSettings(JSON.stringify(DEFAULT_REASONING_SETTINGS));
    expect(settings).toEqual(DEFAULT_REASONING_SETTINGS);
    expect(parseSettings('{"budget": 96}').settings).toEqual({ budget: 96 });
  });

  test.each([
    ['{"budget": 0}', 'Budget (budget) is 0, but has to be a whole number from 1 to 16384 steps.'],
    ['{"topP": "much"}', 'Top p (topP) is "much", but has to be a number from 0.01 to 1.'],
    ['{"design": "C"}', 'Design (design) is "C", but has to be one of "B", "A".'],
    ['{"reminders": 1}', 'Tell the thinker of changes (reminders) is 1, but has to be true or false.'],
    [
      '{"yesWords": []}',
      'Words for yes (yesWords) is [], but has to be a list of 1 to 12 words of at most 40 characters.',
    ],
    ['{"budget": 96, "speed": 3}', '“speed” is not the name of a setting.'],
    ['[1]', 'A JSON object is needed, such as {"budget": 512}.'],
    ['null', 'A JSON object is needed, such as {"budget": 512}.'],
  ])('%s is refused', (text, problem) => {
    expect(parseSettings(text)).toEqual({ settings: null, problem });
  });

  test('what is not JSON is said to be none', () => {
    expect(parseSettings('{budget: 1').problem).toMatch(/^This is not JSON: /);
  });
});
