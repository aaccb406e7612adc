/** JUnit's XML as build servers read it: a scenario is a test case. */
import { escapeXml } from './escape.mjs';

/** @typedef {import('./run-one.mjs').Result} Result */

/** @type {(results: readonly Result[]) => string} */
export function junitReport(results) {
  const failures = results.filter(({ isPassed }) => !isPassed).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const counts = `tests="${results.length}" failures="${failures}" errors="0" skipped="0" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="Duet scenarios" ${counts}>`,
    `  <testsuite name="Duet scenarios" ${counts}>`,
    ...results.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** @type {(result: Result) => string} */
function testCase(result) {
  const { name, panel, seconds, file, isPassed } = result;
  const head = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(`duet.${panel}`)}" file="${escapeXml(file)}" time="${seconds.toFixed(3)}"`;
  if (isPassed) return `${head}/>`;
  const [first = 'The scenario failed.'] = faults(result);
  const text = escapeXml(faults(result).join('\n'));
  return `${head}>\n      <failure message="${escapeXml(first)}">${text}</failure>\n    </testcase>`;
}

/** @type {(result: Result) => string[]} */
function faults({ judgements, difference, errors }) {
  const unmet = judgements.filter(({ isMet }) => !isMet);
  return [
    ...unmet.flatMap(({ name, expected, actual, explanation }) => [
      `${name}: expected ${expected}; found ${actual}`,
      ...explanation,
    ]),
    ...(difference === null ? [] : [`The baseline is not met. ${difference.explanation.join(' ')}`]),
    ...errors,
  ];
}
