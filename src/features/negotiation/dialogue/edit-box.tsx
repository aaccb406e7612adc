import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { Utterance } from '@/protocol/negotiation-run.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';

interface EditBoxProps {
  readonly utterance: Utterance;
  readonly onBranch: (text: string) => void;
  readonly onCancel: () => void;
}

/** An utterance that is said otherwise; the dialogue goes on from it as a branch. */
export function EditBox({ utterance, onBranch, onCancel }: EditBoxProps): ReactElement {
  const { role, turn } = utterance;
  const [text, setText] = useState(utterance.text);
  const input = useRef<HTMLTextAreaElement>(null);
  // The button that opened it is gone.
  useEffect(() => input.current?.focus(), []);
  const name = `${PERSONA_NAMES[role]}, turn ${turn}`;
  return (
    <form
      className="bubble edit-box"
      data-actor={role}
      aria-label={`Edit ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') onBranch(text.trim());
      }}
    >
      <header className="bubble__head">
        <ActorMark actor={role} />
        <strong>{name}</strong>
        <span>what is said instead</span>
      </header>
      <textarea
        ref={input}
        dir="auto"
        rows={4}
        aria-label={`What ${name} says instead`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onCancel();
        }}
      />
      <div className="edit-box__foot">
        <span>The dialogue goes on from here as a branch; this one stays as it is.</span>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" disabled={text.trim() === ''}>
          Branch
        </Button>
      </div>
    </form>
  );
}
