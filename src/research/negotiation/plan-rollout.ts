import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { NegotiationRole, RolloutPlan } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { DialoguePrompts } from './dialogue-prompts.ts';
import { commonLength } from './prompt-tokens.ts';
import { MAX_ROWS } from './prompt-reader.ts';

/** A dialogue whose listener thinks has this many rows in a forward: what is said, what is heard, what is thought. */
const ROWS_THINKING = 3;
/** Tokens that a block can take up more than it holds. */
export const BLOCK_SLACK = 32;

/**
 * How many rows generate at once, and whether contexts stay encoded between turns, by the longest dialogue that the
 * settings allow and what is shared.
 *
 * @param freeTokens  of the decoder
 * @throws {Failure} 'contextFull' if not even one dialogue fits
 */
export function planRollout(
  prompts: DialoguePrompts,
  settings: NegotiationSettings,
  numRows: number,
  freeTokens: number,
  maxForwardTokens: number,
): RolloutPlan {
  const longest = longestOwn(prompts, settings);
  const free = freeTokens - longest.shared;
  const thinks = settings.thinking !== 'none';
  const rowsAtOnce = Math.min(thinks ? Math.floor(MAX_ROWS / ROWS_THINKING) : MAX_ROWS, numRows);
  const judging = rowsAtOnce * longest.agreement;
  const kept = numRows * (longest.agent1 + longest.agent2);
  const writing = rowsAtOnce * Math.max(longest.completion, longest.agreement);
  if (kept + judging <= free && writing <= free)
    return { rowsPerForward: rowsAtOnce, maxForwardTokens, keepsContext: true };
  const one = Math.max(longest.agent1, longest.agent2, longest.completion, longest.agreement);
  const rowsPerForward = Math.min(rowsAtOnce, Math.floor(free / one));
  if (thinks)
    throw new Failure<FailureCode>(
      'contextFull',
      `Sides that think while they listen keep all they have read: ${kept + judging + longest.shared} tokens of context, and ` +
        `${freeTokens} are free. Load the model with a longer context, choose a smaller group, or let nobody think.`,
      { needed: kept + judging + longest.shared, free: freeTokens },
    );
  if (rowsPerForward < 1)
    throw new Failure<FailureCode>(
      'contextFull',
      `One dialogue can need ${one + longest.shared} tokens of context, and ${freeTokens} are free. Load the model with ` +
        'a longer context, or choose fewer turns or shorter utterances.',
      { needed: one + longest.shared, free: freeTokens },
    );
  return { rowsPerForward, maxForwardTokens, keepsContext: false };
}

/** Tokens of one row's own beside what is shared, at most. */
function longestOwn(
  prompts: DialoguePrompts,
  settings: NegotiationSettings,
): Record<NegotiationRole | 'completion' | 'agreement' | 'shared', number> {
  const { maxTurns, maxUtteranceTokens, maxCompletionTokens } = settings;
  const tokenIds = Array.from({ length: maxUtteranceTokens }, () => 0);
  const said = Array.from({ length: 2 * maxTurns }, (_, index) => ({
    role: index % 2 === 0 ? ('agent1' as const) : ('agent2' as const),
    tokenIds,
  }));
  const ownOf = (role: NegotiationRole): number => {
    const opening = prompts.opening(role);
    // Agent 1's last utterance follows on all but the last turn, agent 2's on all but itself.
    const prompt = prompts.next(role, said.slice(0, role === 'agent1' ? -2 : -1));
    const own = prompt.length - commonLength(opening, prompt) + maxUtteranceTokens + BLOCK_SLACK;
    if (settings.thinking !== 'both' && settings.thinking !== role) return own;
    // What is heard and thought, in blocks of its own, beside the words that stand around it.
    const { bridge, behind } = prompts.listening(role, said.slice(0, role === 'agent1' ? -3 : -2));
    return own + bridge.length + settings.maxThoughtTokens + behind.length + 3 * BLOCK_SLACK;
  };
  const completion = prompts.completion(said);
  const agreement = prompts.agreement(said.slice(0, 2));
  const shared =
    prompts.opening('agent1').length +
    prompts.opening('agent2').length +
    completion.numShared +
    agreement.numShared +
    4 * BLOCK_SLACK;
  return {
    agent1: ownOf('agent1'),
    agent2: ownOf('agent2'),
    completion: completion.ids.length - completion.numShared + maxCompletionTokens + BLOCK_SLACK,
    agreement: agreement.ids.length - agreement.numShared + BLOCK_SLACK,
    shared,
  };
}
