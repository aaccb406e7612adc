import { describe, expect, test } from 'vitest';
import { DEMO_SCENES, PRESENTER_PRESETS } from '@/protocol/presenter-presets.ts';
import { demoAt, LOOP_SECONDS, readingSeconds, sentenceAt } from './demo-schedule.ts';

describe('the auto demo', () => {
  test('takes exactly two minutes, and begins again', () => {
    expect(LOOP_SECONDS).toBe(120);
    expect(demoAt(0)).toMatchObject({ loop: 0, sceneIndex: 0, intoSceneSeconds: 0, share: 0 });
    expect(demoAt(119.99)).toMatchObject({ loop: 0, sceneIndex: DEMO_SCENES.length - 1 });
    expect(demoAt(120)).toMatchObject({ loop: 1, sceneIndex: 0, intoSceneSeconds: 0 });
    expect(demoAt(12 * 120 + 30)).toMatchObject({ ...demoAt(30), loop: 12 });
  });

  test('shows every scene as long as it says, in order', () => {
    const seen: string[] = [];
    const seconds = new Map<string, number>();
    for (let tenths = 0; tenths < 1200; tenths++) {
      const { id } = demoAt(tenths / 10).preset;
      if (seen.at(-1) !== id) seen.push(id);
      seconds.set(id, (seconds.get(id) ?? 0) + 0.1);
    }
    expect(seen).toEqual(DEMO_SCENES.map(({ presetId }) => presetId));
    for (const { presetId, seconds: wanted } of DEMO_SCENES) expect(seconds.get(presetId)).toBeCloseTo(wanted, 5);
  });

  test.each(DEMO_SCENES)('$presetId: its note can be read, sentence by sentence', ({ presetId, seconds }) => {
    const notes = PRESENTER_PRESETS.find(({ id }) => id === presetId)?.notes ?? [];
    expect(notes.length).toBeGreaterThan(0);
    expect(readingSeconds(notes.join(' '))).toBeLessThanOrEqual(seconds);
    const shown = Array.from({ length: seconds * 10 }, (_, tenths) => sentenceAt(notes, tenths / 10 / seconds));
    for (const [index, sentence] of notes.entries()) {
      const shownSeconds = shown.filter((one) => one === index).length / 10;
      expect(shownSeconds + 0.1).toBeGreaterThanOrEqual(readingSeconds(sentence));
    }
    expect(shown.toSorted((a, b) => a - b)).toEqual(shown);
  });

  test('opens the tabs that a scene names, at their time', () => {
    let begins = 0;
    for (const { seconds, tabs = [] } of DEMO_SCENES) {
      for (const { atSeconds, tab } of tabs) {
        expect(atSeconds).toBeLessThan(seconds);
        expect(demoAt(begins + atSeconds).tab).toBe(tab);
        expect(demoAt(begins + atSeconds - 0.1).tab).not.toBe(tab);
      }
      begins += seconds;
    }
  });
});
