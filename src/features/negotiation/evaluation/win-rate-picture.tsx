import type { CSSProperties, ReactElement } from 'react';
import { Picture } from '@/ui/picture.tsx';
import {
  PLOT_FRAME,
  plotAlternative,
  plotTable,
  ROW_HEIGHT,
  SHAPES,
  winRatePlot,
  type PlotMark,
  type PlotRow,
} from './win-rate-plot.ts';

/** Win rates with their intervals around 50 %, the paper's beside ours. */
export function WinRatePicture({ rows }: { readonly rows: readonly PlotRow[] }): ReactElement {
  const heights = {
    '--plot-wide': `${rows.length * ROW_HEIGHT.wide + PLOT_FRAME}px`,
    '--plot-narrow': `${rows.length * ROW_HEIGHT.narrow + PLOT_FRAME}px`,
  };
  return (
    <div className="contest-picture" style={heights as CSSProperties}>
      <Picture
        name="duet-win-rates"
        title="Win rates"
        gloss="Of the comparisons that count. An interval across 50 % tells nothing apart."
        alternative={plotAlternative(rows)}
        table={() => plotTable(rows)}
        isScrollable
      >
        {({ width }) => <Drawing rows={rows} width={width} />}
      </Picture>
    </div>
  );
}

function Drawing({ rows, width }: { readonly rows: readonly PlotRow[]; readonly width: number }): ReactElement {
  const plot = winRatePlot(rows, width);
  return (
    <svg width={plot.width} height={plot.height} aria-hidden="true">
      {plot.marks.map((mark, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a mark has no other name than its place
        <Mark key={index} mark={mark} />
      ))}
    </svg>
  );
}

function Mark({ mark }: { readonly mark: PlotMark }): ReactElement {
  if (mark.kind === 'line') {
    const [[x1, y1], [x2, y2]] = [mark.from, mark.to];
    return <line className={`contest-plot__${mark.look}`} x1={x1} y1={y1} x2={x2} y2={y2} />;
  }
  if (mark.kind === 'shape') {
    const { look, x, y } = mark;
    return <path className={`contest-plot__${look}`} d={SHAPES[look]} transform={`translate(${x} ${y})`} />;
  }
  return (
    <text className={`contest-plot__${mark.look}`} x={mark.x} y={mark.y} textAnchor={mark.anchor}>
      {mark.text}
    </text>
  );
}
