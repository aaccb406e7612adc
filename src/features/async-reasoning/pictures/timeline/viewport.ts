/**
 * What part of a run the timeline shows. A place along the axis is a number, of steps or of milliseconds; step i covers
 * i to i + 1.
 */

export interface Viewport {
  /** Width of the part; null: all. */
  readonly span: number | null;
  /** Where it begins; null: it ends at the newest step and moves with it. */
  readonly from: number | null;
}

export const WHOLE_RUN: Viewport = { span: null, from: null };

/** How far an axis goes. */
export interface Extent {
  /** Where the newest step ends. */
  readonly end: number;
  /** Where the axis ends when all is shown; not before `end`. */
  readonly full: number;
  /** The narrowest part that can be shown. */
  readonly least: number;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

export function rangeOf({ span, from }: Viewport, { end, full }: Extent): Range {
  if (span === null || span >= full) return { from: 0, to: full };
  const begin = Math.max(0, from ?? end - span);
  return { from: begin, to: begin + span };
}

/** @param factor  below 1 shows less, in more detail; `around` stays where it is */
export function zoomed(viewport: Viewport, extent: Extent, factor: number, around: number): Viewport {
  const { from, to } = rangeOf(viewport, extent);
  const span = Math.max(extent.least, (to - from) * factor);
  if (span >= extent.full) return WHOLE_RUN;
  return placed(around - ((around - from) / (to - from)) * span, span, extent);
}

export function panned(viewport: Viewport, extent: Extent, by: number): Viewport {
  const { from, to } = rangeOf(viewport, extent);
  return viewport.span === null ? viewport : placed(from + by, to - from, extent);
}

/** Moved as little as needed to show a place. */
export function showing(viewport: Viewport, extent: Extent, place: number): Viewport {
  const { from, to } = rangeOf(viewport, extent);
  const margin = (to - from) * 0.05;
  if (place - margin < from) return panned(viewport, extent, place - margin - from);
  if (place + margin > to) return panned(viewport, extent, place + margin - to);
  return viewport;
}

/** At the newest step it goes on with it. */
function placed(from: number, span: number, { end }: Extent): Viewport {
  return from + span >= end ? { span, from: null } : { span, from: Math.max(0, from) };
}

/**
 * Where the axis of a growing run ends: 60, then the next of a row whose neighbours are at most 1.5 times apart, so that
 * marks seldom change their place.
 */
export function roomyEnd(value: number, least: number): number {
  if (value <= least) return least;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.5, 2, 3, 4, 6, 8, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}

/** Round places in a range, 1, 2 or 5 times a power of ten apart, at most `most` of them and one. */
export function ticksIn({ from, to }: Range, most: number, least = 1): readonly number[] {
  const rough = Math.max((to - from) / most, least);
  const power = 10 ** Math.floor(Math.log10(rough));
  const apart = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / apart) * apart; tick <= to + apart * 1e-9; tick += apart) ticks.push(tick);
  return ticks;
}
