import { FAILURES, type FailureMessage } from '@/protocol/failures.ts';
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

/** The page has no account, and asks for none. */
export const GATED_REMEDY =
  'A private or gated model has to be downloaded with your own account; then open its file under Your files.';

/** What to do about a load that failed; servers answer 401 or 403 for what needs an account. */
export function remedyOfLoad({ code, message }: FailureMessage): string {
  const isGated = code === 'downloadFailed' && /\b40[13]\b/.test(message);
  return isGated ? GATED_REMEDY : FAILURES[code];
}
