import { useEffect, useRef } from 'react';
import { useAppStore } from '@/state/use-app-state.ts';
import { actionAtTarget, isModifier, isTextField, type PresenterAction } from './presenter-keys.ts';

/** Keys of the whole page, except where somebody types. Any key ends the auto demo, and does nothing else. */
export function usePresenterKeys(act: (action: PresenterAction) => void, focusBack: () => void): void {
  const store = useAppStore();
  const doing = useRef({ act, focusBack });
  useEffect(() => {
    doing.current = { act, focusBack };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isModifier(event)) return;
      if (store.getState().isAutoDemo) {
        event.preventDefault();
        event.stopPropagation();
        store.getState().autoDemoChanged(false);
        return;
      }
      if (isTextField(event.target)) {
        if (event.key === 'Escape' && !event.isComposing) doing.current.focusBack();
        return;
      }
      const action = actionAtTarget(event);
      if (action === null) return;
      event.preventDefault();
      // A button that was clicked would be pressed again when Space comes up.
      if (event.key === ' ') doing.current.focusBack();
      doing.current.act(action);
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [store]);
}
