/** The presets one after another, for two minutes, and again. It only shows: nothing that it does is kept. */
import type { StoreApi } from 'zustand';
import type { PresenterPreset } from '@/protocol/presenter-presets.ts';
import type { AppState } from '@/state/app-store.ts';
import type { PastGroup } from '@/state/negotiation-slice.ts';
import { demoAt, type DemoMoment } from './demo-schedule.ts';
import type { PresetPlayer } from './preset-player.ts';

/** A recording is over so many seconds before its scene is. */
const LAST_LOOK_SECONDS = 3;
const SHORTEST_SECONDS = 5;

export class AutoDemo {
  readonly #store: StoreApi<AppState>;
  readonly #player: PresetPlayer;
  readonly #show: (preset: PresenterPreset) => void;
  /** Groups of before; those of the demo do not stay. */
  readonly #history: readonly PastGroup[];
  #scene = '';
  #tab = 0;
  #last: PresenterPreset | null = null;

  /** @param show  goes to the preset's page */
  constructor(store: StoreApi<AppState>, player: PresetPlayer, show: (preset: PresenterPreset) => void) {
    this.#store = store;
    this.#player = player;
    this.#show = show;
    // The visitor's own group, which the first scene would stop unseen, has its place among those of before.
    player.reset();
    this.#history = store.getState().negotiationHistory;
    store.getState().autoDemoChanged(true);
  }

  /** @param elapsedSeconds  since it began */
  tick(elapsedSeconds: number): DemoMoment {
    const moment = demoAt(elapsedSeconds);
    const { preset, scene, intoSceneSeconds, tab } = moment;
    const name = `${moment.loop} ${moment.sceneIndex}`;
    if (name !== this.#scene) {
      this.#scene = name;
      this.#tab = tab;
      this.#last = preset;
      this.#empty();
      this.#show(preset);
      this.#store.getState().presetApplied(preset);
      void this.#player.start(preset, { seconds: scene.seconds - LAST_LOOK_SECONDS });
      return moment;
    }
    if (tab !== this.#tab) {
      this.#tab = tab;
      this.#store.getState().presenterTabChosen(preset.page, tab);
    }
    if (this.#player.hasFailed(preset)) {
      const seconds = Math.max(SHORTEST_SECONDS, scene.seconds - intoSceneSeconds - LAST_LOOK_SECONDS);
      void this.#player.start(preset, { seconds, isRecorded: true });
    }
    return moment;
  }

  /** What is shown stays, and is held. */
  end(): void {
    if (this.#last !== null) this.#player.hold(this.#last);
    this.#store.setState({ negotiationHistory: this.#history });
    this.#store.getState().autoDemoChanged(false);
  }

  #empty(): void {
    this.#player.reset();
    this.#store.getState().negotiationCleared(this.#history);
  }
}
