import { Button, Textarea } from '@mantine/core';
import type { KeyboardEvent, ReactElement, RefObject } from 'react';
import { isRunActive } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { Section } from '@/ui/section.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

interface DraftInputProps {
  readonly run: ReasoningRun;
  readonly inputRef: RefObject<HTMLTextAreaElement | null>;
}

/** The question. Every change is input already; Enter only says that it is finished. */
export function DraftInput({ run, inputRef }: DraftInputProps): ReactElement {
  const draft = useAppState((state) => state.draft);
  const draftTokens = useAppState((state) => state.reasoning.draftTokens);
  const heldBackTokens = useAppState((state) => state.reasoning.heldBackTokens);
  const isSent = useAppState((state) => state.reasoning.sentMs !== null && isRunActive(state.reasoning));

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    run.submitted(draft);
  };

  return (
    <Section
      title="You"
      gloss="typing is already input"
      actor="user"
      className="question"
      facts={
        <>
          <Fact
            value={String(draftTokens)}
            unit="tokens live"
            meaning="Tokens of your text that stand in the input block and that the thinker reads."
          />
          <Fact
            value={String(heldBackTokens)}
            unit="held back"
            meaning="Tokens of the word you have not finished. They go in with the next word or with Enter, so that they need not be taken out again."
          />
        </>
      }
    >
      <Textarea
        ref={inputRef}
        className="question__field"
        classNames={{ wrapper: 'question__wrapper', input: 'question__input' }}
        variant="unstyled"
        aria-label="Your question"
        placeholder="Type a question"
        value={draft}
        readOnly={isSent}
        onChange={(event) => run.typed(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className="question__foot">
        <span className="question__keys">
          {isSent ? 'Sent. Stop the run to change it.' : 'Enter sends, Shift + Enter breaks the line'}
        </span>
        <Button onClick={() => run.submitted(draft)} disabled={isSent || draft.trim() === ''}>
          {isSent ? 'Sent' : 'Send'}
        </Button>
      </div>
    </Section>
  );
}
