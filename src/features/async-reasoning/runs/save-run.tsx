import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';

const LONGEST_NAME = 200;

/** Keeps the page's own run, as it is now, under a name. */
export function SaveRun({ onSave }: { readonly onSave: (name: string) => Promise<void> }): ReactElement {
  const question = useAppState(({ live }) => live.turns[0]?.question ?? live.question);
  const hasRun = useAppState(({ live }) => live.steps.length > 0 && live.phase !== 'failed');
  const [typed, setTyped] = useState<string | null>(null);
  const name = (typed ?? question).trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (hasRun && name !== '') void onSave(name.slice(0, LONGEST_NAME)).then(() => setTyped(null));
  };
  return (
    <form className="runs__save" onSubmit={submit}>
      <TextInput
        label="Save your run as"
        placeholder={hasRun ? 'A name' : 'Ask something first'}
        maxLength={LONGEST_NAME}
        disabled={!hasRun}
        value={typed ?? question}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!hasRun || name === ''}>
        Save
      </Button>
    </form>
  );
}
