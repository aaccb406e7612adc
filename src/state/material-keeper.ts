/** Between the store and the browser's storage: reads once, then writes every change. */
import type { StoreApi } from 'zustand';
import type { AppState } from './app-store.ts';
import { findMaterial, keepMaterial, NOTHING_KEPT, type KeptMaterial } from './material-storage.ts';
import { ownChoicesOf } from './presenter-slice.ts';

const attached = new WeakSet<StoreApi<AppState>>();

/** Reads what is kept of the material, once per page, and from then on writes what changes. Nothing waits for it. */
export function keepMaterialOf(store: StoreApi<AppState>): void {
  if (attached.has(store)) return;
  attached.add(store);
  void attach(store);
}

async function attach(store: StoreApi<AppState>): Promise<void> {
  const found = await findMaterial();
  store.getState().materialLoaded(found);
  let kept = found ?? NOTHING_KEPT;
  let isWriting = false;
  // One write at a time; what comes meanwhile is in the next one.
  const write = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    for (let now = keptOf(store.getState()); isDifferent(kept, now); now = keptOf(store.getState())) {
      const isKept = await keepMaterial(kept, now);
      store.getState().materialWritten(isKept);
      if (!isKept) break;
      kept = now;
    }
    isWriting = false;
  };
  store.subscribe((now, before) => {
    if (isDifferent(keptOf(before), keptOf(now))) void write();
  });
  await write();
}

function keptOf(state: AppState): KeptMaterial {
  const { ownDilemmas, ownPairs, templateEdits, review } = state;
  const { chosenDilemma, chosenPair } = ownChoicesOf(state);
  return {
    ownDilemmas,
    ownPairs,
    chosenDilemmaId: chosenDilemma.id,
    chosenPairId: chosenPair.id,
    templateEdits,
    review,
  };
}

function isDifferent(a: KeptMaterial, b: KeptMaterial): boolean {
  return (Object.keys(a) as (keyof KeptMaterial)[]).some((part) => a[part] !== b[part]);
}
