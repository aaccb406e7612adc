/** More lines in one chart cannot be told apart. */
export const MAX_RUNS = 6;

export interface RunStyle {
  /** Stands at the line's end, and before the name in the legend. */
  readonly letter: string;
  /** A CSS colour. */
  readonly color: string;
  /** As `stroke-dasharray`, so that colour is not needed to tell runs apart; empty: solid. */
  readonly dash: string;
}

const SOLID: RunStyle = { letter: 'A', color: 'var(--actor-agent1)', dash: '' };

const STYLES: readonly RunStyle[] = [
  SOLID,
  { letter: 'B', color: 'var(--actor-agent2)', dash: '7 3' },
  { letter: 'C', color: 'var(--actor-writer)', dash: '2 2.5' },
  { letter: 'D', color: 'var(--actor-thinker)', dash: '9 3 2 3' },
  { letter: 'E', color: 'var(--actor-judge)', dash: '14 4' },
  { letter: 'F', color: 'var(--actor-user)', dash: '5 2.5 1.5 2.5 1.5 2.5' },
];

/** How the run at this place is drawn, in charts, legend and table. */
export function runStyle(index: number): RunStyle {
  return STYLES[index] ?? SOLID;
}
