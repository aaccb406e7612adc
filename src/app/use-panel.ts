import { useSyncExternalStore } from 'react';

export type Panel = 'thinking' | 'negotiation';

function panelOfHash(): Panel {
  return /^#\/negotiation(\/|$)/.test(location.hash) ? 'negotiation' : 'thinking';
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Which panel the address names. */
export function usePanel(): Panel {
  return useSyncExternalStore(subscribe, panelOfHash);
}
