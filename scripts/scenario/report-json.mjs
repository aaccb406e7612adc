/** @typedef {import('./run-one.mjs').Result} Result */

/** Pictures and baselines are files of their own; a trace is in its outcome. @type {(results: readonly Result[]) => string} */
export function jsonReport(results) {
  const report = {
    format: 'duet-scenario-report',
    version: 1,
    passed: results.filter(({ isPassed }) => isPassed).length,
    failed: results.filter(({ isPassed }) => !isPassed).length,
    results: results.map(({ pictures, stored: _stored, ...result }) => ({
      ...result,
      pictures: pictures.map(({ name, file, isMet, differingShare, maxDifferingShare }) => ({
        name,
        file,
        isMet,
        differingShare,
        maxDifferingShare,
      })),
    })),
  };
  return `${JSON.stringify(report, null, 1)}\n`;
}
