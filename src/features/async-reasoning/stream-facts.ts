import { tokensPerSecond, type ReasoningView } from '@/state/reasoning-view.ts';
import { formatRate } from '@/ui/format.ts';

export function isStreamGrowing(
  { phase, state, isPaused }: Pick<ReasoningView, 'phase' | 'state' | 'isPaused'>,
  stream: 'thinker' | 'writer',
): boolean {
  if (phase !== 'running' || isPaused) return false;
  return state === 'thinkerAndWriter' || state === (stream === 'thinker' ? 'thinkerOnly' : 'writerOnly');
}

/** A stream that is empty in this turn has no rate yet. */
export function rateText(
  view: Pick<ReasoningView, 'steps' | 'thinkerTokens' | 'writerTokens'>,
  stream: 'thinker' | 'writer',
): string {
  const rate = view[`${stream}Tokens`] === 0 ? null : tokensPerSecond(view.steps, stream);
  return rate === null ? '\u2013' : formatRate(rate);
}
