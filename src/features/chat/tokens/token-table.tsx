import type { ReactElement } from 'react';
import type { ChatToken } from '@/protocol/chat.ts';
import { csvText } from '@/lib/write-csv.ts';
import { PagedTable } from '@/ui/paged-table.tsx';
import { saveText } from '@/ui/save-file.ts';
import { TOKEN_COLUMNS, TOKEN_CSV_COLUMNS, tokenLine, tokenRow } from './token-texts.ts';

/** All tokens of an answer in numbers. */
export function TokenTable({ tokens }: { readonly tokens: readonly ChatToken[] }): ReactElement {
  return (
    <PagedTable
      title="Tokens of this answer"
      what="Tokens"
      columns={TOKEN_COLUMNS}
      numRows={tokens.length}
      rowOf={(index) => {
        const token = tokens[index];
        return token === undefined ? [] : tokenRow(token, index + 1);
      }}
    />
  );
}

export function saveTokens(tokens: readonly ChatToken[]): void {
  const lines = tokens.map((token, index) => tokenLine(token, index + 1));
  saveText('duet-chat-tokens.csv', 'text/csv', csvText([TOKEN_CSV_COLUMNS, ...lines]));
}
