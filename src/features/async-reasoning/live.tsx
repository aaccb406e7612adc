import type { ReactElement } from 'react';
import type { ReasoningView } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';

/** A text out of the run. What stands around it is not drawn again when it changes, which may be every frame. */
export function Live({ text }: { readonly text: (view: ReasoningView) => string }): ReactElement {
  return <>{useAppState((state) => text(state.reasoning))}</>;
}
