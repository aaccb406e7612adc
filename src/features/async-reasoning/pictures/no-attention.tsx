import type { ReactElement } from 'react';
import { REASONING_FIELDS } from '@/protocol/reasoning-fields.ts';
import { useAppState } from '@/state/use-app-state.ts';

const { label, options } = REASONING_FIELDS.readAttention;

/** In place of a picture that needs attention: how to switch it on, or what the first answer token will bring. */
export function NoAttention({ coming }: { readonly coming: string }): ReactElement {
  const isMissing = useAppState(
    ({ reasoning: { setup, runs } }) =>
      runs.writer.length > 0 || (setup !== null && setup.params.read_attention?.includes('writer') !== true),
  );
  return (
    <p className="pictures__hint">
      {isMissing
        ? `This run has no record of what was read. Choose “${options.writer}” for “${label}” in the settings, then ask again. Older files have no such record.`
        : coming}
    </p>
  );
}
