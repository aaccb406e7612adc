import type {
  AgreementVerdict,
  DialogueRecord,
  GroupRecord,
  NegotiationRole,
  Thoughts,
  Utterance,
} from './negotiation-run.ts';

interface Spoken extends Pick<Utterance, 'role' | 'turn'> {
  readonly row: number;
  readonly of: Utterance['kind'];
}

interface Place {
  /** Of the thoughts of one side. */
  index: number;
  token: number;
}

/** Reads a group's record in the order in which it came about, token by token. */
export class RecordReader {
  readonly #dialogues: ReadonlyMap<number, DialogueRecord>;
  /** By row: what is being said. */
  readonly #saying = new Map<number, { readonly utterance: Utterance | undefined; token: number }>();
  /** By row and side. */
  readonly #thinking = new Map<string, Place>();

  constructor({ dialogues }: Pick<GroupRecord, 'dialogues'>) {
    this.#dialogues = new Map(dialogues.map((dialogue) => [dialogue.row, dialogue]));
  }

  dialogue(row: number): DialogueRecord | undefined {
    return this.#dialogues.get(row);
  }

  agreement(row: number, turn: number): AgreementVerdict | undefined {
    return this.#dialogues.get(row)?.agreements.find((verdict) => verdict.turn === turn);
  }

  utterance({ row, of, role, turn }: Spoken): Utterance | undefined {
    const dialogue = this.#dialogues.get(row);
    const all = of === 'completion' ? [dialogue?.completion] : (dialogue?.utterances ?? []);
    return all.find((utterance) => utterance?.role === role && utterance.turn === turn);
  }

  /** The tokens that come next in this row are this utterance's. */
  begin(spoken: Spoken): void {
    this.#saying.set(spoken.row, { utterance: this.utterance(spoken), token: 0 });
  }

  nextToken(row: number): { readonly tokenId: number; readonly logProb: number } | undefined {
    const saying = this.#saying.get(row);
    if (saying === undefined) return undefined;
    const tokenId = saying.utterance?.tokenIds[saying.token];
    const logProb = saying.utterance?.logProbs[saying.token];
    saying.token++;
    return tokenId === undefined || logProb === undefined ? undefined : { tokenId, logProb };
  }

  nextThought(
    row: number,
    role: NegotiationRole,
  ): { readonly tokenId: number; readonly logProb: number; readonly heard: number } | undefined {
    const place = this.#place(row, role);
    const thoughts = this.#thoughts(row, role)[place.index];
    const tokenId = thoughts?.tokenIds[place.token];
    const logProb = thoughts?.logProbs[place.token];
    const heard = thoughts?.heard[place.token];
    place.token++;
    if (tokenId === undefined || logProb === undefined || heard === undefined) return undefined;
    return { tokenId, logProb, heard };
  }

  /** The side's thoughts that are over; what it thinks next begins anew. */
  endThoughts(row: number, role: NegotiationRole): Thoughts | undefined {
    const place = this.#place(row, role);
    const ended = this.#thoughts(row, role)[place.index];
    place.index++;
    place.token = 0;
    return ended;
  }

  #thoughts(row: number, role: NegotiationRole): readonly Thoughts[] {
    return (this.#dialogues.get(row)?.thoughts ?? []).filter((thoughts) => thoughts.role === role);
  }

  #place(row: number, role: NegotiationRole): Place {
    const key = `${row}.${role}`;
    const place = this.#thinking.get(key) ?? { index: 0, token: 0 };
    this.#thinking.set(key, place);
    return place;
  }
}
