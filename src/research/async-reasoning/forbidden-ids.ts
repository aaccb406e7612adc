import type { ReasoningSettings, StreamName } from '@/protocol/reasoning.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';

type Rules = Pick<ReasoningSettings, 'forbiddenTokens' | 'allowThinkEnd'>;

const METHOD: Rules = { forbiddenTokens: 'controlAndSystem', allowThinkEnd: true };

/**
 * Ids that a stream may never choose: control tokens, for the writer also the end of thoughts, and every entry that ends
 * in "SYSTEM" or "SYSTEM:", with which the model would imitate the prefixes. Ascending.
 */
export function forbiddenIdsOf(
  tokenizer: ReasoningTokenizer,
  { forbiddenTokens, allowThinkEnd }: Rules = METHOD,
): Record<StreamName, number[]> {
  const system = forbiddenTokens === 'controlAndSystem' ? systemIdsOf(tokenizer) : [];
  const sorted = (names: readonly string[]): number[] =>
    [...new Set([...idsOf(tokenizer, names), ...system])].toSorted((a, b) => a - b);
  return {
    thinker: sorted(['<|im_start|>', '<|im_end|>', '<|endoftext|>', ...(allowThinkEnd ? [] : ['</think>'])]),
    writer: sorted(['</think>', '<|im_start|>', '<|endoftext|>']),
  };
}

/** Ids of the pieces that the vocabulary has. */
export function idsOf(tokenizer: ReasoningTokenizer, pieces: readonly string[]): number[] {
  return pieces.map((piece) => tokenizer.idOf(piece)).filter((id) => id !== undefined);
}

/** The scan visits the whole vocabulary, so its result is kept as long as the tokenizer lives. */
const systemIds = new WeakMap<ReasoningTokenizer, readonly number[]>();

function systemIdsOf(tokenizer: ReasoningTokenizer): readonly number[] {
  const known = systemIds.get(tokenizer);
  if (known !== undefined) return known;
  const found: number[] = [];
  for (let id = 0; id < tokenizer.vocabSize; id++) if (endsInSystem(tokenizer.tokenBytes(id))) found.push(id);
  systemIds.set(tokenizer, found);
  return found;
}

const SYSTEM_ENDINGS = ['SYSTEM', 'SYSTEM:'].map((ending) => new TextEncoder().encode(ending));

function endsInSystem(bytes: Uint8Array): boolean {
  return SYSTEM_ENDINGS.some(
    (ending) =>
      bytes.length >= ending.length && ending.every((byte, i) => byte === bytes[bytes.length - ending.length + i]),
  );
}
