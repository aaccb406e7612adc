import { createContext, useContext } from 'react';
import type { SharedPage } from '@/protocol/shared-content.ts';

/** Opens the dialog that shares a page. */
export const SharingContext = createContext<((page: SharedPage) => void) | null>(null);

export function useSharing(): (page: SharedPage) => void {
  const share = useContext(SharingContext);
  if (share === null) throw new Error('useSharing needs a SharingProvider above it.');
  return share;
}
