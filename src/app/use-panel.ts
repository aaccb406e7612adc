import { useSyncExternalStore } from 'react';

export type Panel = 'thinking' | 'negotiation' | 'chat';

const OTHERS = ['negotiation', 'chat'] as const satisfies readonly Panel[];

function panelOfHash(): Panel {
  const [, name] = /^#\/([a-z]+)(\/|$)/.exec(location.hash) ?? [];
  return OTHERS.find((panel) => panel === name) ?? 'thinking';
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Which panel the address names. */
export function usePanel(): Panel {
  return useSyncExternalStore(subscribe, panelOfHash);
}
