import type { StoreApi } from 'zustand';
import type { SharePage } from '@/protocol/shared-content.ts';
import type { AppState } from '../app-store.ts';
import { collectShared, EVERYTHING_HARMLESS } from './collect-shared.ts';
import { checkedForSharing, makeShare, readShare } from './share-text.ts';

/** @param address  the page's, without what stands behind `?` and `#` */
export function createSharePage(store: StoreApi<AppState>, address: string): SharePage {
  return {
    current: (page) => collectShared(store.getState(), page, EVERYTHING_HARMLESS),
    make: (content) => makeShare(checkedForSharing(content), address),
    read: readShare,
  };
}
