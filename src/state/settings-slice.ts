import type { StateCreator } from 'zustand';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { defaultsOf, effectiveSettings, readReasoningChanges, type ReasoningChanges } from './effective-settings.ts';
import type { ModelView } from './model-view.ts';
import { withoutDefaults } from './setting-changes.ts';

/** What survives a reload, and the settings that follow from it. */
export interface SettingsSlice {
  /** What the user changed; the only part of the settings that is kept. */
  readonly reasoningChanges: ReasoningChanges;
  /** The loaded model's defaults with the changes over them. */
  readonly reasoningSettings: ReasoningSettings;
  /** What stands in the text box. */
  readonly draft: string;
  readonly reasoningSettingsChanged: (change: ReasoningChanges) => void;
  readonly reasoningSettingReset: (key: keyof ReasoningSettings) => void;
  readonly draftChanged: (draft: string) => void;
}

type WithModel = SettingsSlice & { readonly model: ModelView };

export const createSettingsSlice: StateCreator<WithModel, [], [], SettingsSlice> = (set) => {
  const update = (change: (changes: ReasoningChanges) => ReasoningChanges): void =>
    set(({ model, reasoningChanges }) => {
      const changes = withoutDefaults(REASONING_KEYS, change(reasoningChanges), defaultsOf(model.info));
      return { reasoningChanges: changes, reasoningSettings: effectiveSettings(model.info, changes) };
    });
  return {
    reasoningChanges: {},
    reasoningSettings: defaultsOf(null),
    draft: '',
    reasoningSettingsChanged: (change) => update((changes) => ({ ...changes, ...readReasoningChanges(change) })),
    reasoningSettingReset: (key) =>
      update((changes) => Object.fromEntries(Object.entries(changes).filter(([changed]) => changed !== key))),
    draftChanged: (draft) => set({ draft }),
  };
};
