import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';

/** @param message what is wrong in which file and what to do, in full sentences */
export function invalidAdapter(fileName: string, message: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidAdapter', `${fileName}: ${message}`, { file: fileName });
}
