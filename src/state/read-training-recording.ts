import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import {
  checkTrainingRecording,
  MAX_TRAINING_RECORDING_CHARACTERS,
  type TrainingRecording,
} from '@/protocol/training-recording.ts';
import { readGroupRecord } from './read-group-record.ts';

/**
 * @param content  the text of a file
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function readTrainingRecording(content: string): TrainingRecording {
  if (content.length > MAX_TRAINING_RECORDING_CHARACTERS)
    throw refusal(`it is larger than ${MAX_TRAINING_RECORDING_CHARACTERS / 1e6} MB`);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw refusal('it is no JSON');
  }
  return checkTrainingRecording(value, readGroupRecord);
}

function refusal(fault: string): Failure<FailureCode> {
  return new Failure('invalidConfig', `The recorded training: ${fault}. Choose another file.`);
}
