import type { StateCreator } from 'zustand';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS, readReasoningSettings } from './reasoning-settings.ts';

/** What survives a reload. */
export interface SettingsSlice {
  readonly reasoningSettings: ReasoningSettings;
  /** What stands in the question's text box. */
  readonly draft: string;
  readonly reasoningSettingsChanged: (change: Partial<ReasoningSettings>) => void;
  readonly draftChanged: (draft: string) => void;
}

export const createSettingsSlice: StateCreator<SettingsSlice> = (set) => ({
  reasoningSettings: DEFAULT_REASONING_SETTINGS,
  draft: '',
  reasoningSettingsChanged: (change) =>
    set(({ reasoningSettings }) => ({ reasoningSettings: readReasoningSettings({ ...reasoningSettings, ...change }) })),
  draftChanged: (draft) => set({ draft }),
});
