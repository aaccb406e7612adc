import { useDebouncedCallback } from '@mantine/hooks';
import { useMemo } from 'react';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { defaultsOf } from '@/state/effective-settings.ts';
import { budgetsOf } from '@/state/speed-budgets.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import type { Setting } from '@/ui/settings/setting-field.tsx';
import type { ReasoningRun } from '../use-reasoning-run.ts';

/** A run under way gets what is being typed only when the typing rests: on the way to 96 it shall not hear of 9. */
const REST_MS = 500;

/** One setting: its value, its default for the loaded model, and what may be done with it. */
export function useSetting(key: keyof ReasoningSettings, run: ReasoningRun): Setting {
  const store = useAppStore();
  const value: unknown = useAppState((state) => state.reasoningSettings[key]);
  const defaultValue: unknown = useAppState((state) => defaultsOf(state.model.info, budgetsOf(state))[key]);
  const isChanged = useAppState((state) => key in state.reasoningChanges);
  // What holds by then: since the typing, a preset or a reset may have changed it.
  const tellRun = useDebouncedCallback(() => run.changeSettings({ [key]: store.getState().reasoningSettings[key] }), {
    delay: REST_MS,
    flushOnUnmount: true,
  });
  return useMemo(
    () => ({
      value,
      defaultValue,
      isChanged,
      change: (chosen) => run.changeSettings({ [key]: chosen }),
      type: (typed) => {
        store.getState().reasoningSettingsChanged({ [key]: typed });
        tellRun();
      },
      reset: () => run.resetSetting(key),
    }),
    [key, run, store, tellRun, value, defaultValue, isChanged],
  );
}
