import { createContext, useContext } from 'react';
import { useStore, type StoreApi } from 'zustand';
import type { AppState } from './app-store.ts';

const StoreContext = createContext<StoreApi<AppState> | null>(null);

export const AppStoreProvider = StoreContext.Provider;

export function useAppStore(): StoreApi<AppState> {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('The store is read outside AppStoreProvider.');
  return store;
}

/** Select as little as the component shows; wrap the selector in `useShallow` when it makes an object. */
export function useAppState<Selected>(selector: (state: AppState) => Selected): Selected {
  return useStore(useAppStore(), selector);
}
