import type { StateCreator } from 'zustand';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { DEFAULT_REASONING_SETTINGS, SMALL_MODEL_SETTINGS } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { defaultsOf, effectiveSettings, readReasoningChanges, type ReasoningChanges } from './effective-settings.ts';
import type { ModelView } from './model-view.ts';
import { changesAfter, withoutKeys, type Given } from './setting-changes.ts';
import { budgetsOf } from './speed-budgets.ts';

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

type WithModel = SettingsSlice & {
  readonly model: ModelView;
  readonly usesFullBudgets: boolean;
};

/** Those that no model and no speed change; the others are not known before the model is. */
const SURE_DEFAULTS = withoutKeys(DEFAULT_REASONING_SETTINGS, Object.keys(SMALL_MODEL_SETTINGS));

export const createSettingsSlice: StateCreator<WithModel, [], [], SettingsSlice> = (set) => {
  const update = (given: Given<ReasoningSettings>): void =>
    set(({ model, usesFullBudgets, reasoningChanges }) => {
      const budgets = budgetsOf({ model, usesFullBudgets });
      const defaults = model.info === null ? SURE_DEFAULTS : defaultsOf(model.info, budgets);
      const changes = changesAfter(REASONING_KEYS, reasoningChanges, given, defaults);
      return { reasoningChanges: changes, reasoningSettings: effectiveSettings(model.info, changes, budgets) };
    });
  return {
    reasoningChanges: {},
    reasoningSettings: defaultsOf(null),
    draft: '',
    reasoningSettingsChanged: (change) => update(readReasoningChanges(change)),
    reasoningSettingReset: (key) => update({ [key]: undefined }),
    draftChanged: (draft) => set({ draft }),
  };
};
