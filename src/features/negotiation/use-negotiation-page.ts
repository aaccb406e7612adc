import { useSyncExternalStore } from 'react';

export const NEGOTIATION_PAGES = {
  dialogues: { name: 'Dialogues', path: '#/negotiation' },
  training: { name: 'Training', path: '#/negotiation/training' },
  evaluation: { name: 'Evaluation', path: '#/negotiation/evaluation' },
} as const;

export type NegotiationPage = keyof typeof NEGOTIATION_PAGES;

function pageOfHash(): NegotiationPage {
  const { training, evaluation } = NEGOTIATION_PAGES;
  if (location.hash === training.path) return 'training';
  return location.hash === evaluation.path ? 'evaluation' : 'dialogues';
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Which page of the panel the address names. */
export function useNegotiationPage(): NegotiationPage {
  return useSyncExternalStore(subscribe, pageOfHash);
}
