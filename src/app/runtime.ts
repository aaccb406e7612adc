import type { StoreApi } from 'zustand';
import { connectEngine } from '@/client/connect-engine.ts';
import { createDuetApi, type DuetApi } from '@/client/duet-api.ts';
import { createAppStore, type AppState } from '@/state/app-store.ts';
import { createRunPage } from '@/state/run-page.ts';
import { createSharePage } from '@/state/sharing/share-page.ts';
import { createScenarioPage } from '@/state/scenario-page.ts';

/** Made once per page: the store, and the engine behind its interface. */
export interface Runtime {
  readonly store: StoreApi<AppState>;
  readonly duet: DuetApi;
}

export async function createRuntime(): Promise<Runtime> {
  const store = createAppStore(localStorage);
  const engine = await connectEngine((failure) => {
    store.getState().modelLoadFailed(failure);
    store.getState().runFailed(failure);
  });
  const page = { ...createRunPage(store), share: createSharePage(store, `${location.origin}${location.pathname}`) };
  const duet = createDuetApi(engine, store.getState(), page, createScenarioPage(store));
  window.duet = duet;
  // The worker describes a missing device instead of throwing; a dead worker is reported above.
  duet.device().catch(() => undefined);
  return { store, duet };
}
