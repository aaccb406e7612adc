import { assertNever } from '@/lib/assert.ts';
import type { NegotiationEvent } from '@/protocol/negotiation-run.ts';
import type { NegotiationTrainingPlan, StepPhase } from '@/protocol/negotiation-training.ts';

/** How long each phase of a step takes, and how far it is. */
export class StepClock {
  readonly #ms = new Map<StepPhase, number>();
  #phase: StepPhase | null = null;
  #sinceMs = performance.now();

  enter(phase: StepPhase | null): void {
    const now = performance.now();
    if (this.#phase !== null) this.#ms.set(this.#phase, (this.#ms.get(this.#phase) ?? 0) + now - this.#sinceMs);
    this.#phase = phase;
    this.#sinceMs = now;
  }

  /** By phase, of those that are over. */
  get seconds(): Readonly<Partial<Record<StepPhase, number>>> {
    return Object.fromEntries([...this.#ms].map(([phase, ms]) => [phase, ms / 1000]));
  }
}

/** The share of a step's dialogues that is over; each utterance that may still come counts alike. */
export class RolloutProgress {
  readonly #perRow: number;
  readonly #limit: number;
  readonly #numRows: number;
  readonly #numGroups: number;
  readonly #shares = new Map<string, number>();

  constructor({ method, settings, groupsPerStep }: NegotiationTrainingPlan) {
    this.#perRow = method === 'singleAgent' ? 1 : 2 * settings.maxTurns + 1;
    this.#limit = method === 'singleAgent' ? settings.maxCompletionTokens : settings.maxUtteranceTokens;
    this.#numRows = settings.groupSize;
    this.#numGroups = groupsPerStep;
  }

  get done(): number {
    const total = this.#numRows * this.#numGroups * this.#perRow;
    return Math.min(1, [...this.#shares.values()].reduce((sum, share) => sum + share, 0) / total);
  }

  take(group: number, event: NegotiationEvent): void {
    switch (event.kind) {
      case 'stepped':
        for (const { row } of event.tokens) this.#add(group, row, 1 / this.#limit);
        return;
      case 'utteranceEnded':
        this.#round(group, event.row);
        return;
      case 'dialogueEnded':
        // Its answer may still come, unless there is none without agreement.
        this.#shares.set(key(group, event.row), event.outcome === 'agreed' ? this.#perRow - 1 : this.#perRow);
        return;
      case 'started':
      case 'utteranceStarted':
      case 'thoughtsEnded':
      case 'awaitingPerson':
      case 'agreementJudged':
      case 'judged':
        return;
      default:
        assertNever(event);
    }
  }

  endGroup(group: number): void {
    for (let row = 0; row < this.#numRows; row++) this.#shares.set(key(group, row), this.#perRow);
  }

  #add(group: number, row: number, share: number): void {
    const now = this.#shares.get(key(group, row)) ?? 0;
    this.#shares.set(key(group, row), Math.min(Math.floor(now + 1e-9) + 0.999, now + share));
  }

  /** An utterance that ended early counts as a whole one. */
  #round(group: number, row: number): void {
    this.#shares.set(key(group, row), Math.ceil((this.#shares.get(key(group, row)) ?? 0) - 1e-9));
  }
}

function key(group: number, row: number): string {
  return `${group}/${row}`;
}
