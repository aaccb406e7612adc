import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';

/** A fault of the GPU or of what it was asked to do. */
export class GpuFailure extends Failure<FailureCode> {
  override readonly name = 'GpuFailure';
}
