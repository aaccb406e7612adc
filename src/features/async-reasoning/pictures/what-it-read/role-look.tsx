import type { ReactElement } from 'react';
import type { ReadRole } from '@/state/what-it-read.ts';
import type { Actor } from '@/ui/actor.tsx';

interface RoleLook {
  readonly label: string;
  readonly actor: Actor;
  /** Lines of the pattern over the colour, in a tile of 6 x 6, for those who do not see the colour. */
  readonly lines: string;
}

export const ROLE_LOOKS: Readonly<Record<ReadRole, RoleLook>> = {
  earlier: { label: 'earlier turns', actor: 'probe', lines: 'M0 3h6M3 0v6' },
  prompt: { label: 'prompt', actor: 'probe', lines: '' },
  input: { label: 'input', actor: 'user', lines: 'M0 3h6' },
  thoughts: { label: 'thoughts', actor: 'thinker', lines: '' },
  answer: { label: 'answer', actor: 'writer', lines: 'M-1 1L1 -1M0 6L6 0M5 7L7 5' },
};

/** One fill per role: the actor's colour with lines over it. */
export function RolePatterns({ id }: { readonly id: string }): ReactElement {
  return (
    <defs>
      {Object.entries(ROLE_LOOKS).map(([role, { actor, lines }]) => (
        <pattern key={role} id={`${id}-${role}`} width="6" height="6" patternUnits="userSpaceOnUse">
          <rect data-actor={actor} className="reading__colour" width="6" height="6" />
          {lines !== '' && <path d={lines} className="reading__lines" />}
        </pattern>
      ))}
    </defs>
  );
}
