/** What of a result is drawn, and the files behind it. */
import path from 'node:path';
import { marginsSvg, scoresSvg } from './choices-svg.mjs';
import { dialoguesSvg } from './dialogues-svg.mjs';
import { escapeHtml } from './escape.mjs';
import { timelineSvg } from './timeline-svg.mjs';
import { trainingSvgs } from './training-svg.mjs';

/** @typedef {import('./run-one.mjs').Result} Result */

/** @type {(result: Result) => string} */
export function chartBlock(result) {
  const { outcome, stored } = result;
  const small = outcome.panel === 'training' ? trainingSvgs(outcome.metrics, stored?.metrics ?? {}) : [];
  return [
    thinkingCharts(result),
    outcome.group === null
      ? ''
      : `<h3>Dialogues</h3><p class="facts">Turns of <b class="agent1">1</b> and <b class="agent2">2</b> and the answer <b class="answer">A</b>; thin bars: private thoughts while listening; + and −: agreement at the end of a turn.</p>${wide(dialoguesSvg(outcome.group))}`,
    small.length === 0
      ? ''
      : `<h3>Training</h3>${baselineNote(stored !== null)}<div class="courses">${small.map((one) => `<div class="chart">${one}</div>`).join('')}</div>`,
  ].join('');
}

/** @type {(result: Result) => string} */
function thinkingCharts({ outcome: { trace }, stored, difference }) {
  if (trace === null) return '';
  const marked = difference?.step ?? null;
  const before = stored?.trace ?? null;
  const scores = scoresSvg(trace, before, marked);
  return `<h3>Timeline</h3>${wide(timelineSvg(trace, marked))}
<h3>How clear the choices were</h3><p class="facts">Best logit minus second best of each token, on a logarithmic scale: circles for the <b class="thinker">thinker</b>, squares for the <b class="writer">writer</b>. In the band below 0.05 another adapter’s rounding may choose otherwise.</p>${baselineNote(before !== null)}${wide(marginsSvg(trace, before, marked))}
${scores === null ? '' : `<h3>Scores of the probe</h3><p class="facts">Filled: write on. Hollow: wait. Dashed: what a score has to be above.</p>${wide(scores)}`}`;
}

/** @type {(isDrawn: boolean) => string} */
function baselineNote(isDrawn) {
  return isDrawn ? '<p class="facts">Grey, behind it: the baseline.</p>' : '';
}

/** @type {(drawing: string) => string} */
function wide(drawing) {
  return `<div class="wide chart">${drawing}</div>`;
}

/** What the panels open, as files within the report. @type {(result: Result) => string} */
export function fileBlock({ file, outcome, stored }) {
  const stem = path.basename(file, '.json');
  const links = [
    outcome.trace === null ? '' : link(`${stem}.trace.json`, outcome.trace, 'The trace of this run'),
    stored?.trace == null ? '' : link(`${stem}.baseline-trace.json`, stored.trace, 'The baseline’s trace'),
    outcome.group === null ? '' : link(`${stem}.group.json`, outcome.group, 'The group of dialogues'),
  ].filter(Boolean);
  if (links.length === 0) return '';
  const where =
    outcome.trace === null
      ? 'In Negotiation, Open file shows it.'
      : 'In Thinking, Runs opens them, plays them step by step and compares the two.';
  return `<details><summary>Files</summary><ul>${links.join('')}</ul><p class="facts">${where}</p></details>`;
}

/** @type {(name: string, value: unknown, words: string) => string} */
function link(name, value, words) {
  const data = Buffer.from(JSON.stringify(value)).toString('base64');
  return `<li><a download="${escapeHtml(name)}" href="data:application/json;base64,${data}">${words}</a></li>`;
}
