import type { ReactElement } from 'react';

export interface PictureTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** More rows on a page help nobody; a file has all. */
const MAX_ROWS = 200;

/** The numbers of a picture; of a long one the last rows. */
export function PictureTableView({
  title,
  table,
}: {
  readonly title: string;
  readonly table: PictureTable;
}): ReactElement {
  const { columns, rows } = table;
  const first = Math.max(0, rows.length - MAX_ROWS);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard
    <div className="picture__table" tabIndex={0} role="region" aria-label={`${title}, table`}>
      {rows.length === 0 && <p>No data yet.</p>}
      {first > 0 && (
        <p>
          The last {MAX_ROWS} of {rows.length.toLocaleString('en')} rows. Save as CSV for all.
        </p>
      )}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(first).map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- a row has no other name than its place
              <tr key={first + index}>
                {row.map((value, column) => (
                  <td key={columns[column]} data-number={typeof value === 'number'}>
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
