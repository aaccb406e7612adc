/** Values at the edges of a setting, for tests that the form and the schema agree. */
import { assertNever } from '@/lib/assert.ts';
import type { SettingsField } from '@/lib/settings-field.ts';

export function acceptedValues(field: SettingsField): readonly unknown[] {
  switch (field.kind) {
    case 'number':
      return [field.min, field.max, field.default];
    case 'switch':
      return [true, false];
    case 'choice':
      return Object.keys(field.options);
    case 'text':
      return ['x'.repeat(field.minLength ?? 0), 'x'.repeat(field.maxLength)];
    case 'words':
      return [field.default];
    default:
      return assertNever(field);
  }
}

export function refusedValues(field: SettingsField): readonly unknown[] {
  switch (field.kind) {
    case 'number':
      return [
        field.min - field.step,
        field.max + field.step,
        ...(Number.isInteger(field.step) ? [field.min + 0.5] : []),
      ];
    case 'switch':
      return ['true'];
    case 'choice':
      return ['no such choice'];
    case 'text':
      return [...((field.minLength ?? 0) > 0 ? [''] : []), 'x'.repeat(field.maxLength + 1)];
    case 'words':
      return [[]];
    default:
      return assertNever(field);
  }
}
