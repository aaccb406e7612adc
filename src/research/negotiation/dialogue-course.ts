import type { SamplingSettings } from '@/protocol/generation.ts';
import type {
  AgreementVerdict,
  DialogueOutcome,
  DialogueRecord,
  NegotiationRole,
  Utterance,
} from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import type { Context } from './prompt-reader.ts';

/** Where a dialogue begins: at its beginning, or with what was said before. */
export interface DialogueStart {
  readonly row: number;
  /** Default 0. Another number draws other tokens. */
  readonly branch?: number;
  /** Agent 1 first. Default: none. */
  readonly utterances?: readonly Utterance[];
  /** Of the exchanges that are over; what is missing is judged. Default: none. */
  readonly agreements?: readonly AgreementVerdict[];
}

/** Draws of one row; an utterance has fewer tokens. */
const DRAWS_PER_UTTERANCE = 65_536;

/** Every row draws with a seed of its own, so that its course does not depend on which other rows there are. */
export function seedOf(seed: number, row: number, branch: number): number {
  return fnv1a32(branch === 0 ? `${seed}/${row}` : `${seed}/${row}/${branch}`);
}

/** Number of a draw: the same for a token's place in its dialogue, whatever was said before. */
export function stepOf(utteranceIndex: number, tokenIndex: number): number {
  return utteranceIndex * DRAWS_PER_UTTERANCE + tokenIndex;
}

/** A dialogue under way, and what is kept encoded of it. */
export class DialogueCourse {
  readonly row: number;
  readonly branch: number;
  readonly utterances: Utterance[];
  readonly agreements: AgreementVerdict[];
  readonly contexts = new Map<NegotiationRole, Context>();
  outcome: DialogueOutcome | undefined;
  completion: Utterance | undefined;
  readonly #seed: number;

  constructor({ row, branch = 0, utterances = [], agreements = [] }: DialogueStart, seed: number) {
    this.row = row;
    this.branch = branch;
    this.utterances = [...utterances];
    this.agreements = [...agreements];
    this.#seed = seedOf(seed, row, branch);
  }

  [Symbol.dispose](): void {
    for (const { block } of this.contexts.values()) block[Symbol.dispose]();
    this.contexts.clear();
  }

  /** The exchange that a verdict is missing for, if it is over. */
  get openExchange(): readonly [Utterance, Utterance] | undefined {
    const first = 2 * this.agreements.length;
    const [one, two] = this.utterances.slice(first, first + 2);
    return one !== undefined && two !== undefined ? [one, two] : undefined;
  }

  get hasAgreed(): boolean {
    const last = this.agreements.at(-1);
    return last?.state === 'judged' && last.agreed;
  }

  sampling(kind: Utterance['kind'], settings: NegotiationSettings): SamplingSettings {
    const { utteranceTemperature, utteranceTopP, completionTemperature, completionTopP } = settings;
    return kind === 'utterance'
      ? { temperature: utteranceTemperature, topP: utteranceTopP, seed: this.#seed }
      : { temperature: completionTemperature, topP: completionTopP, seed: this.#seed };
  }

  record(): DialogueRecord {
    const { row, branch, utterances, agreements, outcome = 'stopped', completion } = this;
    return { row, branch, utterances, agreements, outcome, ...(completion && { completion }) };
  }
}

/**
 * The start of a branch: everything before one utterance, and that utterance as a person wants it.
 *
 * @param index  of the utterance; everything from the exchange it belongs to is judged anew
 */
export function branchAt(
  dialogue: DialogueRecord,
  index: number,
  branch: number,
  edited: Utterance,
): DialogueStart & { readonly utterances: readonly Utterance[] } {
  const { row, utterances, agreements } = dialogue;
  return {
    row,
    branch,
    utterances: [...utterances.slice(0, index), edited],
    agreements: agreements.slice(0, Math.floor(index / 2)),
  };
}
