/** Looking back in the page's own run, and playing recorded ones. */
import type { StateCreator } from 'zustand';
import type { Recording } from '@/protocol/recording.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import type { ReasoningSlice } from './reasoning-slice.ts';
import type { ReasoningView } from './reasoning-view.ts';
import { RunFilm } from './run-film.ts';
import { itemsOf } from './run-items.ts';

/** Infinity: at once. */
export const PLAYBACK_SPEEDS: readonly number[] = [0.5, 1, 2, 5, Infinity];

/** A trace without what the page recorded with it plays too, step by step. */
export type PlayableRun = Recording | ReasoningTrace;

export interface Playback {
  readonly source: 'live' | 'recording';
  /** What is played; null for the page's own run. */
  readonly run: PlayableRun | null;
  readonly film: RunFilm;
  /** Items of the film that are shown. */
  readonly count: number;
  /** The newest step that is shown; -1 in front of the first. */
  readonly step: number;
  /** What stood in the text box then. */
  readonly draft: string;
  /** Where the playing stands on the film's clock. */
  readonly atMs: number;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly isAtEnd: boolean;
}

export interface PlaybackSlice {
  /** Null while the page's own run is shown as it stands. */
  readonly playback: Playback | null;
  /** Shows the moment after `step`, of a recorded run or of the page's own. Null: back to now, or to a recording's end. */
  readonly stepChosen: (step: number | null) => void;
  readonly recordingOpened: (run: PlayableRun, speed: number) => void;
  /** At the end, playing begins anew. */
  readonly playChanged: (isPlaying: boolean) => void;
  readonly speedChosen: (speed: number) => void;
  readonly playbackTicked: (passedMs: number) => void;
  /** Back to the page's own run. */
  readonly playbackClosed: () => void;
}

/** Rests of a person who reads or waits are shortened to this, in milliseconds of the recording. */
export const LONGEST_REST_MS = 2000;

type WithReasoning = PlaybackSlice & Pick<ReasoningSlice, 'reasoning' | 'live' | 'film'>;

export const createPlaybackSlice: StateCreator<WithReasoning, [], [], PlaybackSlice> = (set, get) => {
  const show = (playback: Playback, wanted: number, change: Partial<Playback> = {}): void => {
    const { film } = playback;
    // In front of its beginning a run looks like none.
    const count = Math.max(1, wanted);
    const { view, draft } = film.momentAfter(count);
    const isAtEnd = count >= film.items.length;
    set({
      // The whole trace is there whatever moment of it is shown.
      reasoning: { ...view, trace: playback.run ?? get().live.trace },
      playback: { ...playback, count, step: film.stepAt(count), draft, isAtEnd, ...change },
    });
  };

  return {
    playback: null,
    stepChosen(step) {
      const { playback, film, playbackClosed } = get();
      if (playback?.source === 'recording') {
        const count = step === null ? playback.film.items.length : playback.film.countOfStep(step);
        show(playback, count, { isPlaying: false, atMs: timeAt(playback.film, count) });
        return;
      }
      if (step === null) playbackClosed();
      else if (film.numSteps > 0) show(playback ?? lookingBack(film), film.countOfStep(step));
    },
    recordingOpened(run, speed) {
      const film = new RunFilm(itemsOf(run));
      const opened: Playback = { ...lookingBack(film), source: 'recording', run, isPlaying: true, speed };
      const isAtOnce = speed === Infinity;
      show(opened, isAtOnce ? film.items.length : 0, {
        isPlaying: !isAtOnce,
        atMs: timeAt(film, isAtOnce ? Infinity : 0),
      });
    },
    playChanged(isPlaying) {
      const { playback } = get();
      if (playback?.source !== 'recording') return;
      if (!isPlaying) set({ playback: { ...playback, isPlaying } });
      else if (playback.speed === Infinity) get().stepChosen(null);
      else if (playback.isAtEnd) show(playback, 0, { isPlaying, atMs: timeAt(playback.film, 0) });
      else set({ playback: { ...playback, isPlaying } });
    },
    speedChosen(speed) {
      const { playback, stepChosen } = get();
      if (playback === null) return;
      set({ playback: { ...playback, speed } });
      if (speed === Infinity && playback.isPlaying) stepChosen(null);
    },
    playbackTicked(passedMs) {
      const { playback } = get();
      if (playback === null || !playback.isPlaying) return;
      const { film, speed } = playback;
      let { count, atMs } = playback;
      atMs += passedMs * speed;
      for (let next = film.items[count]; next !== undefined && next.atMs <= atMs; next = film.items[count]) count++;
      const isAtEnd = count >= film.items.length;
      const restUntil = film.items[count]?.atMs ?? atMs;
      atMs = Math.max(atMs, restUntil - LONGEST_REST_MS);
      // Nothing new to show: what draws is left alone.
      if (count === playback.count) set({ playback: { ...playback, atMs } });
      else show(playback, count, { atMs, isPlaying: !isAtEnd });
    },
    playbackClosed: () => set(({ live }) => ({ playback: null, reasoning: live })),
  };
};

function lookingBack(film: RunFilm): Playback {
  return {
    source: 'live',
    run: null,
    film,
    count: 0,
    step: -1,
    draft: '',
    atMs: 0,
    isPlaying: false,
    speed: 1,
    isAtEnd: false,
  };
}

/** The whole run of which a moment is shown, as far as it got: for pictures that mark the moment in the whole. */
export function wholeRunOf({ playback, live }: Pick<WithReasoning, 'playback' | 'live'>): ReasoningView {
  return playback?.source === 'recording' ? playback.film.newest.view : live;
}

/** The film's clock when `count` of its items are shown. */
function timeAt({ items }: RunFilm, count: number): number {
  return (items[Math.min(count, items.length) - 1] ?? items[0])?.atMs ?? 0;
}
