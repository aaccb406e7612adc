/** A run of Thinking as lanes over its steps: what was typed, thought, written and probed. */
import { escapeHtml } from './escape.mjs';

/**
 * @typedef {import('../../src/protocol/reasoning.ts').ReasoningTrace} Trace
 * @typedef {import('../../src/protocol/reasoning.ts').TraceStep} Step
 */

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 12;
const LANE = 26;
const BAR = 14;
const LANES = ['keys', 'think', 'write', 'probe'];
const MAX_TICKS = 10;

/**
 * @param {Trace} trace
 * @param {number | null} marked  a step to be pointed at
 * @returns {string} SVG
 */
export function timelineSvg({ setup, result: { steps } }, marked) {
  const height = LANES.length * LANE + 34;
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(1, steps.length);
  const x = (/** @type {number} */ step) => LEFT + step * scale;
  const y = (/** @type {string} */ lane) => LANES.indexOf(lane) * LANE + 4;
  const bars = ['thinker', 'writer'].flatMap((stream) =>
    spans(steps, (step) => step.rows.some((row) => row.stream === stream)).map(
      ([from, to]) =>
        `<rect class="${stream}" x="${fixed(x(from))}" y="${y(stream === 'thinker' ? 'think' : 'write') + (LANE - BAR) / 2 - 4}" width="${fixed(Math.max(1.5, x(to) - x(from)))}" height="${BAR}" rx="2"><title>steps ${from} to ${to - 1}</title></rect>`,
    ),
  );
  const typed = setup.events
    .filter(({ kind }) => kind === 'append_input' || kind === 'edit_input' || kind === 'next_turn')
    .map(
      ({ step, kind }) =>
        `<rect class="user" x="${fixed(x(step))}" y="${y('keys')}" width="2.5" height="${BAR}"><title>${escapeHtml(kind.replace('_', ' '))} in front of step ${step}</title></rect>`,
    );
  const probes = steps.flatMap(({ step, probe }) =>
    probe === undefined
      ? []
      : [
          `<text class="probe" x="${fixed(x(step + 0.5))}" y="${y('probe') + 12}" text-anchor="middle">${probe.yes ? '+' : '−'}<title>step ${step}: score ${probe.score.toFixed(3)}, ${probe.yes ? 'write on' : 'wait'}</title></text>`,
        ],
  );
  const names = LANES.map((lane) => `<text class="lane" x="0" y="${y(lane) + 12}">${lane}</text>`);
  const mark =
    marked === null
      ? ''
      : `<line class="mark" x1="${fixed(x(marked))}" x2="${fixed(x(marked))}" y1="0" y2="${height - 24}"/><text class="mark-text" x="${fixed(x(marked) + 4)}" y="${height - 26}">first difference</text>`;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of ${steps.length} steps">${names.join('')}${bars.join('')}${typed.join('')}${probes.join('')}${mark}${axis(steps.length, x, height)}</svg>`;
}

/** @type {(numSteps: number, x: (step: number) => number, height: number) => string} */
function axis(numSteps, x, height) {
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000].find((size) => numSteps / size <= MAX_TICKS) ?? 10_000;
  const ticks = Array.from({ length: Math.floor(numSteps / every) + 1 }, (_, i) => i * every);
  const marks = ticks.map(
    (step) =>
      `<line class="tick" x1="${fixed(x(step))}" x2="${fixed(x(step))}" y1="0" y2="${height - 24}"/><text class="lane" x="${fixed(x(step))}" y="${height - 10}" text-anchor="middle">${step}</text>`,
  );
  return `${marks.join('')}<text class="lane" x="0" y="${height - 10}">step</text>`;
}

/** Neighbouring steps that are alike. @type {(steps: readonly Step[], isOn: (step: Step) => boolean) => [from: number, to: number][]} */
export function spans(steps, isOn) {
  /** @type {[number, number][]} */
  const found = [];
  for (const [i, step] of steps.entries()) {
    if (!isOn(step)) continue;
    const last = found.at(-1);
    if (last !== undefined && last[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  }
  return found;
}

/** @type {(value: number) => string} */
function fixed(value) {
  return value.toFixed(1);
}
