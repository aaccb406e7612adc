import type { ReactElement } from 'react';
import type { JudgeAgreement } from '@/protocol/negotiation-api.ts';
import { Picture, type PictureSize } from '@/ui/picture.tsx';
import { axisPlace, jitterOf, type ScorePair } from './judge-picture-data.ts';

interface JudgeScatterProps {
  readonly pairs: readonly ScorePair[];
  readonly conditionalMeans: JudgeAgreement['conditionalMeans'];
  readonly judges: readonly [string, string];
}

const MARGIN = { top: 8, right: 8, bottom: 36, left: 40 };
const SCORES = [0, 1, 2, 3, 4, 5] as const;
const MAX_NAME = 34;

/** Each answer at both judges' scores, and B's mean over each score of A. */
export function JudgeScatter({ pairs, conditionalMeans, judges }: JudgeScatterProps): ReactElement {
  return (
    <div className="judge-picture">
      <Picture
        name="duet-judges-scatter"
        title="Both scores of each answer"
        gloss="Points: answers, a little apart. Diamonds: B’s mean. Dashed: equal."
        alternative={alternativeOf(pairs, conditionalMeans)}
        table={{
          columns: ['answer', `A: ${judges[0]}`, `B: ${judges[1]}`],
          rows: pairs.map(({ name, first, second }) => [name, round(first), round(second)]),
        }}
      >
        {(size) => <Drawing size={size} pairs={pairs} conditionalMeans={conditionalMeans} judges={judges} />}
      </Picture>
    </div>
  );
}

function round(score: number): number {
  return Number(score.toFixed(3));
}

function alternativeOf(pairs: readonly ScorePair[], means: JudgeAgreement['conditionalMeans']): string {
  const parts = means.map(({ score, count, mean }) => `${score}: ${mean.toFixed(2)} (${count})`);
  return `${pairs.length} answers. B’s mean where A gave a score: ${parts.join(', ')}.`;
}

function Drawing({
  size,
  pairs,
  conditionalMeans,
  judges,
}: JudgeScatterProps & { readonly size: PictureSize }): ReactElement {
  const width = Math.max(1, size.width - MARGIN.left - MARGIN.right);
  const height = Math.max(1, size.height - MARGIN.top - MARGIN.bottom);
  const x = (score: number): number => axisPlace(score, width);
  const y = (score: number): number => height - axisPlace(score, height);
  const line = conditionalMeans.map(({ score, mean }) => `${x(score)},${y(mean)}`).join(' ');
  return (
    <svg width={size.width} height={size.height} aria-hidden="true">
      <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
        {SCORES.map((score) => (
          <g key={score}>
            <line className="judge-picture__grid" x1={0} x2={width} y1={y(score)} y2={y(score)} />
            <line className="judge-picture__grid" x1={x(score)} x2={x(score)} y1={0} y2={height} />
            <text x={-8} y={y(score) + 4} textAnchor="end">
              {score}
            </text>
            <text x={x(score)} y={height + 16} textAnchor="middle">
              {score}
            </text>
          </g>
        ))}
        <text x={width} y={height + 32} textAnchor="end">
          {axisTitle('A', judges[0])}
        </text>
        <text transform={`translate(-28 0) rotate(-90)`} textAnchor="end">
          {axisTitle('B', judges[1])}
        </text>
        <line className="judge-picture__equal" x1={x(-0.5)} y1={y(-0.5)} x2={x(5.5)} y2={y(5.5)} />
        {pairs.map(({ first, second }, index) => {
          const [dx, dy] = jitterOf(index);
          return (
            <circle
              // oxlint-disable-next-line react/no-array-index-key -- the same answer may come twice
              key={index}
              className="judge-picture__point"
              cx={x(first + dx)}
              cy={y(second + dy)}
              r={4}
            />
          );
        })}
        <polyline className="judge-picture__means" points={line} />
        {conditionalMeans.map(({ score, mean }) => (
          <path
            key={score}
            className="judge-picture__mean"
            d="M0 -6L6 0L0 6L-6 0Z"
            transform={`translate(${x(score)} ${y(mean)})`}
          />
        ))}
      </g>
    </svg>
  );
}

function axisTitle(letter: string, name: string): string {
  return `CA by ${letter}: ${name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name}`;
}
