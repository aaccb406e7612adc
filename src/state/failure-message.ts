import { isFailureCode, type FailureMessage } from '@/protocol/failures.ts';

/** An error as the store keeps it; a code that the product does not know counts as a defect. */
export function toStoredFailure(error: { readonly code: string; readonly message: string }): FailureMessage {
  return { code: isFailureCode(error.code) ? error.code : 'internal', message: error.message };
}
