import type { StateCreator } from 'zustand';

/** The pictures of a run, in the order of their tabs. */
export const PICTURE_NAMES = ['timeline', 'blocks', 'whatItRead', 'rotaryDial', 'check'] as const;
export type PictureName = (typeof PICTURE_NAMES)[number];

export interface PicturesSlice {
  /** The picture that is open; survives a reload. */
  readonly picture: PictureName;
  readonly pictureChosen: (picture: PictureName) => void;
}

export const createPicturesSlice: StateCreator<PicturesSlice> = (set) => ({
  picture: 'timeline',
  pictureChosen: (picture) => set({ picture }),
});

/** What was kept, or the default for what this page does not know. */
export function readPictureName(stored: unknown): PictureName {
  return PICTURE_NAMES.find((name) => name === stored) ?? 'timeline';
}
