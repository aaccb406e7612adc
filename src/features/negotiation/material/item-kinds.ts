/** What the page has to know of dilemmas and of persona pairs, so that one list, form and import serve both. */
import type { DilemmaCategory, Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { readDilemmas, readPersonaPairs, type ReadMaterial } from '@/protocol/negotiation/material-jsonl.ts';
import { dilemmaFaults, personaPairFaults } from '@/protocol/negotiation/material-rules.ts';
import type { AppState } from '@/state/app-store.ts';
import {
  checkDilemma,
  checkPair,
  dilemmaFields,
  pairFields,
  type ItemCheck,
  type ItemDraft,
  type ItemFields,
} from '@/state/material-form.ts';
import { allDilemmas, allPairs, type MaterialItem } from '@/state/material-lists.ts';
import type { ItemEvents } from '@/state/material-slice.ts';
import type { Actor } from '@/ui/actor.tsx';

interface TextField {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly rows: number;
  readonly actor?: Actor;
}

export interface ItemKind<Item extends MaterialItem> {
  readonly noun: string;
  readonly nouns: string;
  readonly chooseLabel: string;
  /** What a held-out one is, in one sentence. */
  readonly heldOut: string;
  readonly empty: string;
  readonly example: string;
  readonly fields: readonly TextField[];
  readonly blank: ItemFields;
  readonly fieldsOf: (item: Item) => ItemFields;
  readonly titleOf: (item: Item) => string;
  /** What is searched. */
  readonly textOf: (item: Item) => string;
  /** Null: the kind has none. */
  readonly categoryOf: (item: Item) => DilemmaCategory | null;
  readonly faultsOf: (item: Item) => readonly string[];
  readonly all: (state: AppState) => readonly Item[];
  readonly own: (state: AppState) => readonly Item[];
  readonly chosen: (state: AppState) => Item;
  readonly draft: (state: AppState) => ItemDraft | null;
  readonly events: (state: AppState) => ItemEvents<Item>;
  readonly check: (draft: Pick<ItemDraft, 'id' | 'fields'>, existing: readonly Item[]) => ItemCheck<Item>;
  readonly read: (text: string, existing: readonly Item[]) => ReadMaterial<Item>;
}

export const DILEMMA_KIND: ItemKind<Dilemma> = {
  noun: 'dilemma',
  nouns: 'dilemmas',
  chooseLabel: 'Negotiate this',
  heldOut: 'Held out: training never touches these dilemmas, so they test what was learnt on the others.',
  empty: 'No dilemma matches.',
  example: '{"category": "everyday", "goal": "…", "prompt": "…"}',
  fields: [
    { name: 'goal', label: 'Goal', description: 'What has to be decided, in three to five words.', rows: 1 },
    {
      name: 'prompt',
      label: 'Prompt',
      description: 'Two or three sentences; the last one is a question that asks for a decision.',
      rows: 4,
    },
  ],
  blank: { category: 'interpersonal', goal: '', prompt: '', split: 'train' },
  fieldsOf: dilemmaFields,
  titleOf: ({ goal }) => goal,
  textOf: ({ goal, prompt }) => `${goal} ${prompt}`,
  categoryOf: ({ category }) => category,
  faultsOf: dilemmaFaults,
  all: allDilemmas,
  own: ({ ownDilemmas }) => ownDilemmas,
  chosen: ({ chosenDilemma }) => chosenDilemma,
  draft: ({ dilemmaDraft }) => dilemmaDraft,
  events: ({ dilemmaEvents }) => dilemmaEvents,
  check: checkDilemma,
  read: readDilemmas,
};

const PERSONA = 'One plain sentence, hidden from the other side.';

export const PAIR_KIND: ItemKind<PersonaPair> = {
  noun: 'persona pair',
  nouns: 'persona pairs',
  chooseLabel: 'Negotiate with this pair',
  heldOut: 'Held out: training never touches these pairs, so they test what was learnt with the others.',
  empty: 'No persona pair matches.',
  example: '{"theme": "…", "persona_1": "…", "persona_2": "…"}',
  fields: [
    { name: 'theme', label: 'Theme', description: 'What they pull apart about, in a few words.', rows: 1 },
    { name: 'persona1', label: 'Persona 1', description: PERSONA, rows: 3, actor: 'agent1' },
    { name: 'persona2', label: 'Persona 2', description: PERSONA, rows: 3, actor: 'agent2' },
  ],
  blank: { theme: '', persona1: '', persona2: '', split: 'train' },
  fieldsOf: pairFields,
  titleOf: ({ theme }) => theme,
  textOf: ({ theme, persona1, persona2 }) => `${theme} ${persona1} ${persona2}`,
  categoryOf: () => null,
  faultsOf: personaPairFaults,
  all: allPairs,
  own: ({ ownPairs }) => ownPairs,
  chosen: ({ chosenPair }) => chosenPair,
  draft: ({ pairDraft }) => pairDraft,
  events: ({ pairEvents }) => pairEvents,
  check: checkPair,
  read: readPersonaPairs,
};

export const SPLIT_NAMES = { train: 'training', test: 'held out' } as const;
export const ORIGIN_NAMES = { ours: 'ours', generated: 'generated', own: 'own' } as const;

/** 1 dilemma, 2 dilemmas. */
export function counted<Item extends MaterialItem>(
  { noun, nouns }: Pick<ItemKind<Item>, 'noun' | 'nouns'>,
  count: number,
): string {
  return count === 1 ? `1 ${noun}` : `${count.toLocaleString('en')} ${nouns}`;
}
