/** What the timeline's keys do. */

export type KeyAction =
  | { readonly kind: 'choose'; readonly step: number | null }
  | { readonly kind: 'zoom'; readonly factor: number }
  /** By a share of what is shown. */
  | { readonly kind: 'pan'; readonly share: number }
  | { readonly kind: 'fit' };

interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
}

export const ZOOM_FACTOR = 2;
const PAN_SHARE = 0.25;

/**
 * @param chosen  the step that is shown; null: the newest
 * @param page    steps of a page up or down
 * @returns undefined for a key that does nothing here
 */
export function keyAction(
  { key, shiftKey }: Pressed,
  chosen: number | null,
  numSteps: number,
  page: number,
): KeyAction | undefined {
  const last = numSteps - 1;
  const by = (change: number): KeyAction => {
    const step = Math.max(0, (chosen ?? last) + change);
    // Behind the newest step is what comes next: the page follows it again.
    return { kind: 'choose', step: step > last ? null : step };
  };
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowRight': {
      const side = key === 'ArrowLeft' ? -1 : 1;
      return shiftKey ? { kind: 'pan', share: side * PAN_SHARE } : by(side);
    }
    case 'PageUp':
      return by(-page);
    case 'PageDown':
      return by(page);
    case 'Home':
      return { kind: 'choose', step: 0 };
    case 'End':
    case 'Escape':
      return { kind: 'choose', step: null };
    case '+':
    case '=':
      return { kind: 'zoom', factor: 1 / ZOOM_FACTOR };
    case '-':
      return { kind: 'zoom', factor: ZOOM_FACTOR };
    case '0':
      return { kind: 'fit' };
    default:
      return undefined;
  }
}
