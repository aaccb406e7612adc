/** What is known of a setting: label, unit, range, default, source. */

interface FieldBase<Group extends string> {
  readonly group: Group;
  readonly label: string;
  /** '' where the value has none. */
  readonly unit: string;
  readonly help: string;
  /** Where rule and default come from: the paper, the authors' code, or a choice made here. */
  readonly source: string;
  /** Whether a run under way takes it over between two steps; the others count from the next run on. */
  readonly live?: true;
}

export interface NumberField<Group extends string = string> extends FieldBase<Group> {
  readonly kind: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

export interface SwitchField<Group extends string = string> extends FieldBase<Group> {
  readonly kind: 'switch';
  readonly default: boolean;
}

export interface ChoiceField<Group extends string = string> extends FieldBase<Group> {
  readonly kind: 'choice';
  readonly default: string;
  /** Value -> what the form calls it. */
  readonly options: Readonly<Record<string, string>>;
}

export interface TextField<Group extends string = string> extends FieldBase<Group> {
  readonly kind: 'text';
  readonly default: string;
  /** 0 where it is left out. */
  readonly minLength?: number;
  readonly maxLength: number;
}

/** A short list of words. */
export interface WordsField<Group extends string = string> extends FieldBase<Group> {
  readonly kind: 'words';
  readonly default: readonly string[];
}

export type SettingsField<Group extends string = string> =
  | NumberField<Group>
  | SwitchField<Group>
  | ChoiceField<Group>
  | TextField<Group>
  | WordsField<Group>;
