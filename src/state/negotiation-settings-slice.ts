import type { StateCreator } from 'zustand';
import { NEGOTIATION_KEYS } from '@/protocol/negotiation-fields.ts';
import {
  DEFAULT_NEGOTIATION,
  negotiationSettingsSchema,
  type NegotiationSettings,
} from '@/protocol/negotiation-settings.ts';
import { changesAfter, readChanges, withoutDefaults, withoutKeys, type Given } from './setting-changes.ts';
import { budgetsOf, SHORTENED_NEGOTIATION, type PageBudgets, type SpeedState } from './speed-budgets.ts';

export type NegotiationChanges = Partial<NegotiationSettings>;

export interface NegotiationSettingsSlice {
  /** What the visitor has changed; everything else is the default. */
  readonly negotiationChanges: NegotiationChanges;
  readonly negotiationSettingsChanged: (change: NegotiationChanges) => void;
  readonly negotiationSettingReset: (key: keyof NegotiationSettings) => void;
}

type WithBudgets = NegotiationSettingsSlice & SpeedState;

/** Those that no speed shortens; the others are not known before the model is loaded. */
const SURE_DEFAULTS = withoutKeys(DEFAULT_NEGOTIATION, SHORTENED_NEGOTIATION);

export const createNegotiationSettingsSlice: StateCreator<WithBudgets, [], [], NegotiationSettingsSlice> = (set) => {
  const update = (given: Given<NegotiationSettings>): void =>
    set(({ negotiationChanges, model, usesFullBudgets }) => {
      const defaults =
        model.info === null ? SURE_DEFAULTS : negotiationDefaultsOf(budgetsOf({ model, usesFullBudgets }));
      return { negotiationChanges: changesAfter(NEGOTIATION_KEYS, negotiationChanges, given, defaults) };
    });
  return {
    negotiationChanges: {},
    negotiationSettingsChanged: (change) => update(readNegotiationChanges(change)),
    negotiationSettingReset: (key) => update({ [key]: undefined }),
  };
};

/** What is refused leaves the setting as it was. */
export function withChange(changes: NegotiationChanges, change: NegotiationChanges): NegotiationChanges {
  return withoutDefaults(NEGOTIATION_KEYS, { ...changes, ...readNegotiationChanges(change) }, DEFAULT_NEGOTIATION);
}

/** The page's defaults. */
export function negotiationDefaultsOf({ negotiation }: Pick<PageBudgets, 'negotiation'>): NegotiationSettings {
  return { ...DEFAULT_NEGOTIATION, ...negotiation };
}

/** Changes out of storage, a form or a file: what is unknown or out of range is left out. */
export function readNegotiationChanges(candidate: unknown): NegotiationChanges {
  return readChanges<NegotiationSettings>(NEGOTIATION_KEYS, negotiationSettingsSchema, candidate);
}

export function negotiationSettingsOf({
  negotiationChanges,
  ...state
}: Pick<NegotiationSettingsSlice, 'negotiationChanges'> & SpeedState): NegotiationSettings {
  return { ...negotiationDefaultsOf(budgetsOf(state)), ...negotiationChanges };
}
