import { Button, CopyButton } from '@mantine/core';
import type { ReactElement } from 'react';

/** Puts a message on the clipboard. */
export function CopyText({ text, what }: { readonly text: string; readonly what: string }): ReactElement {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="subtle" size="compact-xs" aria-label={copied ? 'Copied' : `Copy the ${what}`} onClick={copy}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </CopyButton>
  );
}
