import type { StateCreator } from 'zustand';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type { GeneratorEvent, TemplateTexts } from '@/protocol/negotiation-api.ts';
import type { TemplateId } from '@/protocol/negotiation/templates.ts';
import type { AppState } from './app-store.ts';
import type { ItemDraft } from './material-form.ts';
import {
  applyGeneratorEvent,
  endedGeneration,
  NO_GENERATION,
  reviewTogether,
  reviewWith,
  startedGeneration,
  type GenerationView,
  type ReviewItem,
} from './material-generation.ts';
import {
  DILEMMA_RULES_OF_LIST,
  firstList,
  PAIR_RULES_OF_LIST,
  withChange,
  withChosen,
  withItemBack,
  withItems,
  withKept,
  withoutItems,
  type ItemList,
  type ItemRules,
  type MaterialItem,
} from './material-lists.ts';
import type { KeptMaterial } from './material-storage.ts';
import {
  restoredTemplate,
  savedTemplate,
  templatePutBack,
  textsInUse,
  withImportedTemplates,
  type TemplateEdit,
  type TemplateEdits,
  type TemplateTextsOfFile,
  type TemplateVersion,
} from './material-templates.ts';

/** What can happen to the items of one kind. */
export interface ItemEvents<Item extends MaterialItem> {
  readonly chosen: (id: string) => void;
  readonly added: (items: readonly Item[]) => void;
  readonly changed: (item: Item) => void;
  /** Own ones only. */
  readonly removed: (ids: readonly string[]) => void;
  readonly broughtBack: (removal: { readonly item: Item; readonly place: number; readonly wasChosen: boolean }) => void;
  /** Null: nothing is being written. */
  readonly draftChanged: (draft: ItemDraft | null) => void;
}

export interface MaterialSlice {
  /** What the next group negotiates about. */
  readonly chosenDilemma: Dilemma;
  readonly chosenPair: PersonaPair;
  /** Prompts that the visitor has edited. */
  readonly templateTexts: TemplateTexts;
  /** The visitor's, generated ones among them; oldest first. `allDilemmas` and `allPairs` have ours too. */
  readonly ownDilemmas: readonly Dilemma[];
  readonly ownPairs: readonly PersonaPair[];
  readonly templateEdits: TemplateEdits;
  /** Items that are being written; they stay while the dialog is closed. */
  readonly dilemmaDraft: ItemDraft | null;
  readonly pairDraft: ItemDraft | null;
  /** Texts that are being written and are not saved. */
  readonly templateDrafts: TemplateTexts;
  readonly generation: GenerationView;
  /** Generated dilemmas that are not among the visitor's yet. */
  readonly review: readonly ReviewItem[];
  readonly isMaterialLoaded: boolean;
  /** False once the browser has refused to read or to write. */
  readonly isMaterialKept: boolean;
  readonly dilemmaEvents: ItemEvents<Dilemma>;
  readonly pairEvents: ItemEvents<PersonaPair>;
  /** Null: the browser gives nothing. */
  readonly materialLoaded: (kept: KeptMaterial | null) => void;
  readonly materialWritten: (isKept: boolean) => void;
  /** Undefined: as it is saved. */
  readonly templateDraftChanged: (id: TemplateId, text: string | undefined) => void;
  readonly templateSaved: (id: TemplateId, version: TemplateVersion) => void;
  readonly templateRestored: (id: TemplateId) => void;
  readonly templatePutBack: (id: TemplateId, edit: TemplateEdit | undefined) => void;
  readonly templatesImported: (texts: TemplateTextsOfFile, savedAt: string) => void;
  readonly generationStarted: (count: number) => void;
  readonly generationEventsArrived: (events: readonly GeneratorEvent[]) => void;
  readonly generationStopping: () => void;
  /** Null: it came to its end. */
  readonly generationEnded: (failure: FailureMessage | null) => void;
  readonly reviewItemChanged: (item: ReviewItem) => void;
  /** What waited has been added, or was dropped. */
  readonly reviewEnded: () => void;
  /** Takes that back. */
  readonly reviewBroughtBack: (review: readonly ReviewItem[]) => void;
}

type ListKeys = 'ownDilemmas' | 'chosenDilemma' | 'ownPairs' | 'chosenPair';

const dilemmaList = ({ ownDilemmas, chosenDilemma }: Pick<MaterialSlice, ListKeys>): ItemList<Dilemma> => ({
  own: ownDilemmas,
  chosen: chosenDilemma,
});
const dilemmaPart = ({ own, chosen }: ItemList<Dilemma>): Partial<MaterialSlice> => ({
  ownDilemmas: own,
  chosenDilemma: chosen,
});
const pairList = ({ ownPairs, chosenPair }: Pick<MaterialSlice, ListKeys>): ItemList<PersonaPair> => ({
  own: ownPairs,
  chosen: chosenPair,
});
const pairPart = ({ own, chosen }: ItemList<PersonaPair>): Partial<MaterialSlice> => ({
  ownPairs: own,
  chosenPair: chosen,
});

