import './picture.css';
import { Button, Menu } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useRef, useState, type ReactElement, type ReactNode } from 'react';
import { csvText } from '@/lib/write-csv.ts';
import { Dialog } from './dialog.tsx';
import { pngOf, svgText } from './export-picture.ts';
import { PictureTableView, type PictureTable } from './picture-table.tsx';
import { saveFile } from './save-file.ts';

/** Pixels that a picture has. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

interface PictureProps {
  /** Stem of the files that it is saved as, such as 'duet-timeline'. */
  readonly name: string;
  readonly title: string;
  /** One line on what is seen. */
  readonly gloss: string;
  /** What the picture says, for those who do not see it. */
  readonly alternative: string;
  /** The same data in numbers: on the page and as CSV. A function is asked only when somebody wants to see it. */
  readonly table?: PictureTable | (() => PictureTable);
  /** Numbers, at the right end of the head. */
  readonly facts?: ReactNode;
  /** Where it may be larger than its place and has no controls of its own, so that it can be scrolled by keyboard. */
  readonly isScrollable?: boolean;
  /** What the picture is set with, above it. */
  readonly controls?: ReactNode;
  /** What it says about the place that is pointed at, below it. */
  readonly below?: ReactNode;
  /**
   * One SVG of that width and height; it may be higher, then it scrolls. One without controls of its own is
   * `aria-hidden`: the alternative speaks for it. Parts with `data-export="no"` are left out of files.
   */
  readonly children: (size: PictureSize) => ReactElement;
}

type View = 'picture' | 'table';

/** A picture with a text alternative, that can be saved, read as a table, and shown on the whole screen. */
export function Picture(props: PictureProps): ReactElement {
  const [isLarge, setIsLarge] = useState(false);
  return (
    <>
      {!isLarge && <PictureFigure {...props} onLarge={() => setIsLarge(true)} />}
      <Dialog title={props.title} isOpen={isLarge} onClose={() => setIsLarge(false)} isLocked={false} isFullScreen>
        <div className="picture-large">
          <PictureFigure {...props} onLarge={null} />
        </div>
      </Dialog>
    </>
  );
}

interface PictureFigureProps extends PictureProps {
  /** Null when it is large already. */
  readonly onLarge: (() => void) | null;
}

function PictureFigure(props: PictureFigureProps): ReactElement {
  const { name, title, gloss, alternative, table, facts, controls, below, onLarge, children } = props;
  const scrolling =
    props.isScrollable === true ? { role: 'group', tabIndex: 0, 'aria-label': `${title}, drawing` } : {};
  const [view, setView] = useState<View>('picture');
  const [problem, setProblem] = useState('');
  const { ref: sizeRef, width, height } = useElementSize();
  const area = useRef<HTMLDivElement>(null);

  const draw = (): string => {
    const svg = area.current?.querySelector('svg');
    if (svg === null || svg === undefined) throw new Error('There is no picture yet.');
    const background = getComputedStyle(svg).getPropertyValue('--surface');
    return svgText(svg, { title, description: alternative, background });
  };
  const save = (extension: string, make: () => Blob | Promise<Blob>): void => {
    setProblem('');
    const attempt = async (): Promise<void> => saveFile(`${name}.${extension}`, await make());
    attempt().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };

  return (
    <figure className="picture" aria-label={title}>
      <div className="picture__head">
        <span className="picture__gloss">{gloss}</span>
        {facts !== undefined && <div className="picture__facts">{facts}</div>}
        <PictureMenu
          title={title}
          view={view}
          table={table}
          onView={setView}
          onLarge={onLarge}
          onSvg={() => save('svg', () => new Blob([draw()], { type: 'image/svg+xml' }))}
          onPng={() => save('png', () => pngOf(draw()))}
          onCsv={({ columns, rows }) =>
            save('csv', () => new Blob([csvText([columns, ...rows])], { type: 'text/csv' }))
          }
        />
      </div>
      {problem !== '' && (
        <p className="picture__problem" role="alert">
          {problem}
        </p>
      )}
      {view === 'table' && table !== undefined ? (
        <PictureTableView title={title} table={tableOf(table)} />
      ) : (
        <>
          {controls !== undefined && <div className="picture__controls">{controls}</div>}
          <div className="picture__area" ref={area} {...scrolling}>
            <div className="picture__size" ref={sizeRef} />
            {width > 0 && height > 0 && children({ width: Math.floor(width), height: Math.floor(height) })}
          </div>
          {below !== undefined && <div className="picture__below">{below}</div>}
        </>
      )}
      <figcaption className="visually-hidden">{alternative}</figcaption>
    </figure>
  );
}

function tableOf(table: PictureTable | (() => PictureTable)): PictureTable {
  return typeof table === 'function' ? table() : table;
}

interface PictureMenuProps {
  readonly title: string;
  readonly table: PictureProps['table'] | undefined;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onLarge: (() => void) | null;
  readonly onSvg: () => void;
  readonly onPng: () => void;
  readonly onCsv: (table: PictureTable) => void;
}

function PictureMenu({ title, table, view, onView, onLarge, onSvg, onPng, onCsv }: PictureMenuProps): ReactElement {
  const isTable = view === 'table';
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" size="compact-xs" className="picture__menu" aria-label={`Export: ${title}`}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={isTable} onClick={onSvg}>
          Save as SVG
        </Menu.Item>
        <Menu.Item disabled={isTable} onClick={onPng}>
          Save as PNG
        </Menu.Item>
        {table !== undefined && (
          <>
            <Menu.Item onClick={() => onCsv(tableOf(table))}>Save as CSV</Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => onView(isTable ? 'picture' : 'table')}>
              {isTable ? 'Show as picture' : 'Show as table'}
            </Menu.Item>
          </>
        )}
        {onLarge !== null && <Menu.Item onClick={onLarge}>Show large</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
