import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { GeneratedToken, GenerateRequest, GenerateResult } from '@/protocol/generation.ts';
import type { CacheView, LogitBias } from './decoder.ts';
import type { BurstToken, ModelDecoder } from './model-decoder.ts';

/** What generation needs of a decoder. */
export type GenerationDecoder = Pick<
  ModelDecoder,
  'createBlock' | 'createLogitBias' | 'forward' | 'decodeBurst' | 'roomIn'
>;

/** What generation needs of a tokenizer. */
export interface GenerationText {
  createTextStream(options?: { readonly skipSpecial?: boolean }): { push(tokenId: number): string; flush(): string };
}

/** A request whose prompt is already tokens. */
export type TokenRequest = Omit<GenerateRequest, 'messages' | 'tokenIds'> & { readonly tokenIds: readonly number[] };

const PREFILL_TOKENS = 64;
const DEFAULT_BURST = 4;

type StopReason = GenerateResult['stopReason'];

/**
 * Decodes one row: prefill, then bursts of tokens per readback. Ordinary decoding is the case of one block.
 * A stop token is part of `tokenIds`, as in transformers; the text ends in front of it and of a stop string.
 *
 * @param signal  honoured between submits
 * @throws {DOMException} 'AbortError'; {Failure} 'invalidConfig' for ids outside the vocabulary, 'contextFull' if the
 *         prompt itself does not fit
 */
export async function generate(
  decoder: GenerationDecoder,
  text: GenerationText,
  request: TokenRequest,
  onToken: (token: GeneratedToken) => void,
  signal: AbortSignal,
): Promise<GenerateResult> {
  const begun = performance.now();
  const { adapter = 'on' } = request;
  using block = decoder.createBlock('completion');
  const room = decoder.roomIn(block);
  // Said at once, not after all that would fit has been computed.
  if (request.tokenIds.length > room)
    throw new Failure<FailureCode>(
      'contextFull',
      `The prompt has ${request.tokenIds.length} tokens, but the KV cache has room for ${room} only.`,
    );
  using bias = biasOf(decoder, request);
  const output = new CompletionText(text, request, onToken);
  const sampling = { bias: bias.bias, sampling: request };
  const first = await prefill(decoder, [block], request.tokenIds, bias.bias, request, signal);
  const prefilled = performance.now();
  let reason = output.push(first);
  let pending = first.tokenId;
  while (reason === null) {
    signal.throwIfAborted();
    const left = request.maxNewTokens - output.tokenIds.length;
    const numTokens = Math.min(request.burst ?? DEFAULT_BURST, left, decoder.roomIn(block));
    if (numTokens <= 0) {
      reason = left <= 0 ? 'maxNewTokens' : 'contextFull';
      break;
    }
    const burst = await decoder.decodeBurst([block], pending, {
      numTokens,
      firstStep: output.tokenIds.length,
      adapter,
      sampling: sampling.sampling,
      ...(sampling.bias && { bias: sampling.bias }),
    });
    for (const token of burst) {
      reason = output.push(token);
      if (reason !== null) break;
    }
    pending = at(burst, burst.length - 1).tokenId;
  }
  const ended = performance.now();
  const decodeMs = ended - prefilled;
  return {
    tokenIds: output.tokenIds,
    text: output.finish(),
    logProbs: output.logProbs,
    stopReason: reason,
    timing: {
      prefillMs: prefilled - begun,
      decodeMs,
      timeToFirstTokenMs: prefilled - begun,
      tokensPerSecond: decodeMs > 0 ? ((output.tokenIds.length - 1) * 1000) / decodeMs : 0,
    },
  };
}

async function prefill(
  decoder: GenerationDecoder,
  view: CacheView,
  tokenIds: readonly number[],
  bias: LogitBias | undefined,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<BurstToken> {
  const { adapter = 'on' } = request;
  let start = 0;
  for (; tokenIds.length - start > PREFILL_TOKENS; start += PREFILL_TOKENS) {
    signal.throwIfAborted();
    await decoder.forward([
      { view, tokenIds: tokenIds.slice(start, start + PREFILL_TOKENS), output: { kind: 'none' }, adapter },
    ]);
  }
  const output = { kind: 'token', sampling: request, step: 0, ...(bias && { bias }) } as const;
  return at(await decoder.forward([{ view, tokenIds: tokenIds.slice(start), output, adapter }]), 0);
}

function biasOf(
  decoder: GenerationDecoder,
  request: TokenRequest,
): Disposable & { readonly bias: LogitBias | undefined } {
  const entries = Object.entries(request.logitBias ?? {}).map(([id, value]) => [Number(id), value] as const);
  const bias = entries.length > 0 ? decoder.createLogitBias(new Map(entries)) : undefined;
  return { bias, [Symbol.dispose]: () => bias?.[Symbol.dispose]() };
}

/** Collects tokens and their text, and says when to stop. */
class CompletionText {
  readonly tokenIds: number[] = [];
  readonly logProbs: number[] = [];
  readonly #request: TokenRequest;
  readonly #stream: ReturnType<GenerationText['createTextStream']>;
  readonly #onToken: (token: GeneratedToken) => void;
  #text = '';

  constructor(text: GenerationText, request: TokenRequest, onToken: (token: GeneratedToken) => void) {
    this.#request = request;
    this.#stream = text.createTextStream({ skipSpecial: true });
    this.#onToken = onToken;
  }

  push(token: BurstToken): StopReason | null {
    const { tokenId, logProb } = token;
    this.tokenIds.push(tokenId);
    this.logProbs.push(logProb);
    const isStopToken = this.#request.stopTokenIds?.includes(tokenId) ?? false;
    const text = isStopToken ? '' : this.#stream.push(tokenId);
    this.#text += text;
    this.#onToken({ tokenId, text, logProb, top: likeliest(token, this.#request) });
    if (isStopToken) return 'stopToken';
    if (this.#stopStringAt() >= 0) return 'stopString';
    return this.tokenIds.length >= this.#request.maxNewTokens ? 'maxNewTokens' : null;
  }

  finish(): string {
    const text = this.#text + this.#stream.flush();
    const end = this.#stopStringAt();
    return end >= 0 ? text.slice(0, end) : text;
  }

  #stopStringAt(): number {
    const found = (this.#request.stopStrings ?? [])
      .map((stop) => this.#text.indexOf(stop))
      .filter((index) => index >= 0);
    return found.length > 0 ? Math.min(...found) : -1;
  }
}

/** Of the scaled distribution before filters, as `logProb` is. */
function likeliest(
  { top, scaledLogsumexp }: BurstToken,
  { temperature = 0, topLogProbs = 0 }: TokenRequest,
): GeneratedToken['top'] {
  const scale = temperature > 0 ? temperature : 1;
  return top.slice(0, topLogProbs).map(([tokenId, logit]) => ({ tokenId, logProb: logit / scale - scaledLogsumexp }));
}
