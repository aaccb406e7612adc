import type { BuiltInSet, EvaluationSource } from '@/protocol/evaluation.ts';

interface SetText {
  readonly name: string;
  readonly gloss: string;
}

export const SETS: Readonly<Record<BuiltInSet | 'imported', SetText>> = {
  arithmetic: { name: 'Arithmetic', gloss: 'sums, word problems and simple equations, made from the seed' },
  commonsense: { name: 'Commonsense', gloss: 'four choices each; the seed shuffles them' },
  safety: { name: 'Safety', gloss: 'mild requests: which ones are refused, and which harmless ones too' },
  imported: { name: 'Imported file', gloss: 'your own questions, as JSON lines or CSV' },
};

/** Where the questions came from: "Arithmetic, seed 1". */
export function sourceText(source: EvaluationSource): string {
  return source.kind === 'builtIn' ? `${SETS[source.set].name}, seed ${source.seed}` : source.name;
}
