import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run scenario -- FILES... [options]

FILES are scenarios, or folders of them; a baseline (*.baseline.json) is no scenario.

  --url ADDRESS      a page that is served already; default: this checkout's build, served for the run
  --update           writes what has changed in the baselines, and says it line by line
  --report KINDS     html, json, junit, or several with commas; default: html
  --out DIR          where reports go; default: test-results/scenarios
  --repeat N         runs each scenario N times; the runs have to agree
  --grep TEXT        only scenarios whose name or file contains TEXT
  --help             this text

Exit code: 0 all passed, 1 some failed, 2 bad usage or a scenario that cannot be read.
DUET_BROWSER=/path/to/chromium chooses the browser, DUET_ADAPTER=gpu a real GPU.`;

export const REPORT_KINDS = /** @type {const} */ (['html', 'json', 'junit']);

/** Bad usage, or a file that is no scenario: exit code 2. */
export class UsageError extends Error {}

/**
 * @typedef {(typeof REPORT_KINDS)[number]} ReportKind
 * @typedef {{
 *   files: string[], url: string | undefined, update: boolean, reports: ReportKind[], out: string, repeat: number,
 *   grep: string, help: boolean,
 * }} Options
 */

/**
 * @param {readonly string[]} args
 * @returns {Options}
 * @throws {UsageError} naming the option
 */
export function readOptions(args) {
  const { values, positionals } = parsed(args);
  const reports = values.report.split(',').map(reportKind);
  const repeat = Number(values.repeat);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 1000)
    throw new UsageError(`--repeat ${values.repeat}: must be a whole number from 1 to 1000.`);
  if (values.url !== undefined && !URL.canParse(values.url))
    throw new UsageError(`--url ${values.url}: is no address. Give one such as http://localhost:4173/.`);
  if (positionals.length === 0 && !values.help) throw new UsageError('Name at least one scenario file.');
  return {
    files: positionals,
    url: values.url,
    update: values.update,
    reports,
    out: values.out,
    repeat,
    grep: values.grep,
    help: values.help,
  };
}

/** @param {readonly string[]} args */
function parsed(args) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        update: { type: 'boolean', default: false },
        report: { type: 'string', default: 'html' },
        out: { type: 'string', default: 'test-results/scenarios' },
        repeat: { type: 'string', default: '1' },
        grep: { type: 'string', default: '' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @type {(name: string) => ReportKind} */
function reportKind(name) {
  const kind = REPORT_KINDS.find((one) => one === name);
  if (kind === undefined) throw new UsageError(`--report ${name}: must be ${REPORT_KINDS.join(', ')}.`);
  return kind;
}
