/** The auto demo as a function of time. */
import { at } from '@/lib/assert.ts';
import { DEMO_SCENES, PRESENTER_PRESETS, type DemoScene, type PresenterPreset } from '@/protocol/presenter-presets.ts';

/** Speed of a reader who also looks at the screen. */
export const WORDS_PER_MINUTE = 150;

export const LOOP_SECONDS = DEMO_SCENES.reduce((sum, { seconds }) => sum + seconds, 0);

export interface DemoMoment {
  /** Counts from 0. */
  readonly loop: number;
  readonly sceneIndex: number;
  readonly scene: DemoScene;
  readonly preset: PresenterPreset;
  readonly intoSceneSeconds: number;
  /** Of the loop, 0 to 1. */
  readonly share: number;
  /** The sentence of the note that is shown. */
  readonly sentence: number;
  /** The tab that is open now, counted from 1. */
  readonly tab: number;
}

export function wordsOf(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** Seconds that a text needs to be read. */
export function readingSeconds(text: string): number {
  return (wordsOf(text) * 60) / WORDS_PER_MINUTE;
}

/** @param elapsedSeconds  since the demo began, at least 0 */
export function demoAt(elapsedSeconds: number): DemoMoment {
  const loop = Math.floor(elapsedSeconds / LOOP_SECONDS);
  const intoLoop = elapsedSeconds - loop * LOOP_SECONDS;
  let begins = 0;
  let sceneIndex = 0;
  for (const { seconds } of DEMO_SCENES.slice(0, -1)) {
    if (begins + seconds > intoLoop) break;
    begins += seconds;
    sceneIndex++;
  }
  const scene = at(DEMO_SCENES, sceneIndex);
  const preset = presetOf(scene.presetId);
  const intoSceneSeconds = intoLoop - begins;
  return {
    loop,
    sceneIndex,
    scene,
    preset,
    intoSceneSeconds,
    share: intoLoop / LOOP_SECONDS,
    sentence: sentenceAt(preset.notes, intoSceneSeconds / scene.seconds),
    tab: scene.tabs?.findLast(({ atSeconds }) => atSeconds <= intoSceneSeconds)?.tab ?? preset.tab,
  };
}

/** Sentences share the scene's time by their words. @param share  of the scene, 0 to 1 */
export function sentenceAt(notes: readonly string[], share: number): number {
  const words = notes.map(wordsOf);
  const wanted = share * words.reduce((sum, count) => sum + count, 0);
  let read = 0;
  const index = words.findIndex((count) => {
    read += count;
    return read > wanted;
  });
  return index === -1 ? notes.length - 1 : index;
}

function presetOf(id: string): PresenterPreset {
  const preset = PRESENTER_PRESETS.find((one) => one.id === id);
  if (preset === undefined) throw new Error(`No preset has the id "${id}".`);
  return preset;
}
