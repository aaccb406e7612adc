import type { ReactElement } from 'react';
import { Picture, type PictureSize } from '@/ui/picture.tsx';
import { confusionOf, type ScorePair } from './judge-picture-data.ts';

interface ConfusionMapProps {
  readonly pairs: readonly ScorePair[];
  readonly judges: readonly [string, string];
}

const MARGIN = { top: 8, right: 8, bottom: 36, left: 40 };
const SCORES = [0, 1, 2, 3, 4, 5] as const;

/** How often A gave one score and B another, rounded. */
export function ConfusionMap({ pairs, judges }: ConfusionMapProps): ReactElement {
  const counts = confusionOf(pairs);
  return (
    <div className="judge-picture">
      <Picture
        name="duet-judges-confusion"
        title="How often each pair of scores occurs"
        gloss="Rounded scores, number of answers. Outlined: equal."
        alternative={alternativeOf(counts)}
        table={{
          columns: [`A: ${judges[0]}`, ...SCORES.map((score) => `B ${score}`)],
          rows: counts.map((row, score) => [score, ...row]),
        }}
      >
        {(size) => <Drawing size={size} counts={counts} />}
      </Picture>
    </div>
  );
}

function alternativeOf(counts: readonly (readonly number[])[]): string {
  const parts = counts.flatMap((row, first) =>
    row.flatMap((count, second) => (count > 0 ? [`A ${first}, B ${second}: ${count}`] : [])),
  );
  return `Answers by rounded scores. ${parts.join('; ')}.`;
}

interface DrawingProps {
  readonly size: PictureSize;
  readonly counts: readonly (readonly number[])[];
}

function Drawing({ size, counts }: DrawingProps): ReactElement {
  const width = Math.max(1, size.width - MARGIN.left - MARGIN.right);
  const height = Math.max(1, size.height - MARGIN.top - MARGIN.bottom);
  const [cellWidth, cellHeight] = [width / 6, height / 6];
  const most = Math.max(1, ...counts.flat());
  return (
    <svg width={size.width} height={size.height} aria-hidden="true">
      <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
        {counts.map((row, first) =>
          row.map((count, second) => {
            const share = count / most;
            return (
              // oxlint-disable-next-line react/no-array-index-key -- the places are the scores
              <g key={`${first} ${second}`} transform={`translate(${first * cellWidth} ${(5 - second) * cellHeight})`}>
                <rect
                  className="judge-picture__cell"
                  data-equal={first === second}
                  x={1}
                  y={1}
                  width={cellWidth - 2}
                  height={cellHeight - 2}
                  fillOpacity={count === 0 ? 0 : 0.2 + 0.8 * share}
                />
                {count > 0 && (
                  <text
                    className="judge-picture__count"
                    data-strong={share > 0.45}
                    x={cellWidth / 2}
                    y={cellHeight / 2 + 4}
                    textAnchor="middle"
                  >
                    {count}
                  </text>
                )}
              </g>
            );
          }),
        )}
        {SCORES.map((score) => (
          <g key={score}>
            <text x={(score + 0.5) * cellWidth} y={height + 16} textAnchor="middle">
              {score}
            </text>
            <text x={-8} y={(5.5 - score) * cellHeight + 4} textAnchor="end">
              {score}
            </text>
          </g>
        ))}
        <text x={width} y={height + 32} textAnchor="end">
          CA by A
        </text>
        <text transform="translate(-28 0) rotate(-90)" textAnchor="end">
          CA by B
        </text>
      </g>
    </svg>
  );
}
