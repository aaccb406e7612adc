/** What a number of a form may be. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

/** As the form writes it below the input; null: nothing is wrong. */
export function numberProblem(value: number | null, { min, max, isWhole }: NumberRange): string | null {
  if (value !== null && value >= min && value <= max && (!isWhole || Number.isInteger(value))) return null;
  const from = min.toLocaleString('en', { maximumFractionDigits: 8 });
  return `${isWhole ? 'A whole number, ' : ''}${from} to ${max.toLocaleString('en')}.`;
}
