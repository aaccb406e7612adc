import type { PictureSize } from '@/ui/picture.tsx';

export interface Band {
  readonly top: number;
  readonly height: number;
}

export interface TimelineLayout {
  readonly fontSize: number;
  /** The lanes' place, in pixels. */
  readonly left: number;
  readonly width: number;
  readonly keys: Band;
  readonly think: Band;
  readonly write: Band;
  readonly probe: Band;
  readonly states: Band;
  readonly axis: Band;
  readonly overview: Band;
}

const OVERVIEW = 14;

/** Lanes share the height; the probe's is twice as high, since it has two directions. */
export function timelineLayout({ width, height }: PictureSize): TimelineLayout {
  const axisHeight = 20;
  const unit = Math.max(16, (height - axisHeight - OVERVIEW - 4) / 6);
  const fontSize = Math.min(18, Math.max(12, unit * 0.4));
  const left = Math.round(fontSize * 5);
  const band = (from: number, units: number): Band => ({ top: from * unit, height: units * unit });
  const axisTop = 6 * unit;
  return {
    fontSize,
    left,
    width: Math.max(10, width - left - 6),
    keys: band(0, 1),
    think: band(1, 1),
    write: band(2, 1),
    probe: band(3, 2),
    states: band(5, 1),
    axis: { top: axisTop, height: axisHeight },
    overview: { top: axisTop + axisHeight + 2, height: OVERVIEW },
  };
}
