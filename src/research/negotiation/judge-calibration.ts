/** How far two judges, or two runs of one, agree on the same answers, in the figures of the paper's Table 7. */
import type {
  JudgeAgreement,
  JudgeComparison,
  JudgeComparisonEvent,
  JudgedAnswer,
} from '@/protocol/negotiation-api.ts';
import { at } from '@/lib/assert.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { type Judge, SCORES } from './judge.ts';

/** Scores of one answer by both judges. */
export type ScorePair = readonly [first: number, second: number];

export function judgeAgreement(pairs: readonly ScorePair[]): JudgeAgreement {
  const count = pairs.length;
  const rounded = pairs.map(([first, second]): ScorePair => [Math.round(first), Math.round(second)]);
  const share = (isHit: (distance: number) => boolean): number | null =>
    count === 0 ? null : rounded.filter(([first, second]) => isHit(Math.abs(first - second))).length / count;
  const conditionalMeans = SCORES.map((score) => {
    const seconds = pairs.filter((_, i) => at(rounded, i)[0] === score).map(([, second]) => second);
    return { score, count: seconds.length, mean: mean(seconds) };
  });
  return {
    count,
    exact: share((distance) => distance === 0),
    withinOne: share((distance) => distance <= 1),
    pearson: pearson(pairs),
    quadraticKappa: quadraticKappa(rounded),
    means: count === 0 ? null : [mean(pairs.map(([first]) => first)), mean(pairs.map(([, second]) => second))],
    conditionalMeans: conditionalMeans.filter((entry) => entry.count > 0),
  };
}

/**
 * Pearson's correlation.
 *
 *   r = sum (x - mx)(y - my) / sqrt( sum (x - mx)^2 sum (y - my)^2 )
 */
function pearson(pairs: readonly ScorePair[]): number | null {
  const [mx, my] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
    xy += (x - mx) * (y - my);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

/**
 * Cohen's kappa with quadratic weights: one minus the mean squared distance of the scores, over what it would be if the
 * judges' scores were put together at random.
 *
 *   kappa = 1 - sum_i (x_i - y_i)^2 n / sum_i sum_j (x_i - y_j)^2
 */
function quadraticKappa(pairs: readonly ScorePair[]): number | null {
  const observed = pairs.reduce((sum, [x, y]) => sum + (x - y) ** 2, 0) * pairs.length;
  const expected = pairs.reduce((sum, [x]) => sum + pairs.reduce((inner, [, y]) => inner + (x - y) ** 2, 0), 0);
  return expected > 0 ? 1 - observed / expected : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Gives both judges the same answers. One judge twice shows its own noise.
 *
 * @throws {DOMException} 'AbortError' once the signal has fired; whatever the judges throw
 */
export async function* compareJudges(
  judges: readonly [Judge, Judge],
  answers: readonly JudgedAnswer[],
  signal?: AbortSignal,
): AsyncGenerator<Extract<JudgeComparisonEvent, { readonly kind: 'compared' }>, JudgeComparison> {
  const all: (readonly [JudgeVerdict, JudgeVerdict])[] = [];
  for (const [index, answer] of answers.entries()) {
    signal?.throwIfAborted();
    const verdicts = [await judges[0].score(answer, signal), await judges[1].score(answer, signal)] as const;
    all.push(verdicts);
    yield { kind: 'compared', index, total: answers.length, verdicts, agreement: judgeAgreement(scoredBoth(all)) };
  }
  const unreadableBy = (judge: 0 | 1): number =>
    all.filter((verdicts) => verdicts[judge].state === 'unreadable').length;
  return {
    judges: [judges[0].name, judges[1].name],
    verdicts: all,
    agreement: judgeAgreement(scoredBoth(all)),
    numUnreadable: [unreadableBy(0), unreadableBy(1)],
  };
}

function scoredBoth(verdicts: readonly (readonly [JudgeVerdict, JudgeVerdict])[]): ScorePair[] {
  return verdicts.flatMap(([first, second]): ScorePair[] =>
    first.state === 'scored' && second.state === 'scored' ? [[first.score, second.score]] : [],
  );
}
