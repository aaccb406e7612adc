import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';

/** In place of a picture that needs attention: how to switch it on, or what the first answer token will bring. */
export function NoAttention({ coming }: { readonly coming: string }): ReactElement {
  const isMissing = useAppState(
    ({ reasoning: { setup, runs } }) =>
      runs.writer.length > 0 || (setup !== null && setup.params.read_attention?.includes('writer') !== true),
  );
  return (
    <p className="pictures__hint">
      {isMissing
        ? 'This run has no record of what was read. Choose “the answer” for “Record what is read by” in the settings, then ask again. Older files have no such record.'
        : coming}
    </p>
  );
}
