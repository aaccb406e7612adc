/** How well a model foresees a text. */
import type { AdapterUse, CacheBlock, Decoder } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { PerplexityPiece } from '@/protocol/negotiation-evaluation.ts';
import { BLOCK_SLACK } from '../negotiation/plan-rollout.ts';
import { MAX_ROWS } from '../negotiation/prompt-reader.ts';

/**
 * Tokens of cache that a text needs, at most.
 *
 * @param numTokens  of the text
 */
export function contextForText(numTokens: number): number {
  return numTokens + BLOCK_SLACK + MAX_ROWS * BLOCK_SLACK;
}

/**
 * Mean surprise at a text's tokens, the first left out, at temperature 1:
 *
 *   nats = -1/(T - 1) sum_{t=1}^{T-1} ln p(x_t | x_0 .. x_{t-1}),   perplexity = exp(nats)
 *
 * Up to 16 tokens are read at once, each in a row of its own that sees the ones before it, since a row tells only what its
 * last token foresees; behind that they join the text that was read before.
 *
 * @param tokenIds  [T], at least two
 * @throws {Failure} 'invalidConfig' for a shorter text; 'contextFull' if it does not fit
 * @throws {DOMException} 'AbortError' once the signal has fired
 */
export async function measurePerplexity(
  decoder: Decoder,
  tokenIds: readonly number[],
  { adapter, signal }: { readonly adapter: AdapterUse; readonly signal: AbortSignal },
): Promise<Pick<PerplexityPiece, 'numTokens' | 'natsPerToken'>> {
  const numTokens = tokenIds.length - 1;
  if (numTokens < 1)
    throw new Failure<FailureCode>('invalidConfig', 'ability.text: Give a text of at least two tokens.');
  using text = decoder.createBlock('text');
  let nats = 0;
  for (let start = 0; start < numTokens; start += MAX_ROWS) {
    signal.throwIfAborted();
    const end = Math.min(start + MAX_ROWS, numTokens);
    const logProbs = await foreseen(decoder, text, tokenIds.slice(start, end + 1), adapter);
    nats = logProbs.reduce((sum, logProb) => sum - logProb, nats);
    const read = tokenIds.slice(start, end);
    if (end < numTokens) await decoder.forward([{ view: [text], tokenIds: read, output: { kind: 'none' }, adapter }]);
  }
  return { numTokens, natsPerToken: nats / numTokens };
}

/** ln p of each token but the first, behind the text and those in front of it. */
async function foreseen(
  decoder: Decoder,
  text: CacheBlock,
  tokenIds: readonly number[],
  adapter: AdapterUse,
): Promise<number[]> {
  const before = text.length > 0 ? [text] : [];
  const single: CacheBlock[] = [];
  try {
    for (const index of tokenIds.slice(0, -1).keys()) single.push(decoder.createBlock(`text ${index}`));
    const results = await decoder.forward(
      single.map((_, index) => ({
        view: [...before, ...single.slice(0, index + 1)],
        tokenIds: [at(tokenIds, index)],
        output: { kind: 'logitsOf', tokenIds: [at(tokenIds, index + 1)] },
        adapter,
      })),
    );
    return results.map(({ logits, logsumexp }) => at(logits, 0) - logsumexp);
  } finally {
    for (const block of single) block[Symbol.dispose]();
  }
}
