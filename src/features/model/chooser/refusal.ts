import { FAILURES } from '@/protocol/failures.ts';
import { toStoredFailure } from '@/state/failure-message.ts';

/** Why something was not done, and what to do, as a notice shows it. */
export interface Refusal {
  readonly why: string;
  readonly remedy: string;
}

/** @returns null for what the visitor cancelled */
export function refusalOf(error: unknown): Refusal | null {
  const { code, message } = toStoredFailure(error as { code: string; message: string });
  return code === 'cancelled' ? null : { why: message, remedy: FAILURES[code] };
}
