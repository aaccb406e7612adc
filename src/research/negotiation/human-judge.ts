import type { HumanQuestion, JudgedAnswer } from '@/protocol/negotiation-api.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { type Judge, SCORES, unreadable } from './judge.ts';

/** A person with the rubric. Every question is open until it is answered, declined, or its signal fires. */
export class HumanJudge implements Judge {
  readonly name = 'human';
  readonly #onChange: (open: readonly HumanQuestion[]) => void;
  readonly #open = new Map<
    number,
    { readonly question: HumanQuestion; readonly settle: (verdict: JudgeVerdict) => void }
  >();
  readonly #newId: () => number;

  /**
   * @param onChange  gets all open questions, oldest first
   * @param newId     numbers that no other open question has
   */
  constructor(onChange: (open: readonly HumanQuestion[]) => void, newId: () => number) {
    this.#onChange = onChange;
    this.#newId = newId;
  }

  score(answer: JudgedAnswer, signal?: AbortSignal): Promise<JudgeVerdict> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortOf(signal));
        return;
      }
      const id = this.#newId();
      const stop = (): void => {
        this.#close(id);
        reject(abortOf(signal));
      };
      signal?.addEventListener('abort', stop);
      const settle = (verdict: JudgeVerdict): void => {
        signal?.removeEventListener('abort', stop);
        this.#close(id);
        resolve(verdict);
      };
      this.#open.set(id, { question: { id, answer }, settle });
      this.#tell();
    });
  }

  isAsking(id: number): boolean {
    return this.#open.has(id);
  }

  /** @throws {Failure} 'invalidConfig' if the question is not open, or the score no integer from 0 to 5 */
  answer(id: number, score: number): void {
    if (!SCORES.some((each) => each === score))
      throw new Failure<FailureCode>('invalidConfig', `score: It must be an integer from 0 to 5, not ${score}.`);
    this.#settle(id, { state: 'scored', score });
  }

  /** Leaves a completion without a score. @throws {Failure} 'invalidConfig' if the question is not open */
  decline(id: number): void {
    this.#settle(id, unreadable('The person gave no score.'));
  }

  #settle(id: number, verdict: JudgeVerdict): void {
    const asked = this.#open.get(id);
    if (asked === undefined) throw new Failure<FailureCode>('invalidConfig', `id: No question ${id} is open.`);
    asked.settle(verdict);
  }

  #close(id: number): void {
    this.#open.delete(id);
    this.#tell();
  }

  #tell(): void {
    this.#onChange([...this.#open.values()].map(({ question }) => question));
  }
}

function abortOf(signal: AbortSignal | undefined): DOMException {
  const reason: unknown = signal?.reason;
  return reason instanceof DOMException ? reason : new DOMException('The judge was stopped.', 'AbortError');
}
