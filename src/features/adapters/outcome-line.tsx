import type { ReactElement } from 'react';
import { Notice } from '@/ui/notice.tsx';
import type { Outcome } from './use-adapters.ts';

/** What became of the last action; its place is kept. */
export function OutcomeLine({ outcome }: { readonly outcome: Outcome | null }): ReactElement {
  if (outcome?.kind === 'refused') return <Notice {...outcome} />;
  return (
    <p className="adapters__outcome" role="status">
      {outcome?.text}
    </p>
  );
}
