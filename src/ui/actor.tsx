import type { ReactElement } from 'react';

export type Actor = 'user' | 'thinker' | 'writer' | 'probe' | 'agent1' | 'agent2' | 'judge';

const SHAPES: Readonly<Record<Actor, string>> = {
  user: 'M1 1h10v10H1z',
  thinker: 'M6 0l6 6-6 6-6-6z',
  writer: 'M6 .5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11z',
  probe: 'M6 1l6 10H0z',
  agent1: 'M1 1h10v6.5H6L2.5 11V7.5H1z',
  agent2: 'M1 1h10v6.5H9.5V11L6 7.5H1z',
  judge: 'M6 .3l1.6 3.9 4.2.3-3.2 2.7 1 4.1L6 9.1 2.4 11.3l1-4.1L.2 4.5l4.2-.3z',
};

/** An actor's mark: its colour, and a shape of its own for those who do not see the colour. */
export function ActorMark({ actor }: { readonly actor: Actor }): ReactElement {
  return (
    <svg className="actor-mark" data-actor={actor} viewBox="0 0 12 12" width="9" height="9" aria-hidden="true">
      <path d={SHAPES[actor]} fill="var(--actor)" />
    </svg>
  );
}

/** The same mark inside a drawing, centred at a point. */
export function ActorGlyph({
  actor,
  x,
  y,
}: {
  readonly actor: Actor;
  readonly x: number;
  readonly y: number;
}): ReactElement {
  return (
    <path
      data-actor={actor}
      d={SHAPES[actor]}
      fill="var(--actor)"
      transform={`translate(${x - 4.5} ${y - 4.5}) scale(0.75)`}
    />
  );
}
