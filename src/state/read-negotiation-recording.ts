/** Recorded negotiations as they come from a file: everything is checked before anything is shown. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import {
  checkRecording,
  MAX_RECORDING_CHARACTERS,
  type NegotiationRecording,
} from '@/protocol/negotiation-recording.ts';
import { readGroupRecord } from './read-group-record.ts';

/**
 * @param content  the text of a file
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function readNegotiationRecording(content: string): NegotiationRecording {
  if (content.length > MAX_RECORDING_CHARACTERS)
    throw refusal(`it is larger than ${MAX_RECORDING_CHARACTERS / 1e6} MB, which is more than a recording can be`);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw refusal('it is no JSON');
  }
  return checkRecording(value, readGroupRecord);
}

function refusal(fault: string): Failure<FailureCode> {
  return new Failure('invalidConfig', `The recording: ${fault}.`);
}
