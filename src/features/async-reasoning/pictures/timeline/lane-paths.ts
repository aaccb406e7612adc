/** Paths of the lanes, in pixels. Their length follows what can be told apart on the screen, not the run's length. */
import type { Range } from './viewport.ts';

export interface Scale {
  readonly range: Range;
  readonly left: number;
  readonly width: number;
}

export function xOf({ range, left, width }: Scale, place: number): number {
  return left + ((place - range.from) / (range.to - range.from)) * width;
}

export function placeOf({ range, left, width }: Scale, x: number): number {
  return range.from + ((x - left) / width) * (range.to - range.from);
}

/** One bar per span, at least a pixel wide; spans that touch on the screen are one. */
export function barsPath(spans: Iterable<Range>, scale: Scale, top: number, height: number): string {
  let path = '';
  let left = NaN;
  let right = NaN;
  const close = (): void => {
    if (!Number.isNaN(left)) path += `M${left.toFixed(1)} ${top}H${right.toFixed(1)}v${height}H${left.toFixed(1)}z`;
  };
  for (const span of spans) {
    const from = Math.max(scale.left, xOf(scale, span.from));
    const to = Math.min(scale.left + scale.width, Math.max(xOf(scale, span.to), from + 1));
    if (to <= from) continue;
    if (from - right < 0.5) {
      right = Math.max(right, to);
      continue;
    }
    close();
    left = from;
    right = to;
  }
  close();
  return path;
}

/** One upright stroke per place; of those in the same half pixel one. */
export function strokesPath(places: Iterable<number>, scale: Scale, top: number, bottom: number): string {
  const seen = new Set<number>();
  for (const place of places) {
    const x = Math.round(xOf(scale, place) * 2) / 2;
    if (x >= scale.left && x <= scale.left + scale.width) seen.add(x);
  }
  return [...seen].map((x) => `M${x} ${top}V${bottom}`).join('');
}

export interface Measured {
  readonly place: number;
  readonly value: number;
}

/**
 * Strokes from a base to a value, up where it is positive; where several share a pixel, the longest.
 *
 * @param half  the value at `reach` pixels from the base
 */
export function marginsPath(
  measured: Iterable<Measured>,
  scale: Scale,
  { base, reach, half }: { readonly base: number; readonly reach: number; readonly half: number },
): string {
  const longest = new Map<number, number>();
  for (const { place, value } of measured) {
    const x = Math.round(xOf(scale, place));
    if (x < scale.left || x > scale.left + scale.width) continue;
    if (Math.abs(value) >= Math.abs(longest.get(x) ?? 0)) longest.set(x, value);
  }
  let path = '';
  for (const [x, value] of longest) {
    // At least two pixels: a value of nearly nothing was measured too.
    const length = Math.max(2, (Math.min(Math.abs(value), half) / half) * reach);
    path += `M${x} ${base}v${(value > 0 ? -length : length).toFixed(1)}`;
  }
  return path;
}

export interface Label {
  readonly x: number;
  readonly text: string;
}

/**
 * Labels behind their marks, without those that would run into another label or mark, or out of the picture.
 *
 * @param labels  the most important first
 * @param marks   where marks stand
 */
export function labelsApart(
  labels: readonly Label[],
  marks: readonly number[],
  charWidth: number,
  end: number,
): readonly Label[] {
  const kept: Label[] = [];
  const rightOf = ({ x, text }: Label): number => x + text.length * charWidth;
  for (const label of labels) {
    const right = rightOf(label);
    const isFree = kept.every((other) => label.x > rightOf(other) + charWidth || right + charWidth < other.x);
    const isClear = marks.every((mark) => mark < label.x || mark > right);
    if (right <= end && isFree && isClear) kept.push(label);
  }
  return kept;
}
