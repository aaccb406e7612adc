/** Metrics of a training over its steps, one small chart each. */
import { dot, linear, path, short, svg, text, line } from './chart-parts.mjs';

/** Those that are looked at, by the names of TRL and of fine-tuning. @type {Readonly<Record<string, string>>} */
const CHARTED = {
  loss: 'loss',
  reward: 'reward',
  reward_std: 'standard deviation of the reward',
  kl: 'KL to the reference',
  entropy: 'entropy',
  grad_norm: 'gradient norm',
  gradNorm: 'gradient norm',
  'clip_ratio/region_mean': 'share of clipped tokens',
  'completions/mean_length': 'mean length, tokens',
};
const NAME = /^step(\d+)\.(.+)$/;
const WIDTH = 300;
const HEIGHT = 112;
const BOX = { left: 8, right: 292, top: 28, bottom: 88 };

/** @typedef {Readonly<Record<string, number>>} Metrics  `step1.loss` and so on */

/**
 * @param {Metrics} metrics
 * @param {Metrics} stored  the baseline's, drawn behind them
 * @returns {string[]} SVGs; none of a single step, which is no course
 */
export function trainingSvgs(metrics, stored) {
  return Object.entries(CHARTED).flatMap(([key, title]) => {
    const points = pointsOf(metrics, key);
    return points.length < 2 ? [] : [chart(title, points, pointsOf(stored, key))];
  });
}

/** @typedef {readonly [step: number, value: number]} Point */

/** @type {(metrics: Metrics, key: string) => Point[]} */
function pointsOf(metrics, key) {
  return Object.entries(metrics)
    .flatMap(([name, value]) => {
      const [, step, what] = NAME.exec(name) ?? [];
      return what === key && Number.isFinite(value) ? [/** @type {const} */ ([Number(step), value])] : [];
    })
    .toSorted(([a], [b]) => a - b);
}

/** @type {(title: string, points: readonly Point[], before: readonly Point[]) => string} */
function chart(title, points, before) {
  const steps = points.map(([step]) => step);
  const values = [...points, ...before].map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = linear(Math.min(...steps), Math.max(...steps), BOX.left + 4, BOX.right - 4);
  const y = low === high ? () => (BOX.top + BOX.bottom) / 2 : linear(low, high, BOX.bottom - 4, BOX.top + 4);
  const at = (/** @type {Point} */ [step, value]) => /** @type {const} */ ([x(step), y(value)]);
  const [first, last] = [points[0]?.[1] ?? 0, points.at(-1)?.[1] ?? 0];
  const inside = before.filter(([step]) => step >= Math.min(...steps) && step <= Math.max(...steps));
  return svg(
    HEIGHT,
    `${title} over ${points.length} steps: from ${short(first)} to ${short(last)}`,
    [
      text(BOX.left, 16, title, 'start', 'plain'),
      text(BOX.right, 16, `${short(first)} to ${short(last)}`, 'end'),
      line('tick', [BOX.left, BOX.top], [BOX.right, BOX.top]),
      line('tick', [BOX.left, BOX.bottom], [BOX.right, BOX.bottom]),
      path('stored', inside.map(at)),
      path('course', points.map(at)),
      ...points.map(([step, value]) => dot('course-dot', at([step, value]), `step ${step}: ${short(value)}`)),
      text(BOX.left, 104, `step ${Math.min(...steps)}`),
      text(BOX.right, 104, String(Math.max(...steps)), 'end'),
    ],
    WIDTH,
  );
}
