/** Where the bars of the block map stand: lengths to one scale in all strips, and room below each for its words. */

export interface Cell {
  /** Pixels from the left of the strip. */
  readonly x: number;
  /** Of the bar. */
  readonly width: number;
}

export interface Strip {
  readonly lengths: readonly number[];
  /** Pixels that the words below each bar need. */
  readonly needed: readonly number[];
}

export const CELL_GAP = 8;
const MAX_PX_PER_TOKEN = 6;

/**
 * @param width  pixels for each strip
 * @returns pixels per token: 1, 1.5, 2, 3, 4, 5 or 6 times a power of ten, so that it seldom changes as blocks grow
 */
export function pxPerToken(strips: readonly Strip[], width: number): number {
  const fits = (scale: number): boolean => strips.every((strip) => widthOf(strip, scale) <= width);
  for (let power = 1; power >= 1e-5; power /= 10) {
    for (const factor of [6, 5, 4, 3, 2, 1.5, 1]) {
      const scale = Math.min(factor * power, MAX_PX_PER_TOKEN);
      if (fits(scale)) return scale;
    }
  }
  return 0;
}

export function cellsOf({ lengths, needed }: Strip, scale: number): readonly Cell[] {
  let x = 0;
  return lengths.map((length, index) => {
    const cell = { x, width: length * scale };
    x += Math.max(cell.width, needed[index] ?? 0) + CELL_GAP;
    return cell;
  });
}

/** Of a strip with its words. */
export function widthOf({ lengths, needed }: Strip, scale: number): number {
  return lengths.reduce((sum, length, index) => sum + Math.max(length * scale, needed[index] ?? 0) + CELL_GAP, 0);
}
