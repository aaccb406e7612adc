import { Button } from '@mantine/core';
import { useRef, type ReactElement } from 'react';

/** Chooses an adapter's file or files. */
export function ImportButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button variant="default" onClick={() => input.current?.click()}>
        Import
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        accept=".zip,.safetensors,.json,application/zip"
        className="visually-hidden"
        aria-label="Adapter files"
        tabIndex={-1}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          if (files.length > 0) onFiles(files);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
