import type { ReactElement } from 'react';
import type { ResultCell, ResultRow, ResultTable } from './result-tables.ts';

/** A table of results; what is the paper's is marked as theirs. Narrow, a row becomes a small list. */
export function ResultTableView({ table }: { readonly table: ResultTable }): ReactElement {
  const { id, title, gloss, columns, rows } = table;
  return (
    <section className="contest__part" aria-labelledby={`contest-${id}`}>
      <h3 id={`contest-${id}`}>{title}</h3>
      <table
        className="contest-table"
        data-paired={columns.some(({ isPaper }) => isPaper)}
        aria-labelledby={`contest-${id}`}
      >
        <caption>{gloss}</caption>
        <thead>
          <tr>
            {columns.map(({ label, isPaper }) => (
              <th key={`${label} ${isPaper}`} scope="col" data-paper={isPaper}>
                {label} {isPaper && <PaperTag />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.head} ${row.headDetail}`} row={row} columns={columns} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly row: ResultRow;
  readonly columns: ResultTable['columns'];
}

function Row({ row: { head, headDetail, cells, isPaper }, columns }: RowProps): ReactElement {
  return (
    <tr data-paper={isPaper}>
      <th scope="row">
        {head} {isPaper && <PaperTag />}
        {headDetail !== '' && <small>{headDetail}</small>}
      </th>
      {cells.map((cell, index) => {
        const column = columns[index + 1];
        return <Cell key={`${column?.label} ${column?.isPaper}`} cell={cell} label={column?.label ?? ''} />;
      })}
    </tr>
  );
}

function Cell({
  cell: { text, detail, isPaper },
  label,
}: {
  readonly cell: ResultCell;
  readonly label: string;
}): ReactElement {
  return (
    <td data-paper={isPaper} data-none={text === '–'} data-label={isPaper ? `${label}, paper` : label}>
      {text}
      {detail !== '' && <small>{detail}</small>}
    </td>
  );
}

function PaperTag(): ReactElement {
  return <span className="contest-tag">paper</span>;
}
