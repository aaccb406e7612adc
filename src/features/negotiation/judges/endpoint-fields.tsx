import { NumberInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { problemsOfJudge } from '@/state/judge-form.ts';
import { ServerFields } from '@/ui/server-fields.tsx';
import type { JudgeFieldsProps } from './judge-fields.tsx';

/** Where a server is, which of its models judges, and how long it is waited for. */
export function EndpointFields({ form, apiKey, onChange, onKey }: JudgeFieldsProps): ReactElement {
  const problems = problemsOfJudge(form);
  const numberOf = (value: number | string): number | null => (typeof value === 'number' ? value : null);
  return (
    <div className="model-fields">
      <ServerFields
        url={form.url}
        model={form.model}
        apiKey={apiKey}
        urlProblem={problems.url}
        onUrl={(url) => onChange({ url })}
        onModel={(model) => onChange({ model })}
        onKey={onKey}
      />
      <div className="model-fields__row">
        <NumberInput
          label="Time limit of a request"
          suffix=" s"
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          value={form.timeoutSeconds ?? ''}
          error={problems.timeoutSeconds}
          onChange={(value) => onChange({ timeoutSeconds: numberOf(value) })}
        />
        <NumberInput
          label="Attempts"
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          value={form.maxAttempts ?? ''}
          error={problems.maxAttempts}
          onChange={(value) => onChange({ maxAttempts: numberOf(value) })}
        />
      </div>
    </div>
  );
}
