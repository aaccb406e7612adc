import { useEffect } from 'react';
import { shownPlayback } from '@/state/negotiation-playback.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';

const TICK_MS = 33;

/** Moves a recording on while it plays. A timer and no frames, so that it goes on, more coarsely, in a hidden tab. */
export function useNegotiationClock(): void {
  const store = useAppStore();
  const isPlaying = useAppState((state) => shownPlayback(state) !== null && state.rollout.phase === 'running');
  useEffect(() => {
    if (!isPlaying) return undefined;
    let before = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      store.getState().negotiationPlaybackTicked(now - before);
      before = now;
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [isPlaying, store]);
}
