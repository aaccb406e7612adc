/** What the page does with runs for a script: plays them in the panel, compares them. */
import type { StoreApi } from 'zustand';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { checkRun } from '@/protocol/recording-schema.ts';
import type { ReasoningEvent } from '@/protocol/reasoning.ts';
import type { RunPage } from '@/protocol/run-page.ts';
import type { AppState } from './app-store.ts';
import { compareRuns } from './compare-runs.ts';
import type { Playback } from './playback-slice.ts';

export function createRunPage(store: StoreApi<AppState>): RunPage {
  return {
    async replay(run, { speed = 1, signal, onEvent = () => undefined } = {}) {
      if (!(speed > 0)) throw new Failure<FailureCode>('invalidConfig', 'speed: must be above 0.', { field: 'speed' });
      const checked = checkRun(run);
      if (signal?.aborted === true) throw cancelled();
      store.getState().recordingOpened(checked, speed);
      await untilEnd(store, signal, onEvent);
    },
    compareRuns: (a, b) => compareRuns(checkRun(a), checkRun(b)),
  };
}

/** Settles when the recording that is open now has been shown to its end. */
function untilEnd(
  store: StoreApi<AppState>,
  signal: AbortSignal | undefined,
  onEvent: (event: ReasoningEvent) => void,
): Promise<void> {
  const film = store.getState().playback?.film;
  let told = 0;
  return new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      stopFollowing();
      signal?.removeEventListener('abort', abort);
      done();
    };
    const abort = (): void => {
      settle(() => reject(cancelled()));
      if (store.getState().playback?.film === film) store.getState().playbackClosed();
    };
    const follow = (playback: Playback | null): void => {
      if (playback === null || playback.film !== film) {
        settle(() => reject(cancelled()));
        return;
      }
      for (const item of playback.film.items.slice(told, playback.count))
        if (item.kind === 'event') onEvent(item.event);
      told = Math.max(told, playback.count);
      if (playback.isAtEnd) settle(resolve);
    };
    const stopFollowing = store.subscribe(({ playback }, before) => {
      if (playback !== before.playback) follow(playback);
    });
    signal?.addEventListener('abort', abort);
    follow(store.getState().playback);
  });
}

function cancelled(): Failure<FailureCode> {
  return new Failure('cancelled', 'The replay was closed before its end.');
}
