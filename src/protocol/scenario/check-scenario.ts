/** Reads a scenario out of a file: the first thing wrong is named by its field. */
import { Failure } from '@/lib/failure.ts';
import { firstFault } from '../check-input.ts';
import type { FailureCode } from '../failures.ts';
import { MAX_SCENARIO_CHARACTERS, type Scenario, scenarioSchema } from './scenario.ts';

/**
 * @param value  anything, such as the parsed content of a file
 * @throws {Failure} 'invalidConfig'; `details.field` names the first field at fault
 */
export function checkScenario(value: unknown): Scenario {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal('', 'is no scenario. A scenario is a JSON object with "format": "duet-scenario"');
  const parsed = scenarioSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, fault } = firstFault(parsed.error);
  throw refusal(path.join('.'), lowerFirst(fault));
}

/**
 * @param source  the text of a file
 * @throws {Failure} 'invalidConfig'; `details.field` names the first field at fault, '' where it is the whole file
 */
export function readScenario(source: string): Scenario {
  if (source.length > MAX_SCENARIO_CHARACTERS)
    throw refusal('', `is larger than ${MAX_SCENARIO_CHARACTERS / 1e6} MB, which is more than a scenario can be`);
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw refusal('', `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return checkScenario(value);
}

function refusal(field: string, message: string): Failure<FailureCode> {
  const shown = field === '' ? 'The file' : `The field ${field}`;
  return new Failure('invalidConfig', `${shown}: ${message}.`, { field });
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
