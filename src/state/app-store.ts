import { createJSONStorage, devtools, persist, type StateStorage } from 'zustand/middleware';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { createModelSlice, type ModelSlice } from './model-slice.ts';
import { createReasoningSlice, type ReasoningSlice } from './reasoning-slice.ts';
import { readReasoningSettings } from './reasoning-settings.ts';
import { createSettingsSlice, type SettingsSlice } from './settings-slice.ts';

export type AppState = ModelSlice & ReasoningSlice & SettingsSlice;

type Stored = Pick<SettingsSlice, 'reasoningSettings' | 'draft'>;

const STORAGE_VERSION = 1;

/** Writes only what changed: the store is updated every frame, what is kept changes seldom. */
function writingChangesOnly(storage: StateStorage): StateStorage {
  let last: string | null = null;
  return {
    getItem: (name) => storage.getItem(name),
    setItem: (name, value) => {
      if (value === last) return;
      last = value;
      try {
        storage.setItem(name, value);
      } catch {
        // Storage is full or forbidden: the page works on, it only forgets.
      }
    },
    removeItem: (name) => storage.removeItem(name),
  };
}

/** @param storage where settings and draft are kept; `localStorage` on the page */
export function createAppStore(storage: StateStorage): StoreApi<AppState> {
  return createStore<AppState>()(
    devtools(
      persist(
        (set, get, store) => ({
          ...createModelSlice(set, get, store),
          ...createReasoningSlice(set, get, store),
          ...createSettingsSlice(set, get, store),
        }),
        {
          name: 'duet',
          version: STORAGE_VERSION,
          storage: createJSONStorage<Stored>(() => writingChangesOnly(storage)),
          partialize: ({ reasoningSettings, draft }): Stored => ({ reasoningSettings, draft }),
          // A version that this page does not know is dropped; `merge` fills in the defaults.
          migrate: () => ({ reasoningSettings: readReasoningSettings(undefined), draft: '' }),
          merge: (stored, state) => {
            const { reasoningSettings, draft } = (stored ?? {}) as Partial<Stored>;
            return {
              ...state,
              reasoningSettings: readReasoningSettings(reasoningSettings),
              draft: typeof draft === 'string' ? draft : '',
            };
          },
        },
      ),
      { enabled: import.meta.env.DEV, name: 'duet' },
    ),
  );
}
