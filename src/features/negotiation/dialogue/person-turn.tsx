import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import type { DialogueView } from '@/state/negotiation-view.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { isSendKey } from '@/ui/is-send-key.ts';
import { useNegotiationRun } from '../negotiation-run-context.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';

interface PersonTurnProps {
  /** The form is about to go. */
  readonly onSent: () => void;
  readonly dialogue: DialogueView;
  readonly awaiting: NonNullable<DialogueView['awaiting']>;
}

/** Where a person speaks for a side. */
export function PersonTurn({ dialogue, awaiting, onSent }: PersonTurnProps): ReactElement {
  const run = useNegotiationRun();
  const [text, setText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  const { role, turn } = awaiting;
  const { row } = dialogue;
  // Whoever reads this dialogue is asked to speak; the keyboard is not taken from anywhere else.
  useEffect(() => {
    const active = document.activeElement;
    const isHere = input.current?.closest('.dialogue')?.contains(active) === true;
    if (isHere || active === document.body) input.current?.focus();
  }, []);
  const send = (): void => {
    if (text.trim() === '') return;
    run.say({ row, role }, text.trim());
    onSent();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (!isSendKey(event)) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      className="bubble edit-box"
      data-actor={role}
      aria-label="Your turn"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <header className="bubble__head">
        <ActorMark actor={role} />
        <strong>Your turn</strong>
        <span>
          you speak for {PERSONA_NAMES[role]}, turn {turn}
        </span>
      </header>
      <textarea
        ref={input}
        dir="auto"
        rows={3}
        aria-label={`What ${PERSONA_NAMES[role]} says`}
        placeholder="What do you say?"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className="edit-box__foot">
        <span>Enter sends, Shift + Enter begins a new line.</span>
        <Button variant="default" onClick={() => run.release({ row, role })}>
          Give back
        </Button>
        <Button type="submit" disabled={text.trim() === ''}>
          Send
        </Button>
      </div>
    </form>
  );
}
