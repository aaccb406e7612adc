/** What the page does with scenarios for a script. */
import type { StoreApi } from 'zustand';
import type { ScenarioPage } from '@/protocol/scenario/scenario-page.ts';
import type { AppState } from './app-store.ts';

export function createScenarioPage(store: StoreApi<AppState>): ScenarioPage {
  return {
    loadedModel: () => store.getState().model.info,
    showOutcome({ trace, group }) {
      if (trace !== null) store.getState().recordingOpened(trace, Infinity);
      if (group !== null) store.getState().negotiationOpened(group);
    },
  };
}
