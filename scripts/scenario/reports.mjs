import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { htmlReport } from './report-html.mjs';
import { jsonReport } from './report-json.mjs';
import { junitReport } from './report-junit.mjs';

/** @typedef {import('./run-one.mjs').Result} Result */

const WRITERS = {
  html: { name: 'index.html', write: htmlReport },
  json: { name: 'report.json', write: jsonReport },
  junit: { name: 'junit.xml', write: junitReport },
};

/**
 * @param {Pick<import('./options.mjs').Options, 'reports' | 'out'>} options
 * @param {readonly Result[]} results
 * @returns {Promise<string[]>} files
 */
export async function writeReports({ reports, out }, results) {
  mkdirSync(out, { recursive: true });
  return reports.map((kind) => {
    const { name, write } = WRITERS[kind];
    const file = path.join(out, name);
    writeFileSync(file, write(results));
    return file;
  });
}
