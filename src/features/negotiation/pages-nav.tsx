import type { ReactElement } from 'react';
import { seatOf } from '@/state/negotiation-seat.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { NEGOTIATION_PAGES, type NegotiationPage } from './use-negotiation-page.ts';

/** The panel's pages; the one that trains or evaluates is marked, wherever one is. */
export function PagesNav({ page }: { readonly page: NegotiationPage }): ReactElement {
  const busy = useAppState(seatOf);
  return (
    <nav className="pages-nav" aria-label="Negotiation">
      {Object.entries(NEGOTIATION_PAGES).map(([id, { name, path }]) => (
        <a key={id} href={path} data-lesson={`negotiation-${id}`} aria-current={id === page ? 'page' : undefined}>
          {name}
          {id === busy && id !== 'dialogues' && (
            <>
              <i aria-hidden="true" />
              <span className="visually-hidden"> (running)</span>
            </>
          )}
        </a>
      ))}
    </nav>
  );
}
