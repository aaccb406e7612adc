import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { Judge } from './judge.ts';

/** Asks a judge once about equal transcripts. What could not be read is asked again. */
export class CachedJudge implements Judge {
  readonly name: string;
  readonly #judge: Judge;
  readonly #seesDialogue: boolean;
  readonly #verdicts = new Map<string, JudgeVerdict>();

  constructor(judge: Judge, { seesDialogue = false }: { readonly seesDialogue?: boolean } = {}) {
    this.name = judge.name;
    this.#judge = judge;
    this.#seesDialogue = seesDialogue;
  }

  async score(transcript: JudgedAnswer, signal?: AbortSignal): Promise<JudgeVerdict> {
    const key = this.#keyOf(transcript);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = await this.#judge.score(transcript, signal);
    if (verdict.state === 'scored') this.#verdicts.set(key, verdict);
    return verdict;
  }

  /** To re-judge: the next verdicts are fresh. */
  clear(): void {
    this.#verdicts.clear();
  }

  /** By all that the judge sees. */
  #keyOf({ dilemma, persona1, persona2, completion, dialogue }: JudgedAnswer): string {
    const seen = [this.name, dilemma, persona1, persona2, completion, this.#seesDialogue ? dialogue : null];
    return bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(seen))));
  }
}
