import { tokensPerSecond, type ReasoningView } from '@/state/reasoning-view.ts';
import { formatRate } from '@/ui/format.ts';

export function isStreamGrowing(
  { phase, state, isPaused }: Pick<ReasoningView, 'phase' | 'state' | 'isPaused'>,
  stream: 'thinker' | 'writer',
): boolean {
  if (phase !== 'running' || isPaused) return false;
  return state === 'thinkerAndWriter' || state === (stream === 'thinker' ? 'thinkerOnly' : 'writerOnly');
}

type Counted = Pick<ReasoningView, 'steps' | 'thinkerTokens' | 'writerTokens'>;

export const thinkerTokensText = ({ thinkerTokens }: Counted): string => thinkerTokens.toLocaleString('en');
export const writerTokensText = ({ writerTokens }: Counted): string => writerTokens.toLocaleString('en');
export const thinkerRateText = (view: Counted): string => rateText(view, 'thinker');
export const writerRateText = (view: Counted): string => rateText(view, 'writer');

/** A stream that is empty in this turn has no rate yet. */
function rateText(view: Counted, stream: 'thinker' | 'writer'): string {
  const rate = view[`${stream}Tokens`] === 0 ? null : tokensPerSecond(view.steps, stream);
  return rate === null ? '\u2013' : formatRate(rate);
}
