import { READ_ROLES, type ReadColumn, type ReadRole } from '@/state/what-it-read.ts';

/** Where the picture's plot lies, in its own units. */
export interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Tokens that fit on the axis. */
  readonly domain: number;
}

/** Tokens for which the axis of an answer under way has room: doubled when full, so that columns seldom move. */
export function roomFor(numTokens: number): number {
  let room = 30;
  while (room < numTokens) room *= 2;
  return room;
}

export function xOf(plot: Plot, token: number): number {
  return plot.left + (token / plot.domain) * plot.width;
}

/** The token under a place on the axis. */
export function tokenAt(plot: Plot, x: number, numTokens: number): number {
  const token = Math.floor(((x - plot.left) / plot.width) * plot.domain);
  return Math.min(numTokens - 1, Math.max(0, token));
}

/** One closed path per role, stacked from the bottom; every column has its full width, so that one token is seen too. */
export function areaPaths(columns: readonly ReadColumn[], plot: Plot): Readonly<Record<ReadRole, string>> {
  const paths: Partial<Record<ReadRole, string>> = {};
  const y = (share: number): string => (plot.top + plot.height * (1 - Math.min(1, share))).toFixed(2);
  let below = columns.map(() => 0);
  for (const role of READ_ROLES) {
    const above = columns.map(({ shares }, index) => (below[index] ?? 0) + shares[role]);
    const edge = (heights: readonly number[]): string[] =>
      columns.flatMap(({ first, last }, index) => {
        const height = y(heights[index] ?? 0);
        return [`${xOf(plot, first).toFixed(2)} ${height}`, `${xOf(plot, last + 1).toFixed(2)} ${height}`];
      });
    paths[role] = columns.length === 0 ? '' : `M${[...edge(above), ...edge(below).toReversed()].join('L')}Z`;
    below = above;
  }
  return paths as Record<ReadRole, string>;
}
