import { usePageAddress } from '@/ui/use-page-address.ts';

export const NEGOTIATION_PAGES = {
  dialogues: { name: 'Dialogues', path: '#/negotiation' },
  training: { name: 'Training', path: '#/negotiation/training' },
  evaluation: { name: 'Evaluation', path: '#/negotiation/evaluation' },
} as const;

export type NegotiationPage = keyof typeof NEGOTIATION_PAGES;

/** Which page of the panel the address names. */
export function useNegotiationPage(): NegotiationPage {
  const [panel, page] = usePageAddress().path;
  if (panel !== 'negotiation') return 'dialogues';
  return page === 'training' || page === 'evaluation' ? page : 'dialogues';
}
