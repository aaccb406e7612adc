import { describe, expect, it } from 'vitest';
import { TEMPLATES } from '@/protocol/negotiation/templates.ts';
import {
  isOutdated,
  readTemplates,
  restoredTemplate,
  savedTemplate,
  templatePutBack,
  textsInUse,
  withImportedTemplates,
  writeTemplates,
  type TemplateEdits,
} from './material-templates.ts';

const save = (edits: TemplateEdits, text: string, ourVersion: number = TEMPLATES.opening.version): TemplateEdits =>
  savedTemplate(edits, 'opening', { text, ourVersion, savedAt: '2026-03-01T09:30:00Z' });
const earlier = (edits: TemplateEdits): string[] => (edits.opening?.earlier ?? []).map(({ text }) => text);

describe('an edited prompt', () => {
  it('is in use once it is saved; the ones before are kept, newest first, ten at most', () => {
    let edits: TemplateEdits = {};
    for (let number = 1; number <= 13; number++) edits = save(edits, `{name}, ${number}`);
    expect(textsInUse(edits)).toEqual({ opening: '{name}, 13' });
    expect(earlier(edits)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((number) => `{name}, ${number}`));
    // One that is used again is no earlier one any more.
    const again = save(edits, '{name}, 8');
    expect(earlier(again)).not.toContain('{name}, 8');
    expect(earlier(again)[0]).toBe('{name}, 13');
  });

  it('is not taken with faults, nor if nothing changes', () => {
    const edits = save({}, '{name}, speak.');
    expect(save(edits, 'Speak, {nobody}.')).toBe(edits);
    expect(save(edits, '')).toBe(edits);
    expect(save(edits, '{name}, speak.')).toBe(edits);
  });

  it('gives way to ours and stays among the earlier ones', () => {
    const edits = save({}, '{name}, speak.');
    const restored = restoredTemplate(edits, 'opening');
    expect(restored.opening).toMatchObject({ current: null, earlier: [{ text: '{name}, speak.' }] });
    expect(textsInUse(restored)).toEqual({});
    expect(save(edits, TEMPLATES.opening.text)).toEqual(restored);
    expect(restoredTemplate(restored, 'opening')).toBe(restored);
    expect(templatePutBack(restored, 'opening', edits.opening)).toEqual(edits);
    expect(templatePutBack(restored, 'opening', undefined)).toEqual({});
  });

  it('knows when ours was renewed, until it is saved once more', () => {
    const { version } = TEMPLATES.opening;
    const edits = save({}, '{name}, speak.', version - 1);
    const current = edits.opening?.current;
    expect(current !== null && current !== undefined && isOutdated('opening', current)).toBe(true);
    const kept = save(edits, '{name}, speak.');
    expect(kept.opening?.current?.ourVersion).toBe(version);
    expect(earlier(kept)).toEqual([]);
  });

  it('is left out where it no longer fits its template', () => {
    const current = { text: '{gone}', ourVersion: 0, savedAt: '' };
    expect(textsInUse({ opening: { current, earlier: [] } })).toEqual({});
  });
});

describe('a file of prompts', () => {
  const EDITS = save({}, '{name}, speak.');

  it('brings back what it was written from', () => {
    const file = writeTemplates(EDITS);
    const { texts, problems, numKnown } = readTemplates(file, {});
    expect([problems, numKnown]).toEqual([[], 0]);
    const imported = withImportedTemplates({}, texts, '2026-03-02T00:00:00Z');
    expect(textsInUse(imported)).toEqual(textsInUse(EDITS));
    expect(readTemplates(file, EDITS)).toEqual({ texts: {}, problems: [], numKnown: 1 });
  });

  it('is read prompt by prompt; what is wrong is named', () => {
    const file = JSON.stringify({
      format: 'duet-templates-1',
      templates: {
        opening: { ourVersion: 99, text: 'Go on, {name}.' },
        turn: { ourVersion: 1, text: 'No slot' },
        none: { ourVersion: 1, text: 'x' },
      },
    });
    const { texts, problems } = readTemplates(file, {});
    expect(texts).toEqual({ opening: { text: 'Go on, {name}.', ourVersion: TEMPLATES.opening.version } });
    expect(problems).toEqual([
      expect.stringMatching(/^turn: The text needs the slot \{utterance\}/) as unknown,
      'none: There is no such prompt.',
    ]);
  });

  it.each(['', '{', '[]', '{"format": "other", "templates": {}}', '{"format": 1, "format": 2}', 'x'.repeat(2e6)])(
    'is refused as a whole: %.40s',
    (source) => {
      expect(readTemplates(source, {})).toMatchObject({ texts: {}, problems: [expect.any(String) as unknown] });
    },
  );
});
