import { NumberInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { EvaluationNumber, EvaluationProblems } from '@/state/negotiation-evaluation-form.ts';
import { useAppState } from '@/state/use-app-state.ts';

interface NumberFieldProps {
  readonly name: EvaluationNumber;
  readonly label: string;
  readonly description: string;
  readonly numbers: EvaluationProblems['numbers'];
}

/** A whole number of the form. What is out of range stays, with what would be in it. */
export function NumberField({ name, label, description, numbers }: NumberFieldProps): ReactElement {
  const value = useAppState((state) => state.negotiationEvaluationForm[name]);
  const change = useAppState((state) => state.negotiationEvaluationEvents.formChanged);
  return (
    <NumberInput
      size="xs"
      label={label}
      description={description}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      value={value ?? ''}
      error={numbers[name]}
      onChange={(next) => change((form) => ({ ...form, [name]: typeof next === 'number' ? next : null }))}
    />
  );
}
