/** What is known of a setting: label, unit, range, default, source. */

export type SettingsGroup = 'method' | 'probe' | 'typing' | 'speech' | 'sampling';

interface FieldBase {
  readonly group: SettingsGroup;
  readonly label: string;
  /** '' where the value has none. */
  readonly unit: string;
  readonly help: string;
  /** Where rule and default come from: the paper, the authors' code, or a choice made here. */
  readonly source: string;
  /** Whether a run under way takes it over between two steps; the others count from the next run on. */
  readonly live?: true;
}

export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface SwitchField extends FieldBase {
  readonly kind: 'switch';
  readonly default: boolean;
}

export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly default: string;
  /** Value -> what the form calls it. */
  readonly options: Readonly<Record<string, string>>;
}

export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly default: string;
  readonly maxLength: number;
}

/** A short list of words. */
export interface WordsField extends FieldBase {
  readonly kind: 'words';
  readonly default: readonly string[];
}

export type SettingsField = NumberField | SwitchField | ChoiceField | TextField | WordsField;
