import { encodeQR } from 'qr';
import { useMemo, type ReactElement } from 'react';

/**
 * A code of 105 x 105 squares at most: cameras of telephones read it from a projected picture. Longer links make squares
 * that are too small for the back of a room.
 */
export const MAX_QR_CHARACTERS = 1000;

/** Squares of white around it, without which cameras do not find it. */
const QUIET_ZONE = 4;

/** The text as a QR code, dark on white in both colours of the page. @param text  at most `MAX_QR_CHARACTERS` */
export function QrPicture({ text }: { readonly text: string }): ReactElement {
  const { path, size } = useMemo(() => drawn(text), [text]);
  return (
    <svg
      className="qr"
      role="img"
      aria-label="QR code of the link"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** Squares as a path of one unit each. */
export function drawn(text: string): { readonly path: string; readonly size: number } {
  const rows = encodeQR(text, 'raw', { ecc: 'low', border: QUIET_ZONE });
  const path = rows.map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
  return { path, size: rows.length };
}
