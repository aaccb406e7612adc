import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';

/** @throws {Failure} 'cancelled' once the signal is aborted */
export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Failure<FailureCode>('cancelled', 'Loading was cancelled.');
}
