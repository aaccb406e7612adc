import type { KeyboardEvent } from 'react';

/** Safari ends a composition before it tells of the key that did so; only this code gives that key away. */
const COMPOSITION_KEY_CODE = 229;

/** Whether the key belongs to text that is being composed, as in Japanese: it is no command. */
export function isComposingKey({
  isComposing,
  keyCode,
}: Pick<globalThis.KeyboardEvent, 'isComposing' | 'keyCode'>): boolean {
  return isComposing || keyCode === COMPOSITION_KEY_CODE;
}

/** Enter that sends: with Shift it breaks the line. */
export function isSendKey({ key, shiftKey, nativeEvent }: KeyboardEvent): boolean {
  return key === 'Enter' && !shiftKey && !isComposingKey(nativeEvent);
}
