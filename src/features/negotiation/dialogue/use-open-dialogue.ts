import { keyOf, type DialogueView } from '@/state/negotiation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';

/** The dialogue that the reader has open; null before the first group. */
export function useOpenDialogue(): DialogueView | null {
  return useAppState(
    ({ rollout: { dialogues }, openDialogue }) =>
      dialogues.find((dialogue) => keyOf(dialogue) === openDialogue) ?? dialogues[0] ?? null,
  );
}
