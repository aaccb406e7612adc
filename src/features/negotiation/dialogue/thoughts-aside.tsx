// The caret's look.
import '@/ui/stream-text.css';
import { memo, type ReactElement, type ReactNode } from 'react';
import type { NegotiationRole, Thoughts } from '@/protocol/negotiation-run.ts';
import type { GrowingThoughts } from '@/state/negotiation-view.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';

/** What a side thought in private while the other one spoke; folded. */
export const ThoughtsAside = memo(function ThoughtsAside({
  thoughts,
}: {
  readonly thoughts: Thoughts;
}): ReactElement | null {
  const { role, text, heard, stop, tokenIds } = thoughts;
  if (tokenIds.length === 0) return null;
  const cut = stop === 'cut' ? ', cut when the other side had finished' : '';
  return (
    <Aside role={role} numTokens={tokenIds.length} heard={heard.at(-1) ?? 0} isGrowing={false}>
      {text}
      {cut !== '' && (
        <span className="aside__cut">
          {' '}
          ({tokenIds.length} tokens{cut})
        </span>
      )}
    </Aside>
  );
});

/** The same while it grows; open. */
export function GrowingAside({ thoughts }: { readonly thoughts: GrowingThoughts }): ReactElement {
  const { role, text, numTokens, heard } = thoughts;
  return (
    <Aside role={role} numTokens={numTokens} heard={heard} isGrowing>
      {text}
      <span className="stream__caret" aria-hidden="true" />
    </Aside>
  );
}

interface AsideProps {
  readonly role: NegotiationRole;
  readonly numTokens: number;
  readonly heard: number;
  readonly isGrowing: boolean;
  readonly children: ReactNode;
}

function Aside({ role, numTokens, heard, isGrowing, children }: AsideProps): ReactElement {
  const name = PERSONA_NAMES[role];
  return (
    <details className="aside" data-actor={role} open={isGrowing}>
      <summary>
        <ActorMark actor={role} />
        <span>
          {name} {isGrowing ? 'thinks' : 'thought'}, private · {numTokens} tokens, heard {heard} of the other side
        </span>
      </summary>
      <p>{children}</p>
    </details>
  );
}