export const createMaterialSlice: StateCreator<AppState, [], [], MaterialSlice> = (set) => {
  const edit = (change: (edits: TemplateEdits) => TemplateEdits): void =>
    set((state) => {
      const templateEdits = change(state.templateEdits);
      return templateEdits === state.templateEdits ? {} : { templateEdits, templateTexts: textsInUse(templateEdits) };
    });
  const generate = (change: (view: GenerationView) => GenerationView): void =>
    set(({ generation }) => ({ generation: change(generation) }));
  return {
    ...dilemmaPartOfStart(),
    templateTexts: {},
    templateEdits: {},
    dilemmaDraft: null,
    pairDraft: null,
    templateDrafts: {},
    generation: NO_GENERATION,
    review: [],
    isMaterialLoaded: false,
    isMaterialKept: true,
    dilemmaEvents: itemEvents(
      DILEMMA_RULES_OF_LIST,
      (change) => set((state) => dilemmaPart(change(dilemmaList(state)))),
      (dilemmaDraft) => set({ dilemmaDraft }),
    ),
    pairEvents: itemEvents(
      PAIR_RULES_OF_LIST,
      (change) => set((state) => pairPart(change(pairList(state)))),
      (pairDraft) => set({ pairDraft }),
    ),
    materialLoaded: (kept) => set((state) => loadedMaterial(state, kept)),
    materialWritten: (isMaterialKept) => set({ isMaterialKept }),
    templateDraftChanged: (id, text) =>
      set(({ templateDrafts: { [id]: _before, ...others } }) => ({
        templateDrafts: text === undefined ? others : { ...others, [id]: text },
      })),
    templateSaved: (id, version) => edit((edits) => savedTemplate(edits, id, version)),
    templateRestored: (id) => edit((edits) => restoredTemplate(edits, id)),
    templatePutBack: (id, before) => edit((edits) => templatePutBack(edits, id, before)),
    templatesImported: (texts, savedAt) => edit((edits) => withImportedTemplates(edits, texts, savedAt)),
    generationStarted: (count) => set({ generation: startedGeneration(count) }),
    generationEventsArrived: (events) =>
      set(({ generation, review }) => ({
        generation: events.reduce(applyGeneratorEvent, generation),
        review: reviewWith(review, events),
      })),
    generationStopping: () => generate((view) => ({ ...view, phase: 'stopping' })),
    generationEnded: (failure) => generate((view) => endedGeneration(view, failure)),
    reviewItemChanged: (item) =>
      set(({ review }) => ({
        review: review.map((other) => (other.dilemma.id === item.dilemma.id ? item : other)),
      })),
    reviewEnded: () => set({ review: [] }),
    reviewBroughtBack: (before) => set(({ review }) => ({ review: reviewTogether(before, review) })),
  };
};

function dilemmaPartOfStart(): Pick<MaterialSlice, ListKeys> {
  const dilemmas = firstList(DILEMMA_RULES_OF_LIST);
  const pairs = firstList(PAIR_RULES_OF_LIST);
  return {
    ownDilemmas: dilemmas.own,
    chosenDilemma: dilemmas.chosen,
    ownPairs: pairs.own,
    chosenPair: pairs.chosen,
  };
}

function itemEvents<Item extends MaterialItem>(
  rules: ItemRules<Item>,
  update: (change: (list: ItemList<Item>) => ItemList<Item>) => void,
  draftChanged: (draft: ItemDraft | null) => void,
): ItemEvents<Item> {
  return {
    chosen: (id) => update((list) => withChosen(list, id, rules)),
    added: (items) => update((list) => withItems(list, items, rules)),
    changed: (item) => update((list) => withChange(list, item, rules)),
    removed: (ids) => update((list) => withoutItems(list, ids, rules)),
    broughtBack: (removal) => update((list) => withItemBack(list, removal, rules)),
    draftChanged,
  };
}

type Loaded = Pick<MaterialSlice, ListKeys | 'templateEdits' | 'review'>;

/** What was kept, with what the visitor has done before it was read. */
export function loadedMaterial(now: Loaded, kept: KeptMaterial | null): Partial<MaterialSlice> {
  if (kept === null) return { isMaterialLoaded: true, isMaterialKept: false };
  const { ownDilemmas, ownPairs, chosenDilemmaId, chosenPairId } = kept;
  const templateEdits = { ...kept.templateEdits, ...now.templateEdits };
  return {
    isMaterialLoaded: true,
    ...dilemmaPart(withKept(dilemmaList(now), { own: ownDilemmas, chosenId: chosenDilemmaId }, DILEMMA_RULES_OF_LIST)),
    ...pairPart(withKept(pairList(now), { own: ownPairs, chosenId: chosenPairId }, PAIR_RULES_OF_LIST)),
    templateEdits,
    templateTexts: textsInUse(templateEdits),
    review: reviewTogether(kept.review, now.review),
  };
}
