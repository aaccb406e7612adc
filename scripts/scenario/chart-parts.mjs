/** What the report's charts share: strings of SVG, without scripts and with colours by class. */
import { escapeHtml } from './escape.mjs';

export const WIDTH = 960;
export const LEFT = 64;
export const RIGHT = 12;
/** Below a chart, for its axis. */
export const AXIS = 34;
const MAX_TICKS = 10;

/** @typedef {(value: number) => number} Scale  to a place in the drawing */

/** @type {(value: number) => string} */
export function fixed(value) {
  return value.toFixed(1);
}

/** @type {(from: number, to: number, start: number, end: number) => Scale} */
export function linear(from, to, start, end) {
  return (value) => start + ((value - from) / (to - from || 1)) * (end - start);
}

/** Steps of the widest charts, which stand below each other. @type {(numSteps: number) => Scale} */
export function stepScale(numSteps) {
  return linear(0, Math.max(1, numSteps), LEFT, WIDTH - RIGHT);
}

/** @type {(height: number, label: string, parts: readonly string[], width?: number) => string} */
export function svg(height, label, parts, width = WIDTH) {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">${parts.join('')}</svg>`;
}

/** @type {(x: number, y: number, words: string, anchor?: 'start' | 'middle' | 'end', kind?: string) => string} */
export function text(x, y, words, anchor = 'start', kind = 'lane') {
  return `<text class="${kind}" x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${escapeHtml(words)}</text>`;
}

/** @type {(kind: string, a: readonly [x: number, y: number], b: readonly [x: number, y: number]) => string} */
export function line(kind, [x1, y1], [x2, y2]) {
  return `<line class="${kind}" x1="${fixed(x1)}" x2="${fixed(x2)}" y1="${fixed(y1)}" y2="${fixed(y2)}"/>`;
}

/** Told by its form too, not by colour alone. @type {(kind: string, at: readonly [x: number, y: number], words: string, form?: 'circle' | 'square', radius?: number) => string} */
export function dot(kind, [x, y], words, form = 'circle', radius = 2.5) {
  const title = `<title>${escapeHtml(words)}</title>`;
  return form === 'circle'
    ? `<circle class="${kind}" cx="${fixed(x)}" cy="${fixed(y)}" r="${fixed(radius)}">${title}</circle>`
    : `<rect class="${kind}" x="${fixed(x - radius)}" y="${fixed(y - radius)}" width="${fixed(2 * radius)}" height="${fixed(2 * radius)}">${title}</rect>`;
}

/** Broken where a point is missing. @type {(kind: string, points: readonly (readonly [x: number, y: number] | null)[]) => string} */
export function path(kind, points) {
  const moves = points.map((point, i) => {
    if (point === null) return '';
    const isNew = i === 0 || points[i - 1] === null;
    return `${isNew ? 'M' : 'L'}${fixed(point[0])} ${fixed(point[1])}`;
  });
  return `<path class="${kind}" d="${moves.join('')}"/>`;
}

/** Where the runs part. @type {(marked: number | null, x: Scale, height: number) => string} */
export function mark(marked, x, height) {
  if (marked === null) return '';
  return `<g>${line('mark', [x(marked), 0], [x(marked), height - 24])}<title>first difference, step ${marked}</title></g>`;
}

/** @type {(count: number, x: Scale, height: number, unit: string) => string} */
export function countAxis(count, x, height, unit) {
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000].find((size) => count / size <= MAX_TICKS) ?? 10_000;
  const ticks = Array.from({ length: Math.floor(count / every) + 1 }, (_, i) => i * every);
  const marks = ticks.map(
    (at) => `${line('tick', [x(at), 0], [x(at), height - 24])}${text(x(at), height - 10, String(at), 'middle')}`,
  );
  return `${marks.join('')}${text(0, height - 10, unit)}`;
}

/** As short as it says something. @type {(value: number) => string} */
export function short(value) {
  return String(Number(value.toPrecision(3)));
}
