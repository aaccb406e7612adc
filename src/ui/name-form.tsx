import './name-form.css';
import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react';

interface NameFormProps {
  readonly name: string;
  readonly maxLength: number;
  /** Null: the old name stays. */
  readonly onDone: (name: string | null) => void;
}

/** A new name for something in a list, in the place of the old one. */
export function NameForm({ name, maxLength, onDone }: NameFormProps): ReactElement {
  const [text, setText] = useState(name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onDone(text.trim() === '' ? null : text.trim());
  };
  return (
    <form className="name-form" onSubmit={submit}>
      <TextInput
        aria-label="New name"
        // Escape leaves the name; the dialog around it stays open.
        data-mantine-stop-propagation="true"
        size="xs"
        maxLength={maxLength}
        ref={field}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone(null);
        }}
      />
      <Button size="compact-sm" type="submit">
        Keep name
      </Button>
    </form>
  );
}
