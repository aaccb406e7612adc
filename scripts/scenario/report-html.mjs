/** One file that is read anywhere: styles, charts and pictures are in it. */
import { escapeHtml } from './escape.mjs';
import { chartBlock, fileBlock } from './report-charts.mjs';
import { REPORT_STYLE } from './report-style.mjs';

/** @typedef {import('./run-one.mjs').Result} Result */

/** Characters of a text that are shown. */
const LONGEST_TEXT = 4000;
const DIGITS = 3;

/** @type {(results: readonly Result[]) => string} */
export function htmlReport(results) {
  const failed = results.filter(({ isPassed }) => !isPassed).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const title = failed === 0 ? 'All scenarios passed' : `${failed} of ${results.length} scenarios failed`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<p class="kind">Duet scenarios</p>
<h1>${escapeHtml(title)}</h1>
<p class="facts">${results.length} run, ${results.length - failed} passed, ${failed} failed, ${seconds.toFixed(1)} s. ${escapeHtml(deviceWords(results))}</p>
</header>
${summary(results)}
${results.map(section).join('\n')}
<footer>Times are not compared between runs or machines; ratios are of one run.</footer>
</main>
</body>
</html>
`;
}

/** @type {(results: readonly Result[]) => string} */
function deviceWords(results) {
  const names = results.map(({ outcome: { device } }) => {
    const name = [device.vendor, device.architecture].filter(Boolean).join(' ') || 'no adapter';
    return `${name}${device.isSoftware ? ' (software)' : ''}`;
  });
  return `Adapter: ${[...new Set(names)].join(', ')}.`;
}

/** @type {(results: readonly Result[]) => string} */
function summary(results) {
  const rows = results.map(
    (result, i) =>
      `<tr><td>${mark(result.isPassed)}</td><td><a href="#s${i + 1}">${escapeHtml(result.name)}</a></td><td>${escapeHtml(result.panel)}</td><td class="number">${result.outcome.metrics['steps'] ?? ''}</td><td class="number">${numTokens(result)}</td><td class="number">${result.seconds.toFixed(1)}</td></tr>`,
  );
  return `<div class="wide"><table><thead><tr><th>result</th><th>scenario</th><th>panel</th><th class="number">steps</th><th class="number">tokens</th><th class="number">s</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** Told by a word too, not by colour alone. @type {(isMet: boolean) => string} */
function mark(isMet) {
  return isMet ? '<span class="met">passed</span>' : '<span class="unmet">failed</span>';
}

/** Where nothing was compared, nothing has passed. @type {(baseline: Result['baseline']) => string} */
function baselineMark(baseline) {
  if (baseline === 'differs') return mark(false);
  return baseline === 'met' || baseline === 'written' ? mark(true) : '<span>not judged</span>';
}

/** @type {(result: Result) => number} */
function numTokens({ outcome }) {
  return outcome.streams.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
}

/** @type {(result: Result, index: number) => string} */
function section(result, index) {
  const { name, description, file, outcome, isPassed } = result;
  const model = outcome.model === null ? 'no model' : `${outcome.model.name}, ${outcome.model.kernelShape}`;
  return `<section id="s${index + 1}" class="${isPassed ? 'passed' : 'failed'}">
<h2>${mark(isPassed)} ${escapeHtml(name)}</h2>
${description === '' ? '' : `<p>${escapeHtml(description)}</p>`}
<p class="facts">${escapeHtml(file)}; ${escapeHtml(model)}</p>
${differenceBlock(result)}
${judgementTable(result)}
${chartBlock(result)}
${pictureBlock(result)}
${textBlock(result)}
${ratioTable(result)}
${fileBlock(result)}
${errorBlock(result)}
</section>`;
}

/** @type {(result: Result) => string} */
function differenceBlock({ difference, baseline, changes }) {
  if (changes.length > 0)
    return `<h3>Changes of the baseline (${escapeHtml(baseline)})</h3><pre>${escapeHtml(changes.join('\n'))}</pre>`;
  if (difference === null) return '';
  const sentences = difference.explanation.map((sentence) => `<li>${escapeHtml(sentence)}</li>`);
  return `<div class="difference"><h3>The first difference from the baseline</h3><ol>${sentences.join('')}</ol></div>`;
}

/** @type {(result: Result) => string} */
function judgementTable({ judgements, baseline }) {
  const rows = judgements.map(
    ({ name, isMet, expected, actual, explanation }) =>
      `<tr><td>${mark(isMet)}</td><td>${escapeHtml(name)}</td><td><code>${escapeHtml(expected)}</code></td><td><code>${escapeHtml(actual)}</code>${explanation.map((line) => `<p class="why">${escapeHtml(line)}</p>`).join('')}</td></tr>`,
  );
  const kept = `<tr><td>${baselineMark(baseline)}</td><td>baseline</td><td>the same as stored</td><td>${escapeHtml(baseline)}</td></tr>`;
  return `<h3>Expectations</h3><div class="wide"><table class="expectations"><thead><tr><th>result</th><th>what</th><th>expected</th><th>found</th></tr></thead><tbody>${rows.join('')}${kept}</tbody></table></div>`;
}

/** @type {(result: Result) => string} */
function pictureBlock({ pictures }) {
  if (pictures.length === 0) return '';
  const figures = pictures.map(({ name, actual, expected, difference, words, isMet }) => {
    const image = (/** @type {Buffer | null} */ png, /** @type {string} */ what) =>
      png === null
        ? ''
        : `<figure><img alt="${escapeHtml(`${name}: ${what}`)}" src="data:image/png;base64,${png.toString('base64')}"><figcaption>${what}</figcaption></figure>`;
    return `<h4>${mark(isMet)} ${escapeHtml(name)}: ${escapeHtml(words)}</h4><div class="pictures">${image(actual, 'now')}${image(expected, 'stored')}${image(difference, 'difference')}</div>`;
  });
  return `<h3>Pictures</h3>${figures.join('')}`;
}

/** @type {(result: Result) => string} */
function textBlock({ outcome: { streams } }) {
  if (streams.length === 0) return '';
  const texts = streams.map(
    ({ name, text, tokenIds }) =>
      `<dt>${escapeHtml(name)} <span class="facts">${tokenIds.length} tokens</span></dt><dd>${escapeHtml(text.slice(0, LONGEST_TEXT)) || '<i>empty</i>'}</dd>`,
  );
  return `<details${streams.length <= 6 ? ' open' : ''}><summary>Texts</summary><dl>${texts.join('')}</dl></details>`;
}

/** @type {(result: Result) => string} */
function ratioTable({ ratios, outcome: { metrics } }) {
  const numbers = Object.entries(metrics).map(
    ([name, value]) => `<tr><td>${escapeHtml(name)}</td><td class="number">${Number(value.toPrecision(6))}</td></tr>`,
  );
  const rows = ratios.map(({ name, ratio, low, high, counts, acrossRuns }) => {
    const across = acrossRuns === null ? '' : `${acrossRuns[0].toFixed(DIGITS)} to ${acrossRuns[1].toFixed(DIGITS)}`;
    return `<tr><td>${escapeHtml(name)}</td><td class="number">${ratio.toFixed(DIGITS)}</td><td class="number">${low.toFixed(DIGITS)} to ${high.toFixed(DIGITS)}</td><td class="number">${counts.join(' / ')}</td><td class="number">${across}</td></tr>`;
  });
  const times =
    rows.length === 0
      ? ''
      : `<div class="wide"><table><caption>Times by each other, within one run</caption><thead><tr><th>what</th><th class="number">median</th><th class="number">quartiles</th><th class="number">times</th><th class="number">over runs</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
  const known =
    numbers.length === 0
      ? ''
      : `<details><summary>Metrics</summary><div class="wide"><table><tbody>${numbers.join('')}</tbody></table></div></details>`;
  return `${times}${known}`;
}

/** @type {(result: Result) => string} */
function errorBlock({ errors }) {
  return errors.length === 0 ? '' : `<h3>Console errors</h3><pre>${escapeHtml(errors.join('\n'))}</pre>`;
}
