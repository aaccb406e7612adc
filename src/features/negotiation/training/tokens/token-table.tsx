// The table's look.
import '@/ui/picture.css';
import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { PictureTableView } from '@/ui/picture-table.tsx';
import type { TrainedToken } from './said-tokens.ts';
import { TABLE_COLUMNS, tableRow } from './token-texts.ts';

const ROWS_PER_PAGE = 200;

interface TokenTableProps {
  readonly title: string;
  readonly tokens: readonly TrainedToken[];
}

/** The trained tokens of a dialogue in numbers, some hundreds at a time. */
export function TokenTable({ title, tokens }: TokenTableProps): ReactElement {
  const [chosen, setChosen] = useState(0);
  const numPages = Math.max(1, Math.ceil(tokens.length / ROWS_PER_PAGE));
  const page = Math.min(chosen, numPages - 1);
  const first = page * ROWS_PER_PAGE;
  const shown = tokens.slice(first, first + ROWS_PER_PAGE);
  return (
    <div className="token-table">
      {numPages > 1 && (
        <div className="token-table__pages">
          <Button variant="default" size="compact-xs" disabled={page === 0} onClick={() => setChosen(page - 1)}>
            Earlier
          </Button>
          <span role="status">
            Tokens {first + 1} to {first + shown.length} of {tokens.length.toLocaleString('en')}
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
        table={{ columns: TABLE_COLUMNS, rows: shown.map((token, index) => tableRow(token, first + index + 1)) }}
      />
    </div>
  );
}
