import { useEffect } from 'react';
import { useAppStore } from '@/state/use-app-state.ts';
import type { Effect } from './lesson.ts';
import { findTarget } from './lesson-targets.ts';

const LOOK_MS = 150;

/** Waits for what the visitor is asked to do. @param effect  null: nothing is waited for */
export function useEffectSeen(effect: Effect | null, onSeen: () => void): void {
  const store = useAppStore();
  useEffect(() => {
    if (effect === null) return undefined;
    const holds = watcherOf(effect, () => store.getState());
    const look = (): void => {
      if (holds()) onSeen();
    };
    look();
    const stopFollowing = effect.kind === 'state' ? store.subscribe(look) : undefined;
    const timer = effect.kind === 'state' ? undefined : setInterval(look, LOOK_MS);
    return () => {
      stopFollowing?.();
      clearInterval(timer);
    };
  }, [effect, onSeen, store]);
}

function watcherOf(effect: Effect, getState: ReturnType<typeof useAppStore>['getState']): () => boolean {
  switch (effect.kind) {
    case 'state':
      return () => effect.holds(getState());
    case 'shown':
      return () => document.querySelector(effect.selector)?.checkVisibility() === true;
    case 'changed': {
      let before: string | null = null;
      return () => {
        const now = lookOf(effect.target);
        before ??= now;
        return now !== null && now !== before;
      };
    }
    default:
      return effect satisfies never;
  }
}

/** What a target shows: its text, and where its sliders stand. Null: it is not on the screen. */
function lookOf(name: Extract<Effect, { kind: 'changed' }>['target']): string | null {
  const element = findTarget(name);
  if (element === null) return null;
  const ranges = [...element.querySelectorAll<HTMLInputElement>('input[type="range"]')].map(({ value }) => value);
  const sliders = [...element.querySelectorAll('[role="slider"]')].map((one) => one.getAttribute('aria-valuenow'));
  return JSON.stringify([element.textContent, ranges, sliders]);
}
