/** Where the names of points stand so that they cover neither each other nor a point. */

export interface NamedPoint {
  readonly x: number;
  readonly y: number;
  readonly name: string;
}

export interface LabelPlace {
  /** Of the text's baseline. */
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
}

/** On average, in the bold type of the names. */
const CHARACTER_WIDTH = 8;
const ASCENT = 10;
const LINE_HEIGHT = 15;
const GAP = 9;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * @param width  of the area, in the units of the points; labels stay within it where they can
 * @returns one place per point, in their order
 */
export function labelPlaces(points: readonly NamedPoint[], width: number, height: number): readonly LabelPlace[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return points.map((point, index) => {
    const candidates = candidatesOf(point).map((place) => ({ place, box: boxOf(place, point.name) }));
    const costs = candidates.map(({ box }) => costOf(box, taken, index, width, height));
    const best = candidates[costs.indexOf(Math.min(...costs))];
    if (best === undefined) throw new RangeError('A point has no place for its label.');
    taken.push(best.box);
    return best.place;
  });
}

/** To the right and to the left, from near to far. */
function candidatesOf({ x, y }: NamedPoint): readonly LabelPlace[] {
  const shifts = [0, -1, 1, -2, 2, -3, 3].map((lines) => y + lines * LINE_HEIGHT - 5);
  return shifts.flatMap((baseline): readonly LabelPlace[] => [
    { x: x + GAP, y: baseline, anchor: 'start' },
    { x: x - GAP, y: baseline, anchor: 'end' },
  ]);
}

function boxOf({ x, y, anchor }: LabelPlace, name: string): Box {
  const length = name.length * CHARACTER_WIDTH;
  const left = anchor === 'start' ? x : x - length;
  return { left, right: left + length, top: y - ASCENT, bottom: y - ASCENT + LINE_HEIGHT };
}

/** What it covers or is cut off, in square units. */
function costOf(box: Box, taken: readonly Box[], own: number, width: number, height: number): number {
  const inside = { left: 0, right: width, top: 0, bottom: height };
  const area = (box.right - box.left) * (box.bottom - box.top);
  const cut = area - overlap(box, inside);
  return taken.reduce((sum, other, index) => (index === own ? sum : sum + overlap(box, other)), 2 * cut);
}

function overlap(a: Box, b: Box): number {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 0 && down > 0 ? across * down : 0;
}
