import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DILEMMAS } from './negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from './negotiation/persona-pairs.ts';
import { checkNegotiationSettings, DEFAULT_NEGOTIATION } from './negotiation-settings.ts';
import { DEMO_SCENES, PRESENTER_PRESETS } from './presenter-presets.ts';

const RECORDINGS = new URL('../../public/recordings/', import.meta.url);

test('every preset has a name of its own, a recording that is there, and three or four sentences to say', () => {
  expect(new Set(PRESENTER_PRESETS.map(({ id }) => id)).size).toBe(PRESENTER_PRESETS.length);
  for (const { recording, notes } of PRESENTER_PRESETS) {
    expect(existsSync(new URL(recording, RECORDINGS)), recording).toBe(true);
    expect([3, 4]).toContain(notes.length);
    for (const sentence of notes) expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});

test('each panel has as many presets as a talk needs, and the demo shows both', () => {
  const pages = PRESENTER_PRESETS.map(({ page }) => page);
  const numThinking = pages.filter((page) => page === 'thinking').length;
  expect(numThinking).toBeGreaterThanOrEqual(4);
  expect(pages.length - numThinking).toBeGreaterThanOrEqual(3);
  const shown = DEMO_SCENES.map(({ presetId }) => PRESENTER_PRESETS.find(({ id }) => id === presetId)?.page);
  expect(new Set(shown)).toEqual(new Set(['thinking', 'dialogues', 'training']));
});

test('presets name dilemmas, pairs and settings that there are', () => {
  for (const preset of PRESENTER_PRESETS) {
    if (preset.page !== 'dialogues') continue;
    expect(DILEMMAS.map(({ id }) => id)).toContain(preset.dilemmaId);
    expect(PERSONA_PAIRS.map(({ id }) => id)).toContain(preset.pairId);
    expect(() => checkNegotiationSettings({ ...DEFAULT_NEGOTIATION, ...preset.settings })).not.toThrow();
  }
});

test('what is typed ends in a sent question, and nothing is erased that is not there', () => {
  for (const preset of PRESENTER_PRESETS) {
    if (preset.page !== 'thinking') continue;
    let text = '';
    for (const cue of preset.cues) {
      if (cue.kind === 'write') text += cue.text;
      if (cue.kind === 'erase') {
        expect(text.length).toBeGreaterThanOrEqual(cue.count);
        text = text.slice(0, text.length - cue.count);
      }
      if (cue.kind === 'send') {
        expect(text.trim()).not.toBe('');
        text = '';
      }
    }
    expect(text).toBe('');
  }
});

test('the page for presenters has every preset with its note', () => {
  const page = readFileSync(new URL('../../docs/presenting.md', import.meta.url), 'utf8');
  for (const { title, shows, notes } of PRESENTER_PRESETS)
    expect(page).toContain(`- **${title}.** ${shows} _${notes.join(' ')}_`);
});
