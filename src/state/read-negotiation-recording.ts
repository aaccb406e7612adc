/** Recorded negotiations as they come from a file: everything is checked before anything is shown. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import {
  checkRecording,
  MAX_RECORDING_CHARACTERS,
  type NegotiationRecording,
  type NegotiationRecordingFile,
} from '@/protocol/negotiation-recording.ts';
import { readGroupRecord } from './read-group-record.ts';

/**
 * @param content  the text of a file
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function readNegotiationRecording(content: string): NegotiationRecording {
  return checkRecording(parsed(content), readGroupRecord);
}

/** The same, as the file has it. */
export function readNegotiationRecordingFile(content: string): NegotiationRecordingFile {
  const value = parsed(content);
  checkRecording(value, readGroupRecord);
  return value as NegotiationRecordingFile;
}

function parsed(content: string): unknown {
  if (content.length > MAX_RECORDING_CHARACTERS)
    throw refusal(`it is larger than ${MAX_RECORDING_CHARACTERS / 1e6} MB, which is more than a recording can be`);
  try {
    return JSON.parse(content) as unknown;
  } catch {
    throw refusal('it is no JSON');
  }
}

function refusal(fault: string): Failure<FailureCode> {
  return new Failure('invalidConfig', `The recording: ${fault}.`);
}
