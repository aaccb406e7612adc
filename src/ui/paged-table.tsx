import './picture.css';
import './paged-table.css';
import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { PictureTableView, type PictureTable } from './picture-table.tsx';

const ROWS_PER_PAGE = 200;

interface PagedTableProps {
  readonly title: string;
  /** What the rows are, such as "Tokens". */
  readonly what: string;
  readonly columns: PictureTable['columns'];
  readonly numRows: number;
  readonly rowOf: (index: number) => PictureTable['rows'][number];
}

/** A long table, some hundreds of rows at a time. */
export function PagedTable({ title, what, columns, numRows, rowOf }: PagedTableProps): ReactElement {
  const [chosen, setChosen] = useState(0);
  const numPages = Math.max(1, Math.ceil(numRows / ROWS_PER_PAGE));
  const page = Math.min(chosen, numPages - 1);
  const first = page * ROWS_PER_PAGE;
  const numShown = Math.min(ROWS_PER_PAGE, numRows - first);
  return (
    <div className="paged-table">
      {numPages > 1 && (
        <div className="paged-table__pages">
          <Button variant="default" size="compact-xs" disabled={page === 0} onClick={() => setChosen(page - 1)}>
            Earlier
          </Button>
          <span role="status">
            {what} {first + 1} to {first + numShown} of {numRows.toLocaleString('en')}
          </span>
          <Button
            variant="default"
            size="compact-xs"
            disabled={page === numPages - 1}
            onClick={() => setChosen(page + 1)}
          >
            Later
          </Button>
        </div>
      )}
      <PictureTableView
        title={title}
        table={{ columns, rows: Array.from({ length: numShown }, (_, index) => rowOf(first + index)) }}
      />
    </div>
  );
}
