import { createJSONStorage, devtools, persist, type StateStorage } from 'zustand/middleware';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { createAttentionSlice, type AttentionSlice } from './attention-slice.ts';
import { effectiveSettings, readReasoningChanges } from './effective-settings.ts';
import { createCalibrationSlice, type CalibrationSlice } from './calibration-slice.ts';
import { readChatForm, storedChatForm } from './chat-form.ts';
import { createChatSettingsSlice, readChatChanges, type ChatSettingsSlice } from './chat-settings-slice.ts';
import { createChatSlice, type ChatSlice } from './chat-slice.ts';
import { createCheckSlice, type CheckSlice } from './check-slice.ts';
import { createComparisonSlice, type ComparisonSlice } from './comparison-slice.ts';
import { createEvaluationSlice, type EvaluationSlice } from './evaluation-slice.ts';
import { createJudgeCalibrationSlice, type JudgeCalibrationSlice } from './judge-calibration-slice.ts';
import { readJudgeChoice, readJudgeForm, storedJudgeForm } from './judge-form.ts';
import { createJudgeSlice, type JudgeSlice } from './judge-slice.ts';
import { createMaterialSlice, type MaterialSlice } from './material-slice.ts';
import { createModelChoiceSlice, type ModelChoiceSlice } from './model-choice-slice.ts';
import { createModelSlice, type ModelSlice } from './model-slice.ts';
import { createNegotiationEvaluationSlice, type NegotiationEvaluationSlice } from './negotiation-evaluation-slice.ts';
import { createNegotiationPlaybackSlice, type NegotiationPlaybackSlice } from './negotiation-playback.ts';
import {
  createNegotiationSettingsSlice,
  readNegotiationChanges,
  type NegotiationSettingsSlice,
} from './negotiation-settings-slice.ts';
import { createNegotiationSlice, type NegotiationSlice } from './negotiation-slice.ts';
import { readTrainingForm } from './negotiation-training-form.ts';
import { createNegotiationTrainingSlice, type NegotiationTrainingSlice } from './negotiation-training-slice.ts';
import { createNegotiationTabsSlice, type NegotiationTabsSlice } from './negotiation-tabs-slice.ts';
import { createPicturesSlice, readPictureName, type PicturesSlice } from './pictures-slice.ts';
import { createPlaybackSlice, type PlaybackSlice } from './playback-slice.ts';
import { createPresenterSlice, ownChoicesOf, type PresenterSlice } from './presenter-slice.ts';
import { createReasoningSlice, type ReasoningSlice } from './reasoning-slice.ts';
import { readForm, storedForm } from './fine-tune-form.ts';
import { createSettingsSlice, type SettingsSlice } from './settings-slice.ts';
import { asUntouched } from './speed-forms.ts';
import { createSpeedSlice, type SpeedSlice } from './speed-slice.ts';
import { readNegotiationEvaluationForm } from './stored-evaluation-form.ts';
import { createTrainingSlice, type TrainingSlice } from './training-slice.ts';

export type AppState = ModelSlice &
  ModelChoiceSlice &
  ReasoningSlice &
  PlaybackSlice &
  PicturesSlice &
  AttentionSlice &
  SettingsSlice &
  SpeedSlice &
  ComparisonSlice &
  CalibrationSlice &
  CheckSlice &
  EvaluationSlice &
  TrainingSlice &
  NegotiationSlice &
  NegotiationSettingsSlice &
  NegotiationPlaybackSlice &
  NegotiationTrainingSlice &
  MaterialSlice &
  JudgeSlice &
  JudgeCalibrationSlice &
  NegotiationEvaluationSlice &
  ChatSlice &
  ChatSettingsSlice &
  NegotiationTabsSlice &
  PresenterSlice;

type Stored = Pick<SettingsSlice, 'reasoningChanges' | 'draft'> &
  Pick<SpeedSlice, 'usesFullBudgets' | 'isSpeedLineHidden'> &
  Pick<PicturesSlice, 'picture'> &
  Pick<TrainingSlice, 'fineTuneForm'> &
  Pick<NegotiationTrainingSlice, 'trainingForm'> &
  Pick<NegotiationEvaluationSlice, 'negotiationEvaluationForm'> &
  Pick<NegotiationSettingsSlice, 'negotiationChanges'> &
  Pick<JudgeSlice, 'judgeChoice' | 'judgeForm'> &
  Pick<ChatSlice, 'openChatId' | 'chatDraft'> &
  Pick<ChatSettingsSlice, 'chatChanges' | 'chatForm' | 'areChatTokensShown'>;

const STORAGE_VERSION = 2;

/** Writes only what changed: the store is updated every frame, what is kept changes seldom. */
function writingChangesOnly(storage: StateStorage): StateStorage {
  let last: string | null = null;
  return {
    getItem: (name) => storage.getItem(name),
    setItem: (name, value) => {
      if (value === last) return;
      last = value;
      try {
        storage.setItem(name, value);
      } catch {
        // Storage is full or forbidden: the page works on, it only forgets.
      }
    },
    removeItem: (name) => storage.removeItem(name),
  };
}

function draftOf(stored: unknown): string {
  const draft = (stored as Partial<Stored> | null | undefined)?.draft;
  return typeof draft === 'string' ? draft : '';
}

