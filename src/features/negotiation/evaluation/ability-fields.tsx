import { Checkbox, Textarea } from '@mantine/core';
import type { ReactElement } from 'react';
import { BUILT_IN_SETS } from '@/protocol/evaluation.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import { maxItemsPerSet, type EvaluationProblems } from '@/state/negotiation-evaluation-form.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { NumberField } from './number-field.tsx';

/** Characters; what is longer would not fit the context of small models anyway. */
const MAX_TEXT = 20_000;

/** Whether an adapter has unlearned something: questions with right answers, and a text's perplexity. */
export function AbilityFields({ numbers }: { readonly numbers: EvaluationProblems['numbers'] }): ReactElement {
  const form = useAppState((state) => state.negotiationEvaluationForm);
  const change = useAppState((state) => state.negotiationEvaluationEvents.formChanged);
  return (
    <fieldset>
      <legend>General ability</legend>
      <Checkbox
        size="xs"
        label="Measure it too"
        description="Whether an adapter has unlearned something."
        checked={form.isAbilityMeasured}
        onChange={(event) => {
          const isIn = event.currentTarget.checked;
          change((before) => ({ ...before, isAbilityMeasured: isIn }));
        }}
      />
      {form.isAbilityMeasured && (
        <>
          <div className="contest-form__choices">
            {BUILT_IN_SETS.map((set) => (
              <Checkbox
                key={set}
                size="xs"
                label={BUILT_IN_SET_FACTS[set].label}
                checked={form.abilitySets.includes(set)}
                onChange={(event) => {
                  const isIn = event.currentTarget.checked;
                  change((before) => ({
                    ...before,
                    abilitySets: BUILT_IN_SETS.filter((other) =>
                      other === set ? isIn : before.abilitySets.includes(other),
                    ),
                  }));
                }}
              />
            ))}
          </div>
          <div className="contest-form__numbers">
            <NumberField
              name="itemsPerSet"
              label="Questions of each"
              description={`Up to ${maxItemsPerSet(form).toLocaleString('en')}.`}
              numbers={numbers}
            />
          </div>
          <Textarea
            size="xs"
            label="Text for perplexity"
            description="How well each foresees it; empty: not measured."
            autosize
            minRows={2}
            maxRows={6}
            maxLength={MAX_TEXT}
            value={form.text}
            onChange={(event) => {
              const text = event.currentTarget.value;
              change((before) => ({ ...before, text }));
            }}
          />
        </>
      )}
    </fieldset>
  );
}
