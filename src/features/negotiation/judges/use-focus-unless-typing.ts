import { useEffect, useRef, type RefObject } from 'react';

/**
 * The keyboard goes to what has just appeared, unless somebody is writing; when it goes, back to where the keyboard was.
 * One that takes its place takes over in the same moment.
 */
export function useFocusUnlessTyping(): RefObject<HTMLElement | null> {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = box.current;
    const before = document.activeElement;
    if (element === null || isWriting(before)) return undefined;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: 'nearest' });
    return () => {
      const isLost = document.activeElement === document.body || document.activeElement === null;
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return box;
}

function isWriting(element: Element | null): boolean {
  if (element instanceof HTMLTextAreaElement) return true;
  if (element instanceof HTMLInputElement)
    return !['button', 'checkbox', 'radio', 'range', 'submit'].includes(element.type);
  return element instanceof HTMLElement && element.isContentEditable;
}