type StoredChat = Pick<Stored, 'openChatId' | 'chatDraft' | 'chatChanges' | 'chatForm' | 'areChatTokensShown'>;

function readChatState(stored: unknown): StoredChat {
  const { openChatId, chatDraft, chatChanges, chatForm, areChatTokensShown }: Partial<StoredChat> =
    typeof stored === 'object' && stored !== null ? stored : {};
  return {
    openChatId: typeof openChatId === 'string' ? openChatId : null,
    chatDraft: typeof chatDraft === 'string' ? chatDraft : '',
    chatChanges: readChatChanges(chatChanges),
    chatForm: readChatForm(chatForm),
    areChatTokensShown: areChatTokensShown === true,
  };
}

/** @param storage where settings and draft are kept; `localStorage` on the page */
export function createAppStore(storage: StateStorage): StoreApi<AppState> {
  return createStore<AppState>()(
    devtools(
      persist(
        (set, get, store) => ({
          ...createModelSlice(set, get, store),
          ...createModelChoiceSlice(set, get, store),
          ...createReasoningSlice(set, get, store),
          ...createPlaybackSlice(set, get, store),
          ...createSettingsSlice(set, get, store),
          ...createComparisonSlice(set, get, store),
          ...createCalibrationSlice(set, get, store),
          ...createPicturesSlice(set, get, store),
          ...createSpeedSlice(set, get, store),
          ...createAttentionSlice(set, get, store),
          ...createCheckSlice(set, get, store),
          ...createEvaluationSlice(set, get, store),
          ...createTrainingSlice(set, get, store),
          ...createNegotiationSlice(set, get, store),
          ...createNegotiationSettingsSlice(set, get, store),
          ...createNegotiationPlaybackSlice(set, get, store),
          ...createNegotiationTrainingSlice(set, get, store),
          ...createMaterialSlice(set, get, store),
          ...createJudgeSlice(set, get, store),
          ...createJudgeCalibrationSlice(set, get, store),
          ...createNegotiationEvaluationSlice(set, get, store),
          ...createChatSlice(set, get, store),
          ...createChatSettingsSlice(set, get, store),
          ...createNegotiationTabsSlice(set, get, store),
          ...createPresenterSlice(set, get, store),
        }),
        {
          name: 'duet',
          version: STORAGE_VERSION,
          storage: createJSONStorage<Stored>(() => writingChangesOnly(storage)),
          partialize: (state): Stored => {
            const { reasoningChanges, draft, picture, negotiationChanges, judgeChoice } = ownChoicesOf(state);
            return {
              reasoningChanges,
              usesFullBudgets: state.usesFullBudgets,
              isSpeedLineHidden: state.isSpeedLineHidden,
              draft,
              picture,
              fineTuneForm: storedForm(state.fineTuneForm),
              trainingForm: state.trainingForm,
              negotiationEvaluationForm: state.negotiationEvaluationForm,
              negotiationChanges,
              judgeChoice,
              judgeForm: storedJudgeForm(state.judgeForm),
              openChatId: state.openChatId,
              chatDraft: state.chatDraft,
              chatChanges: state.chatChanges,
              chatForm: storedChatForm(state.chatForm),
              areChatTokensShown: state.areChatTokensShown,
            };
          },
          // Values of a version that this page does not know had another meaning: only the draft is taken over.
          migrate: (stored) => ({
            reasoningChanges: {},
            usesFullBudgets: false,
            isSpeedLineHidden: false,
            draft: draftOf(stored),
            picture: readPictureName(null),
            fineTuneForm: readForm(null),
            trainingForm: readTrainingForm(null),
            negotiationEvaluationForm: readNegotiationEvaluationForm(null),
            negotiationChanges: {},
            judgeChoice: readJudgeChoice(null),
            judgeForm: readJudgeForm(null),
            ...readChatState(null),
          }),
          merge: (stored, state) => {
            const reasoningChanges = readReasoningChanges((stored as Partial<Stored> | null)?.reasoningChanges);
            return {
              ...state,
              reasoningChanges,
              isSpeedLineHidden: (stored as Partial<Stored> | null)?.isSpeedLineHidden === true,
              usesFullBudgets: (stored as Partial<Stored> | null)?.usesFullBudgets === true,
              reasoningSettings: effectiveSettings(state.model.info, reasoningChanges),
              draft: draftOf(stored),
              picture: readPictureName((stored as Partial<Stored> | null)?.picture),
              fineTuneForm: readForm((stored as Partial<Stored> | null)?.fineTuneForm),
              trainingForm: asUntouched(
                'trainingForm',
                readTrainingForm((stored as Partial<Stored> | null)?.trainingForm),
              ),
              negotiationEvaluationForm: asUntouched(
                'negotiationEvaluationForm',
                readNegotiationEvaluationForm((stored as Partial<Stored> | null)?.negotiationEvaluationForm),
              ),
              negotiationChanges: readNegotiationChanges((stored as Partial<Stored> | null)?.negotiationChanges),
              judgeChoice: readJudgeChoice((stored as Partial<Stored> | null)?.judgeChoice),
              judgeForm: readJudgeForm((stored as Partial<Stored> | null)?.judgeForm),
              ...readChatState(stored),
            };
          },
        },
      ),
      { enabled: import.meta.env.DEV, name: 'duet' },
    ),
  );
}
