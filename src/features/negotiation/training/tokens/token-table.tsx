import type { ReactElement } from 'react';
import { PagedTable } from '@/ui/paged-table.tsx';
import type { TrainedToken } from './said-tokens.ts';
import { TABLE_COLUMNS, tableRow } from './token-texts.ts';

interface TokenTableProps {
  readonly title: string;
  readonly tokens: readonly TrainedToken[];
}

/** The trained tokens of a dialogue in numbers. */
export function TokenTable({ title, tokens }: TokenTableProps): ReactElement {
  return (
    <PagedTable
      title={title}
      what="Tokens"
      columns={TABLE_COLUMNS}
      numRows={tokens.length}
      rowOf={(index) => {
        const token = tokens[index];
        return token === undefined ? [] : tableRow(token, index + 1);
      }}
    />
  );
}
