import { FAILURES, type FailureCode, type FailureMessage } from '@/protocol/failures.ts';

function isFailureCode(code: string): code is FailureCode {
  return code in FAILURES;
}

/** An error as the store keeps it; a code that the product does not know counts as a defect. */
export function toStoredFailure(error: { readonly code: string; readonly message: string }): FailureMessage {
  return { code: isFailureCode(error.code) ? error.code : 'internal', message: error.message };
}
