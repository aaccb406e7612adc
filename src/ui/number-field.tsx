import { NumberInput } from '@mantine/core';
import type { ReactElement } from 'react';

interface NumberFieldProps {
  readonly label: string;
  readonly description: string;
  readonly range: { readonly min: number; readonly max: number; readonly isWhole: boolean };
  readonly step: number;
  /** Null: the field is empty. */
  readonly value: number | null;
  readonly problem: string | undefined;
  readonly onChange: (value: number | null) => void;
}

/** A number of a form. What is out of range stays, with what would be in it. */
export function NumberField(props: NumberFieldProps): ReactElement {
  const { label, description, range, step, value, problem, onChange } = props;
  return (
    <NumberInput
      label={label}
      description={description}
      min={range.min}
      max={range.max}
      step={step}
      clampBehavior="none"
      allowDecimal={!range.isWhole}
      allowNegative={false}
      value={value ?? ''}
      error={problem}
      onChange={(next) => onChange(typeof next === 'number' ? next : null)}
    />
  );
}
