import { Checkbox, NativeSelect } from '@mantine/core';
import type { ReactElement } from 'react';
import { ANSWER_KINDS, type AnswerKind } from '@/protocol/evaluation.ts';
import type { ItemMapping } from '@/state/evaluation-import/item-mapping.ts';

interface CustomMappingProps {
  readonly fieldNames: readonly string[];
  readonly mapping: ItemMapping;
  readonly onChange: (mapping: ItemMapping) => void;
}

const KINDS: Readonly<Record<AnswerKind, string>> = {
  number: 'A number',
  boxed: 'A formula in a box',
  choice: 'The letter of a choice',
  refusal: 'To refuse or to comply',
};

/** Says which field of a row is what. */
export function CustomMapping({ fieldNames, mapping, onChange }: CustomMappingProps): ReactElement {
  const fields = [...fieldNames];
  const choices = mapping.choices ?? [];
  return (
    <div className="import__mapping">
      <NativeSelect
        className="import__kind"
        label="The answer is"
        size="xs"
        data={ANSWER_KINDS.map((value) => ({ value, label: KINDS[value] }))}
        value={mapping.kind}
        onChange={(event) => onChange({ ...mapping, kind: event.currentTarget.value as AnswerKind })}
      />
      <NativeSelect
        label="Question field"
        size="xs"
        data={fields}
        value={mapping.question}
        onChange={(event) => onChange({ ...mapping, question: event.currentTarget.value })}
      />
      <NativeSelect
        label="Answer field"
        size="xs"
        data={fields}
        value={mapping.answer}
        onChange={(event) => onChange({ ...mapping, answer: event.currentTarget.value })}
      />
      {mapping.kind === 'choice' && (
        <fieldset className="import__choices">
          <legend>Fields of the choices</legend>
          <p>One with all of them, or one for each in their order.</p>
          {fields.map((field) => (
            <Checkbox
              key={field}
              size="xs"
              label={field}
              checked={choices.includes(field)}
              onChange={(event) =>
                onChange({
                  ...mapping,
                  choices: event.currentTarget.checked
                    ? [...choices, field]
                    : choices.filter((other) => other !== field),
                })
              }
            />
          ))}
        </fieldset>
      )}
    </div>
  );
}
