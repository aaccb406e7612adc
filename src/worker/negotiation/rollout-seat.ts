import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { RolloutControl } from '@/research/negotiation/rollout-control.ts';

/** At most one group negotiates at a time, alone or in a training; its controls are those of whoever sits here. */
export class RolloutSeat {
  #control: RolloutControl | undefined;

  get control(): RolloutControl | undefined {
    return this.#control;
  }

  /** @throws {Failure} 'busy' */
  async hold<Result>(control: RolloutControl, body: () => Promise<Result>): Promise<Result> {
    if (this.#control !== undefined)
      throw new Failure<FailureCode>('busy', 'Another group is negotiating. Stop it or wait until it has finished.');
    this.#control = control;
    try {
      return await body();
    } finally {
      this.#control = undefined;
    }
  }
}
