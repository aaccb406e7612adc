import type { StateCreator } from 'zustand';

/** Views of a dialogue, in the order of their tabs. */
export const DIALOGUE_TABS = ['conversation', 'prompts', 'compare'] as const;
export type DialogueTab = (typeof DIALOGUE_TABS)[number];

/** Views of a training, in the order of their tabs. */
export const TRAINING_TABS = ['group', 'charts', 'tokens', 'before', 'runs', 'lesson'] as const;
export type TrainingTab = (typeof TRAINING_TABS)[number];

export interface NegotiationTabsSlice {
  readonly dialogueTab: DialogueTab;
  readonly trainingTab: TrainingTab;
  /** What is no tab opens the first one. */
  readonly dialogueTabChosen: (tab: string | null) => void;
  readonly trainingTabChosen: (tab: string | null) => void;
}

export const createNegotiationTabsSlice: StateCreator<NegotiationTabsSlice> = (set) => ({
  dialogueTab: 'conversation',
  trainingTab: 'group',
  dialogueTabChosen: (tab) => set({ dialogueTab: DIALOGUE_TABS.find((one) => one === tab) ?? 'conversation' }),
  trainingTabChosen: (tab) => set({ trainingTab: TRAINING_TABS.find((one) => one === tab) ?? 'group' }),
});
