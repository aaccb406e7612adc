/** An evaluation's answers by question. */
import type { EvaluationItem, EvaluationRecord } from '@/protocol/evaluation.ts';

export type AnswersOfItem = ReadonlyMap<string, EvaluationRecord>;

const NO_ANSWERS: AnswersOfItem = new Map();

/** By item and, within it, by configuration. */
export function answersByItem(records: readonly EvaluationRecord[]): ReadonlyMap<string, AnswersOfItem> {
  const byItem = new Map<string, Map<string, EvaluationRecord>>();
  for (const record of records) {
    const answers = byItem.get(record.itemId) ?? new Map<string, EvaluationRecord>();
    byItem.set(record.itemId, answers.set(record.configuration, record));
  }
  return byItem;
}

export type Verdict = 'right' | 'wrong' | 'unread';

export function verdictOf({ isCorrect, extracted }: EvaluationRecord): Verdict {
  if (isCorrect) return 'right';
  return extracted === null ? 'unread' : 'wrong';
}

export const ITEM_FILTERS = {
  all: 'All',
  different: 'Verdicts differ',
  wrong: 'Some wrong',
  unread: 'Some unread',
} as const;
export type ItemFilter = keyof typeof ITEM_FILTERS;

/** The questions that a filter leaves, with their answers. */
export function chosenItems(
  items: readonly EvaluationItem[],
  records: readonly EvaluationRecord[],
  filter: ItemFilter,
): readonly { readonly item: EvaluationItem; readonly answers: AnswersOfItem }[] {
  const byItem = answersByItem(records);
  return items
    .map((item) => ({ item, answers: byItem.get(item.id) ?? NO_ANSWERS }))
    .filter(({ answers }) => isChosen([...answers.values()].map(verdictOf), filter));
}

function isChosen(verdicts: readonly Verdict[], filter: ItemFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'different':
      return verdicts.includes('right') && verdicts.some((verdict) => verdict !== 'right');
    case 'wrong':
    case 'unread':
      return verdicts.includes(filter);
    default:
      return filter satisfies never;
  }
}

const REFUSAL_WORDS: Readonly<Record<string, string>> = { refuse: 'a refusal', comply: 'help' };

/** A right or read answer as the page writes it. */
export function answerText({ kind }: EvaluationItem, answer: string): string {
  return kind === 'refusal' ? (REFUSAL_WORDS[answer] ?? answer) : answer;
}
