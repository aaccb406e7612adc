import type { StateCreator } from 'zustand';
import { NEGOTIATION_KEYS } from '@/protocol/negotiation-fields.ts';
import {
  DEFAULT_NEGOTIATION,
  negotiationSettingsSchema,
  type NegotiationSettings,
} from '@/protocol/negotiation-settings.ts';
import { readChanges, withoutDefaults } from './setting-changes.ts';

export type NegotiationChanges = Partial<NegotiationSettings>;

export interface NegotiationSettingsSlice {
  /** What the visitor has changed; everything else is the default. */
  readonly negotiationChanges: NegotiationChanges;
  readonly negotiationSettingsChanged: (change: NegotiationChanges) => void;
  readonly negotiationSettingReset: (key: keyof NegotiationSettings) => void;
}

export const createNegotiationSettingsSlice: StateCreator<NegotiationSettingsSlice> = (set) => ({
  negotiationChanges: {},
  negotiationSettingsChanged: (change) =>
    set(({ negotiationChanges }) => ({ negotiationChanges: withChange(negotiationChanges, change) })),
  negotiationSettingReset: (key) =>
    set(({ negotiationChanges }) => ({
      negotiationChanges: withChange(negotiationChanges, { [key]: DEFAULT_NEGOTIATION[key] }),
    })),
});

/** What is refused leaves the setting as it was. */
export function withChange(changes: NegotiationChanges, change: NegotiationChanges): NegotiationChanges {
  return withoutDefaults(NEGOTIATION_KEYS, { ...changes, ...readNegotiationChanges(change) }, DEFAULT_NEGOTIATION);
}

/** Changes out of storage, a form or a file: what is unknown or out of range is left out. */
export function readNegotiationChanges(candidate: unknown): NegotiationChanges {
  return readChanges<NegotiationSettings>(NEGOTIATION_KEYS, negotiationSettingsSchema, candidate);
}

export function negotiationSettingsOf({
  negotiationChanges,
}: Pick<NegotiationSettingsSlice, 'negotiationChanges'>): NegotiationSettings {
  return { ...DEFAULT_NEGOTIATION, ...negotiationChanges };
}
