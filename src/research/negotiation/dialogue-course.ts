import type { RowStart } from '@/protocol/negotiation-api.ts';
import type { SamplingSettings } from '@/protocol/generation.ts';
import type {
  AgreementVerdict,
  DialogueOutcome,
  DialogueRecord,
  NegotiationRole,
  Thoughts,
  Utterance,
} from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { fnv1a32 } from '@/lib/fnv1a.ts';
import type { Context } from './prompt-reader.ts';

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

/** As `stepOf`, for what is thought before an utterance: numbers that no utterance comes to. */
export function thoughtStepOf(utteranceIndex: number, tokenIndex: number): number {
  return stepOf(utteranceIndex, DRAWS_PER_UTTERANCE / 2 + tokenIndex);
}

/** A dialogue under way, and what is kept encoded of it. */
export class DialogueCourse {
  readonly row: number;
  readonly branch: number;
  readonly utterances: Utterance[];
  readonly agreements: AgreementVerdict[];
  readonly thoughts: Thoughts[];
  readonly contexts = new Map<NegotiationRole, Context>();
  outcome: DialogueOutcome | undefined;
  completion: Utterance | undefined;
  readonly #seed: number;

  constructor(
    { row, branch = 0, utterances = [], agreements = [], thoughts = [] }: Omit<RowStart, 'said'>,
    seed: number,
  ) {
    this.row = row;
    this.branch = branch;
    this.utterances = [...utterances];
    this.agreements = [...agreements];
    this.thoughts = [...thoughts];
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
    const { row, branch, utterances, agreements, thoughts, outcome = 'stopped', completion } = this;
    return {
      row,
      branch,
      utterances,
      ...(thoughts.length > 0 && { thoughts }),
      agreements,
      outcome,
      ...(completion && { completion }),
    };
  }
}
