import './tokens.css';
import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';

/** What the ground and the line of a token mean. */
export function TokenLegend(): ReactElement | null {
  const areShown = useAppState((state) => state.areChatTokensShown);
  if (!areShown) return null;
  return (
    <p className="token-legend-line">
      <span>certain</span>
      <i aria-hidden="true" />
      <span>1 % or less</span>
      <span>Point at a token, tap it, or use the arrow keys.</span>
    </p>
  );
}
