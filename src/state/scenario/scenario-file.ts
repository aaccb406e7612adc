import { fileStem } from '@/lib/file-stem.ts';
import { SCENARIO_FORMAT, SCENARIO_VERSION, type WrittenScenario } from '@/protocol/scenario/scenario.ts';

export interface ScenarioFile {
  readonly name: string;
  readonly text: string;
  /** What else it needs, a sentence; empty: nothing. */
  readonly need: string;
}

/** What every scenario begins with. */
export const SCENARIO_HEAD = { format: SCENARIO_FORMAT, version: SCENARIO_VERSION } as const;

const LONGEST_NAME = 60;
const LONGEST_FILE_NAME = 40;

/** As it is saved: to be read and changed by hand. */
export function scenarioFile(scenario: WrittenScenario): ScenarioFile {
  const stem = fileStem(scenario.name, 'scenario', LONGEST_FILE_NAME);
  const text = JSON.stringify(scenario, null, 2).replaceAll(/\[[\s\d,]*\]/g, oneLine);
  return { name: `${scenario.panel}-${stem}.json`, text: `${text}\n`, need: needOf(scenario) };
}

function needOf({ environment }: WrittenScenario): string {
  const beside = environment?.network?.flatMap(({ respond: { file } }) => file ?? []) ?? [];
  return beside.length === 0
    ? ''
    : `The model was a file of yours: put it beside the scenario, as ${beside.join(', ')}.`;
}

/** A list of numbers is read as one. */
function oneLine(list: string): string {
  return list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');
}

/** A first line of a text, as a name. */
export function nameOfText(text: string, otherwise: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  if (line === '') return otherwise;
  return line.length <= LONGEST_NAME ? line : `${line.slice(0, LONGEST_NAME - 1)}…`;
}
