import { Button } from '@mantine/core';
import { useRef, type ReactElement } from 'react';

interface FileButtonProps {
  readonly label: string;
  /** Of the file input. */
  readonly name: string;
  readonly accept: string;
  readonly title?: string;
  readonly isDisabled?: boolean;
  readonly onFile: (file: File) => void;
}

/** Chooses one file. */
export function FileButton({ label, name, accept, title, isDisabled = false, onFile }: FileButtonProps): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button variant="default" disabled={isDisabled} title={title} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        accept={accept}
        className="visually-hidden"
        aria-label={name}
        tabIndex={-1}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) onFile(file);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
