/** One input per kind of setting. What is refused stays in the input with the reason; the setting keeps its value. */
import { NumberInput, Select, Switch, TagsInput, Textarea } from '@mantine/core';
import { useState, type ReactElement, type ReactNode } from 'react';
import type { ChoiceField, NumberField, SwitchField, TextField, WordsField } from '@/lib/settings-field.ts';
import { formatToken } from '../format.ts';
import { numberProblem, numberText, textProblem, wordsProblem } from './settings-text.ts';

interface InputProps<Field, Value> {
  readonly field: Field;
  readonly value: Value;
  readonly description: ReactNode;
  readonly onChange: (value: Value) => void;
}

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'error', 'description'];

export function NumberSetting({ field, value, description, onChange }: InputProps<NumberField, number>): ReactElement {
  const [typed, setTyped] = useState<number | string>(value);
  const problem = numberProblem(field, typed);
  // What was typed stands until the setting changes by other means, such as a preset.
  const isCurrent = problem !== null || Number(typed) === value;
  return (
    <NumberInput
      label={field.label}
      description={description}
      inputWrapperOrder={ORDER}
      suffix={field.unit === '' ? '' : ` ${field.unit}`}
      step={field.step}
      min={field.min}
      max={field.max}
      clampBehavior="none"
      allowNegative={field.min < 0}
      allowDecimal={!Number.isInteger(field.step)}
      value={isCurrent ? typed : value}
      error={problem === null ? null : `${problem} It stays ${numberText(value)}.`}
      onChange={(next) => {
        setTyped(next);
        if (numberProblem(field, next) === null) onChange(Number(next));
      }}
    />
  );
}

export function SwitchSetting({ field, value, description, onChange }: InputProps<SwitchField, boolean>): ReactElement {
  return (
    <Switch
      label={field.label}
      description={description}
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

export function ChoiceSetting({ field, value, description, onChange }: InputProps<ChoiceField, string>): ReactElement {
  return (
    <Select
      label={field.label}
      description={description}
      inputWrapperOrder={ORDER}
      data={Object.entries(field.options).map(([option, label]) => ({ value: option, label }))}
      allowDeselect={false}
      checkIconPosition="right"
      value={value}
      onChange={(next) => {
        if (next !== null) onChange(next);
      }}
    />
  );
}

interface TextSettingProps extends InputProps<TextField, string> {
  /** What holds for an empty text. */
  readonly placeholder: string;
}

export function TextSetting({ field, value, description, placeholder, onChange }: TextSettingProps): ReactElement {
  const [typed, setTyped] = useState(value);
  const problem = textProblem(field.maxLength, typed, field.minLength);
  const shown = problem !== null || typed === value ? typed : value;
  return (
    <Textarea
      label={field.label}
      description={
        <>
          {shown.includes('\n') && (
            <span className="setting__breaks">
              With line ends shown: <code>{formatToken(shown)}</code>
            </span>
          )}
          {description}
        </>
      }
      inputWrapperOrder={ORDER}
      autosize
      minRows={1}
      maxRows={6}
      placeholder={placeholder}
      value={shown}
      error={problem}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        if (textProblem(field.maxLength, next, field.minLength) === null) onChange(next);
      }}
    />
  );
}

export function WordsSetting({
  field,
  value,
  description,
  onChange,
}: InputProps<WordsField, readonly string[]>): ReactElement {
  const [typed, setTyped] = useState(value);
  const problem = wordsProblem(typed);
  const shown = problem !== null || typed.join('\n') === value.join('\n') ? typed : value;
  return (
    <TagsInput
      label={field.label}
      description={description}
      inputWrapperOrder={ORDER}
      placeholder="Add a word and press Enter"
      // Forms of one word in capitals and without are different tokens.
      isDuplicate={(word, words) => words.includes(word)}
      value={[...shown]}
      error={problem === null ? null : `${problem} It stays ${value.join(', ')}.`}
      onChange={(next) => {
        setTyped(next);
        if (wordsProblem(next) === null) onChange(next);
      }}
    />
  );
}
