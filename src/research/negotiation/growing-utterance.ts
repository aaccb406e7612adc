import { at } from '@/lib/assert.ts';
import type { NegotiationRole, Utterance } from '@/protocol/negotiation-run.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { stepOf } from './dialogue-course.ts';
import type { Context } from './prompt-reader.ts';

/** An utterance that is being generated. Owns its context until it is finished. */
export class GrowingUtterance {
  readonly context: Context;
  readonly spoken: Pick<Utterance, 'kind' | 'role' | 'turn'>;
  readonly #promptIds: readonly number[];
  readonly #stopIds: ReadonlySet<number>;
  readonly #limit: number;
  readonly #stream: ReturnType<ChatTokenizer['createTextStream']>;
  readonly #tokenIds: number[] = [];
  readonly #logProbs: number[] = [];
  #text = '';

  /** @param context  holds the prompt but for its last token */
  constructor(
    tokenizer: ChatTokenizer,
    context: Context,
    spoken: Pick<Utterance, 'kind' | 'role' | 'turn'>,
    promptIds: readonly number[],
    limit: number,
  ) {
    this.context = context;
    this.spoken = spoken;
    this.#promptIds = promptIds;
    this.#stopIds = new Set(tokenizer.stopTokenIds);
    this.#limit = limit;
    this.#stream = tokenizer.createTextStream();
  }

  /** To be encoded with the next choice. */
  get pendingId(): number {
    return this.#tokenIds.at(-1) ?? at(this.#promptIds, this.#promptIds.length - 1);
  }

  /** What the next forward encodes, if it is a word of the utterance and not the end of its prompt. */
  get said(): number | undefined {
    return this.#tokenIds.at(-1);
  }

  /** Without a stop token. */
  get content(): readonly number[] {
    return this.#isClosed ? this.#tokenIds.slice(0, -1) : this.#tokenIds;
  }

  get hasEnded(): boolean {
    return this.#isClosed || this.#tokenIds.length >= this.#limit;
  }

  get #isClosed(): boolean {
    const last = this.#tokenIds.at(-1);
    return last !== undefined && this.#stopIds.has(last);
  }

  /** Number of the next draw. @param place  utterances before this one */
  nextStep(place: number): number {
    return stepOf(place, this.#tokenIds.length);
  }

  /** Takes a choice, made while the pending token was encoded. @returns its text; a stop token has none */
  push(tokenId: number, logProb: number): string {
    this.context.ids.push(this.pendingId);
    this.#tokenIds.push(tokenId);
    this.#logProbs.push(logProb);
    const text = this.#stopIds.has(tokenId) ? '' : this.#stream.push(tokenId);
    this.#text += text;
    return text;
  }

  finish(): Utterance {
    return {
      ...this.spoken,
      promptIds: this.#promptIds,
      tokenIds: this.#tokenIds,
      logProbs: this.#logProbs,
      text: this.#text + this.#stream.flush(),
      stop: this.#isClosed ? 'stopToken' : 'maxTokens',
      isTruncated: !this.#isClosed,
      origin: 'model',
    };
  }
}

/** What a person said or edited, cut at the limit. */
export function personUtterance(
  tokenizer: ChatTokenizer,
  said: {
    readonly role: NegotiationRole;
    readonly turn: number;
    /** What the model would have seen in this place. */
    readonly promptIds: readonly number[];
    readonly text: string;
    readonly limit: number;
  },
): Utterance {
  const { role, turn, promptIds, text, limit } = said;
  const all = text === '' ? [] : tokenizer.encode(text, { parseSpecial: false });
  const tokenIds = all.slice(0, limit);
  const isTruncated = tokenIds.length < all.length;
  const common = { kind: 'utterance', role, turn, promptIds, tokenIds, logProbs: [], origin: 'person' } as const;
  return { ...common, text: isTruncated ? textOf(tokenizer, tokenIds) : text, stop: 'given', isTruncated };
}

function textOf(tokenizer: ChatTokenizer, tokenIds: readonly number[]): string {
  const stream = tokenizer.createTextStream();
  return tokenIds.map((id) => stream.push(id)).join('') + stream.flush();
}
