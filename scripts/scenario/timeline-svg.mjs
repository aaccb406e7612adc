/** A run of Thinking as lanes over its steps: what was typed, thought, written and probed. */
import { AXIS, countAxis, fixed, mark, stepScale, svg, text, WIDTH } from './chart-parts.mjs';
import { escapeHtml } from './escape.mjs';

/**
 * @typedef {import('../../src/protocol/reasoning.ts').ReasoningTrace} Trace
 * @typedef {import('../../src/protocol/reasoning.ts').TraceStep} Step
 */

const LANE = 26;
const BAR = 14;
const LANES = ['keys', 'think', 'write', 'probe'];

/**
 * @param {Trace} trace
 * @param {number | null} marked  a step to be pointed at
 * @returns {string} SVG
 */
export function timelineSvg({ setup, result: { steps } }, marked) {
  const height = LANES.length * LANE + AXIS;
  const x = stepScale(steps.length);
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
  const names = LANES.map((lane) => text(0, y(lane) + 12, lane));
  return svg(height, `Timeline of ${steps.length} steps`, [
    ...names,
    ...bars,
    ...typed,
    ...probes,
    mark(marked, x, height),
    markWords(marked, x, height),
    countAxis(steps.length, x, height, 'step'),
  ]);
}

/** The charts below it have the line alone. @type {(marked: number | null, x: (step: number) => number, height: number) => string} */
function markWords(marked, x, height) {
  if (marked === null) return '';
  const at = x(marked);
  const isLate = at > WIDTH - 110;
  return text(at + (isLate ? -4 : 4), height - 26, 'first difference', isLate ? 'end' : 'start', 'mark-text');
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
