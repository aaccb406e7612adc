/** Scenario files and what lies beside them. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from './options.mjs';

const BASELINE_END = '.baseline.json';

/**
 * @typedef {import('../../src/protocol/scenario/outcome.ts').ScenarioBaseline} Baseline
 */

/**
 * @param {readonly string[]} named  files and folders
 * @returns {string[]} files, each once
 * @throws {UsageError} naming what is not there
 */
export function listScenarioFiles(named) {
  const files = named.flatMap((name) => {
    if (!existsSync(name)) throw new UsageError(`${name}: there is no such file or folder.`);
    if (!statSync(name).isDirectory()) return [name];
    const found = readdirSync(name)
      .filter((entry) => entry.endsWith('.json') && !entry.endsWith(BASELINE_END))
      .toSorted()
      .map((entry) => path.join(name, entry));
    if (found.length === 0) throw new UsageError(`${name}: there is no scenario in this folder.`);
    return found;
  });
  return [...new Set(files)];
}

/** @type {(file: string) => string} */
export function readScenarioFile(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @type {(file: string) => string} without its ending */
function stem(file) {
  return file.endsWith('.json') ? file.slice(0, -'.json'.length) : file;
}

/** @type {(file: string) => string} */
export function baselineFile(file) {
  return `${stem(file)}${BASELINE_END}`;
}

/** @type {(file: string, name: string) => string} */
export function pictureFile(file, name) {
  return `${stem(file)}.${name}.png`;
}

/**
 * @param {string} file  the scenario's
 * @returns {Baseline | null} null where there is none
 * @throws {UsageError} if it is not one
 */
export function readBaseline(file) {
  const name = baselineFile(file);
  if (!existsSync(name)) return null;
  try {
    const value = JSON.parse(readFileSync(name, 'utf8'));
    if (value?.format === 'duet-scenario-baseline' && value.version === 1) return value;
  } catch (error) {
    throw new UsageError(`${name}: is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(
    `${name}: format and version: must be "duet-scenario-baseline" and 1. Write it anew by --update.`,
  );
}

/** One entry of a list of numbers a line would make it long; one stream, or step, a line is read well. @type {(file: string, baseline: Baseline) => void} */
export function writeBaseline(file, baseline) {
  writeFileSync(baselineFile(file), baselineText(baseline));
}

/** @type {(baseline: Baseline) => string} */
export function baselineText({ streams, trace, ...rest }) {
  const lines = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const list = (/** @type {readonly unknown[]} */ items, /** @type {string} */ indent) =>
    items.length === 0
      ? '[]'
      : `[\n${items.map((item) => `${indent}  ${JSON.stringify(item)}`).join(',\n')}\n${indent}]`;
  return `{\n${lines.join('\n')}\n  "streams": ${list(streams, '  ')},\n  "trace": ${traceText(trace, list)}\n}\n`;
}

/** @type {(trace: Baseline['trace'], list: (items: readonly unknown[], indent: string) => string) => string} */
function traceText(trace, list) {
  if (trace === null) return 'null';
  const { result, ...rest } = trace;
  const { steps, ...others } = result;
  const whole = JSON.stringify(rest).slice(1, -1);
  return `{\n    ${whole},\n    "result": {\n      ${JSON.stringify(others).slice(1, -1)},\n      "steps": ${list(steps, '      ')}\n    }\n  }`;
}
