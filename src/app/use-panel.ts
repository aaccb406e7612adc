import { usePageAddress } from '@/ui/use-page-address.ts';

export type Panel = 'thinking' | 'negotiation' | 'chat' | 'lessons';

const OTHERS = ['negotiation', 'chat', 'lessons'] as const satisfies readonly Panel[];

/** Which panel the address names. */
export function usePanel(): Panel {
  const [name] = usePageAddress().path;
  return OTHERS.find((panel) => panel === name) ?? 'thinking';
}
