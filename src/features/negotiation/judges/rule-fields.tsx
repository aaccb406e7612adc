import '@/ui/model-fields.css';
import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { RuleConfig } from '@/protocol/negotiation-api.ts';
import { problemsOfJudge } from '@/state/judge-form.ts';
import type { JudgeFieldsProps } from './judge-fields.tsx';
import { RULE_NAMES } from './judge-texts.ts';

const MEANINGS: Readonly<Record<RuleConfig['kind'], string>> = {
  personas: 'Five times the smaller share of a goal’s longer words that the answer has.',
  word: 'One point each time it occurs, at most five.',
  length: 'Five at that length, one less for each fifth that is missing or too much.',
};

/** What a rule counts. */
export function RuleFields({ form, onChange }: JudgeFieldsProps): ReactElement {
  const problems = problemsOfJudge(form);
  return (
    <div className="model-fields">
      <div className="model-fields__row">
        <NativeSelect
          label="Rule"
          description={MEANINGS[form.rule]}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={form.rule}
          data={Object.entries(RULE_NAMES).map(([value, label]) => ({ value, label }))}
          onChange={(event) => onChange({ rule: event.currentTarget.value as RuleConfig['kind'] })}
        />
        {form.rule === 'word' && (
          <TextInput
            label="Word"
            value={form.word}
            error={problems.word}
            onChange={(event) => onChange({ word: event.currentTarget.value })}
          />
        )}
        {form.rule === 'length' && (
          <NumberInput
            label="Length"
            suffix=" words"
            min={1}
            clampBehavior="none"
            allowDecimal={false}
            value={form.words ?? ''}
            error={problems.words}
            onChange={(value) => onChange({ words: typeof value === 'number' ? value : null })}
          />
        )}
      </div>
    </div>
  );
}
