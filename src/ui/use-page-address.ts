import { useMemo, useSyncExternalStore } from 'react';
import { readPageAddress, writePageAddress, type PageAddress } from '@/lib/page-address.ts';

const hash = (): string => location.hash;

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** What the page's address names, kept up with it. */
export function usePageAddress(): PageAddress {
  const text = useSyncExternalStore(subscribe, hash);
  return useMemo(() => readPageAddress(text), [text]);
}

/** Changes the address in its place: "back" does not lead to the one before. Whoever follows the address is told. */
export function replacePageAddress(address: PageAddress): void {
  history.replaceState(history.state, '', writePageAddress(address));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
