/** How clear the choices of a run of Thinking were: top-2 margins of both streams, and scores of the probe. */
import { NEAR_TIE } from '../../playwright/explain.mjs';
import {
  AXIS,
  countAxis,
  dot,
  fixed,
  LEFT,
  line,
  linear,
  mark,
  path,
  RIGHT,
  short,
  stepScale,
  svg,
  text,
  WIDTH,
} from './chart-parts.mjs';

/**
 * @typedef {import('../../src/protocol/reasoning.ts').ReasoningTrace} Trace
 * @typedef {import('../../src/protocol/reasoning.ts').TraceStep} Step
 * @typedef {import('./chart-parts.mjs').Scale} Scale
 */

const STREAMS = /** @type {const} */ (['thinker', 'writer']);
const FORMS = /** @type {const} */ ({ thinker: 'circle', writer: 'square' });
const MARGINS = { top: 8, height: 130 };
const SCORES = { top: 10, height: 80 };
/** Of margins; smaller ones are drawn there. */
const SMALLEST = 0.01;

/**
 * On a logarithmic scale: a near tie is a small one.
 *
 * @param {Trace} trace
 * @param {Trace | null} stored  the baseline's, drawn behind it
 * @param {number | null} marked  a step to be pointed at
 * @returns {string} SVG
 */
export function marginsSvg({ result: { steps } }, stored, marked) {
  const x = stepScale(steps.length);
  const before = (stored?.result.steps ?? []).slice(0, steps.length);
  const margins = [...steps, ...before].flatMap(({ rows }) => rows.map(({ margin }) => margin));
  const largest = 10 ** Math.ceil(Math.log10(Math.max(1, ...margins)));
  const bottom = MARGINS.top + MARGINS.height;
  const log = linear(Math.log10(SMALLEST), Math.log10(largest), bottom, MARGINS.top);
  const y = (/** @type {number} */ margin) => log(Math.log10(Math.max(SMALLEST, margin)));
  const decades = Array.from({ length: Math.round(Math.log10(largest / SMALLEST)) + 1 }, (_, i) => SMALLEST * 10 ** i);
  const radius = Math.min(2.5, Math.max(1, (x(1) - x(0)) / 3));
  const dots = steps.flatMap(({ step, rows }) =>
    rows.map(({ stream, margin }) => {
      const isTie = margin < NEAR_TIE;
      const words = `step ${step}, ${stream}: margin ${short(margin)}${isTie ? ', a near tie' : ''}`;
      return dot(
        isTie ? `${stream} tied` : stream,
        [x(step + 0.5), y(margin)],
        words,
        FORMS[stream],
        isTie ? radius + 1 : radius,
      );
    }),
  );
  const numTies = steps.flatMap(({ rows }) => rows.filter(({ margin }) => margin < NEAR_TIE)).length;
  const height = bottom + AXIS;
  return svg(height, `Top-2 margins over ${steps.length} steps; ${numTies} near ties`, [
    `<rect class="tie" x="${LEFT}" y="${fixed(y(NEAR_TIE))}" width="${WIDTH - LEFT - RIGHT}" height="${fixed(bottom - y(NEAR_TIE))}"/>`,
    ...decades.map(
      (value) =>
        `${line('tick', [LEFT, y(value)], [WIDTH - RIGHT, y(value)])}${text(LEFT - 6, y(value) + 4, short(value), 'end')}`,
    ),
    countAxis(steps.length, x, height, 'step'),
    ...STREAMS.map((stream) => path('stored', marginsOf(before, stream, x, y))),
    ...STREAMS.map((stream) => path(`${stream} trend`, marginsOf(steps, stream, x, y))),
    ...dots,
    mark(marked, x, height),
  ]);
}

/** @type {(steps: readonly Step[], stream: 'thinker' | 'writer', x: Scale, y: Scale) => (readonly [number, number] | null)[]} */
function marginsOf(steps, stream, x, y) {
  return steps.map(({ step, rows }) => {
    const row = rows.find((one) => one.stream === stream);
    return row === undefined ? null : [x(step + 0.5), y(row.margin)];
  });
}

/**
 * Each against what it had to be above.
 *
 * @param {Trace} trace
 * @param {Trace | null} stored
 * @param {number | null} marked
 * @returns {string | null} SVG; null without a probe
 */
export function scoresSvg({ result: { steps } }, stored, marked) {
  const probes = probesOf(steps);
  if (probes.length === 0) return null;
  const before = probesOf((stored?.result.steps ?? []).slice(0, steps.length));
  const x = stepScale(steps.length);
  const values = [...probes, ...before].flatMap(({ score, limit }) => [score, limit]);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const bottom = SCORES.top + SCORES.height;
  const y = low === high ? linear(-1, 1, bottom, SCORES.top) : linear(low, high, bottom, SCORES.top);
  const height = bottom + AXIS;
  const ends = low === high ? [0] : [low, high];
  return svg(height, `Scores of ${probes.length} probes, ${probes.filter(({ yes }) => yes).length} of them yes`, [
    ...ends.map(
      (value) =>
        `${line('tick', [LEFT, y(value)], [WIDTH - RIGHT, y(value)])}${text(LEFT - 6, y(value) + 4, short(value), 'end')}`,
    ),
    countAxis(steps.length, x, height, 'step'),
    path('limit', [
      [LEFT, y(probes[0]?.limit ?? 0)],
      ...probes.map(({ step, limit }) => /** @type {const} */ ([x(step + 0.5), y(limit)])),
      [WIDTH - RIGHT, y(probes.at(-1)?.limit ?? 0)],
    ]),
    ...before.map(({ step, score }) =>
      dot('stored ring', [x(step + 0.5), y(score)], `baseline, step ${step}: ${short(score)}`, 'circle', 5),
    ),
    ...probes.map(({ step, score, limit, yes }) => {
      const at = /** @type {const} */ ([x(step + 0.5), y(score)]);
      const words = `step ${step}: score ${short(score)} against ${short(limit)}, ${yes ? 'write on' : 'wait'}${Math.abs(score - limit) < NEAR_TIE ? ', a near tie' : ''}`;
      return `${line('stem', [at[0], y(limit)], at)}${dot(yes ? 'probe' : 'probe ring', at, words, 'circle', 3.5)}`;
    }),
    mark(marked, x, height),
  ]);
}

/** @type {(steps: readonly Step[]) => { step: number, score: number, limit: number, yes: boolean }[]} */
function probesOf(steps) {
  return steps.flatMap(({ step, probe }) =>
    probe === undefined ? [] : [{ step, score: probe.score, limit: probe.limit ?? 0, yes: probe.yes }],
  );
}
