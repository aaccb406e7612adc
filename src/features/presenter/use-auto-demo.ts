import { useEffect, useState } from 'react';
import type { PresenterPreset } from '@/protocol/presenter-presets.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { AutoDemo } from './auto-demo.ts';
import type { DemoMoment } from './demo-schedule.ts';
import type { PresetPlayer } from './preset-player.ts';

const TICK_MS = 250;

/** Runs the demo while the store says so. @returns where it stands; null while it does not run */
export function useAutoDemo(player: PresetPlayer, show: (preset: PresenterPreset) => void): DemoMoment | null {
  const store = useAppStore();
  const isOn = useAppState((state) => state.isAutoDemo);
  const [moment, setMoment] = useState<DemoMoment | null>(null);
  useEffect(() => {
    if (!isOn) return undefined;
    const demo = new AutoDemo(store, player, show);
    const begun = performance.now();
    const tick = (): void => setMoment(demo.tick((performance.now() - begun) / 1000));
    const timer = setInterval(tick, TICK_MS);
    const first = setTimeout(tick, 0);
    return () => {
      clearInterval(timer);
      clearTimeout(first);
      demo.end();
      setMoment(null);
    };
  }, [isOn, store, player, show]);
  useScreenOn(isOn);
  return isOn ? moment : null;
}

/** Keeps the screen from going dark, where the browser can. */
function useScreenOn(isOn: boolean): void {
  useEffect(() => {
    if (!isOn || !('wakeLock' in navigator)) return undefined;
    let lock: WakeLockSentinel | undefined;
    let isWanted = true;
    const ask = (): void => {
      if (document.visibilityState !== 'visible') return;
      navigator.wakeLock.request('screen').then(
        (given) => {
          if (isWanted) lock = given;
          else void given.release();
        },
        // Low on battery: the screen may go dark.
        () => undefined,
      );
    };
    ask();
    // A hidden page loses it.
    document.addEventListener('visibilitychange', ask);
    return () => {
      isWanted = false;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, [isOn]);
}
