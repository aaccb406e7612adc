import { useShallow } from 'zustand/shallow';
import { useAppState } from '@/state/use-app-state.ts';
import type { ProbeRule } from './probe-decision.ts';

/** What the settings make of a margin. */
export function useProbeRule(): ProbeRule {
  return useAppState(
    useShallow(({ reasoningSettings: { yesBias, marginThreshold, hysteresis } }) => ({
      yesBias,
      marginThreshold,
      hysteresis,
    })),
  );
}

/** Of the newest probe; null before the first. */
export function useLastMargin(): number | null {
  return useAppState((state) => state.reasoning.probes.at(-1)?.margin ?? null);
}
