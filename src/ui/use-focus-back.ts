import { useCallback, useRef, type RefCallback } from 'react';

interface FocusBack {
  /** For what the keyboard comes back to. */
  readonly attach: RefCallback<HTMLElement>;
  /** Call it when the form goes: what takes its place gets the keyboard. */
  readonly giveBack: () => void;
}

/** For a button that a form takes the place of: once the form is gone, the keyboard is where it was. */
export function useFocusBack(): FocusBack {
  const isWanted = useRef(false);
  const attach = useCallback((element: HTMLElement | null): void => {
    if (element === null || !isWanted.current) return;
    isWanted.current = false;
    element.focus();
  }, []);
  const giveBack = useCallback((): void => {
    isWanted.current = true;
  }, []);
  return { attach, giveBack };
}
