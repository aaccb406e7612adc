/** Which field of a row is the question, which the answer: of known question sets, or as the user says. */
import type { AnswerKind } from '@/protocol/evaluation.ts';
import type { ItemRows } from './read-rows.ts';
import { valueAt } from './read-rows.ts';

/** Names of columns, or paths such as `question.stem`. */
export interface ItemMapping {
  readonly kind: AnswerKind;
  readonly question: string;
  readonly answer: string;
  /** For 'choice': one field with all choices, or a field for each. */
  readonly choices?: readonly string[];
  /** Default: the row's line. */
  readonly id?: string;
}

export const ITEM_PRESET_NAMES = ['math500', 'commonsenseQa', 'mmlu', 'gsm8k'] as const;
export type ItemPresetName = (typeof ITEM_PRESET_NAMES)[number];

export interface ItemPreset {
  readonly label: string;
  /** What its rows look like. */
  readonly description: string;
  /** Its variants; the first whose fields are there is meant. */
  readonly mappings: readonly [ItemMapping, ...ItemMapping[]];
}

export const ITEM_PRESETS: Readonly<Record<ItemPresetName, ItemPreset>> = {
  math500: {
    label: 'MATH-500',
    description: '`problem` and `answer`; the answer is a formula that the model puts in a box',
    mappings: [{ kind: 'boxed', question: 'problem', answer: 'answer', id: 'unique_id' }],
  },
  commonsenseQa: {
    label: 'CommonsenseQA',
    description: '`question`, `choices` with labels and texts, and `answerKey`',
    mappings: [
      { kind: 'choice', question: 'question.stem', choices: ['question.choices'], answer: 'answerKey', id: 'id' },
      { kind: 'choice', question: 'question', choices: ['choices'], answer: 'answerKey', id: 'id' },
    ],
  },
  mmlu: {
    label: 'MMLU',
    description: '`question`, `choices` (or `options`, or columns A to D) and `answer`, a letter or a number from 0',
    mappings: [
      { kind: 'choice', question: 'question', choices: ['choices'], answer: 'answer' },
      { kind: 'choice', question: 'question', choices: ['options'], answer: 'answer', id: 'question_id' },
      { kind: 'choice', question: 'question', choices: ['A', 'B', 'C', 'D'], answer: 'answer' },
      {
        kind: 'choice',
        question: 'column 1',
        choices: ['column 2', 'column 3', 'column 4', 'column 5'],
        answer: 'column 6',
      },
    ],
  },
  gsm8k: {
    label: 'GSM8K',
    description: '`question` and `answer`, which ends with #### and a number',
    mappings: [{ kind: 'number', question: 'question', answer: 'answer' }],
  },
};

/** The variant of a preset that fits the rows best; its first if none fits, so that what is missing can be named. */
export function mappingOf(preset: ItemPresetName, rows: ItemRows): ItemMapping {
  const { mappings } = ITEM_PRESETS[preset];
  return mappings.find((mapping) => fits(mapping, rows)) ?? mappings[0];
}

/** The known set that the rows look like; undefined if they look like none. */
export function guessPreset(rows: ItemRows): ItemPresetName | undefined {
  return ITEM_PRESET_NAMES.find((name) => ITEM_PRESETS[name].mappings.some((mapping) => fits(mapping, rows)));
}

function fits({ question, answer, choices = [] }: ItemMapping, { rows }: ItemRows): boolean {
  const [first] = rows;
  return (
    first !== undefined && [question, answer, ...choices].every((path) => valueAt(first.fields, path) !== undefined)
  );
}
