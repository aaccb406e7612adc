/** While somebody presents, presets take the place of the visitor's own choices; these are put back, and only they are kept. */
import type { StateCreator } from 'zustand';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import type { PresenterPreset } from '@/protocol/presenter-presets.ts';
import type { AppState } from './app-store.ts';
import { effectiveSettings } from './effective-settings.ts';
import { DIALOGUE_TABS, TRAINING_TABS } from './negotiation-tabs-slice.ts';
import { PICTURE_NAMES } from './pictures-slice.ts';
import { budgetsOf } from './speed-budgets.ts';
import { withinBudgets } from './speed-slice.ts';

type OwnChoices = Pick<
  AppState,
  | 'reasoningChanges'
  | 'negotiationChanges'
  | 'chosenDilemma'
  | 'chosenPair'
  | 'judgeChoice'
  | 'takenOver'
  | 'templateTexts'
  | 'draft'
  | 'picture'
>;

export interface PresenterSlice {
  /** The visitor's own choices; null while nobody presents. */
  readonly beforePresenting: OwnChoices | null;
  /** While the demo runs by itself, its runs are not kept. */
  readonly isAutoDemo: boolean;
  readonly presentingBegan: () => void;
  readonly presentingEnded: () => void;
  /** Settings, material and tab of a preset; what runs, runs on. */
  readonly presetApplied: (preset: PresenterPreset) => void;
  /** @param tab  counted from 1; one that is not there changes nothing */
  readonly presenterTabChosen: (page: PresenterPreset['page'], tab: number) => void;
  readonly autoDemoChanged: (isAutoDemo: boolean) => void;
}

/** What is kept over a reload: never a preset's. */
export function ownChoicesOf(state: AppState): OwnChoices {
  if (state.beforePresenting !== null) return state.beforePresenting;
  const { reasoningChanges, negotiationChanges, chosenDilemma, chosenPair, draft, picture } = state;
  const { judgeChoice, takenOver, templateTexts } = state;
  return {
    reasoningChanges,
    negotiationChanges,
    chosenDilemma,
    chosenPair,
    judgeChoice,
    takenOver,
    templateTexts,
    draft,
    picture,
  };
}

export const createPresenterSlice: StateCreator<AppState, [], [], PresenterSlice> = (set, get) => ({
  beforePresenting: null,
  isAutoDemo: false,
  presentingBegan: () => set((state) => ({ beforePresenting: ownChoicesOf(state) })),
  presentingEnded: () =>
    set(({ beforePresenting, ...state }) => {
      if (beforePresenting === null) return {};
      return {
        ...beforePresenting,
        // The speed may have become known meanwhile.
        ...withinBudgets({ ...state, ...beforePresenting }),
        beforePresenting: null,
        isAutoDemo: false,
      };
    }),
  presetApplied(preset) {
    set((state) => choicesOf(preset, (changes) => effectiveSettings(state.model.info, changes, budgetsOf(state))));
    get().presenterTabChosen(preset.page, preset.tab);
  },
  presenterTabChosen(page, tab) {
    const { pictureChosen, dialogueTabChosen, trainingTabChosen } = get();
    const index = tab - 1;
    const picture = PICTURE_NAMES[index];
    if (page === 'thinking' && picture !== undefined) pictureChosen(picture);
    const dialogueTab = DIALOGUE_TABS[index];
    if (page === 'dialogues' && dialogueTab !== undefined) dialogueTabChosen(dialogueTab);
    const trainingTab = TRAINING_TABS[index];
    if (page === 'training' && trainingTab !== undefined) trainingTabChosen(trainingTab);
  },
  autoDemoChanged: (isAutoDemo) => set({ isAutoDemo }),
});

/** The model's defaults with the preset's changes: the same for every visitor. */
function choicesOf(
  preset: PresenterPreset,
  settingsOf: (changes: AppState['reasoningChanges']) => AppState['reasoningSettings'],
): Partial<AppState> {
  switch (preset.page) {
    case 'thinking':
      return { reasoningChanges: preset.settings, reasoningSettings: settingsOf(preset.settings) };
    case 'dialogues': {
      const chosenDilemma = DILEMMAS.find(({ id }) => id === preset.dilemmaId);
      const chosenPair = PERSONA_PAIRS.find(({ id }) => id === preset.pairId);
      return {
        negotiationChanges: preset.settings,
        ...(chosenDilemma && { chosenDilemma }),
        ...(chosenPair && { chosenPair }),
        judgeChoice: { kind: 'engine' },
        takenOver: [],
        templateTexts: {},
      };
    }
    case 'training':
      return {};
    default:
      return preset satisfies never;
  }
}
