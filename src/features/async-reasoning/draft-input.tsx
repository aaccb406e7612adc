import { Button } from '@mantine/core';
import type { ChangeEvent, CompositionEvent, KeyboardEvent, ReactElement, RefObject } from 'react';
import { inputModeOf, isRunActive, type InputMode } from '@/state/reasoning-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { isSendKey } from '@/ui/is-send-key.ts';
import { Section } from '@/ui/section.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

interface DraftInputProps {
  readonly run: ReasoningRun;
  readonly inputRef: RefObject<HTMLTextAreaElement | null>;
}

interface ModeTexts {
  readonly name: string;
  readonly gloss: string;
  readonly keys: string;
  readonly button: string;
}

const MODES: Readonly<Record<InputMode, ModeTexts>> = {
  question: {
    name: 'Your question',
    gloss: 'typing is already input',
    keys: 'Enter sends, Shift + Enter breaks the line',
    button: 'Send',
  },
  remark: {
    name: 'Add a remark',
    gloss: 'read at once, writing goes on',
    keys: 'Enter adds it to the run',
    button: 'Add',
  },
  followUp: {
    name: 'Ask a follow-up',
    gloss: 'typing is already input',
    keys: 'Enter sends, Shift + Enter breaks the line',
    button: 'Send',
  },
};

/** The text box. Every change is input already; Enter says that it is finished. It is never locked. */
export function DraftInput({ run, inputRef }: DraftInputProps): ReactElement {
  const store = useAppStore();
  const draft = useAppState((state) => state.draft);
  const mode = useAppState((state) => inputModeOf(state.live));
  const past = usePast();
  const canRun = useAppState((state) => state.model.device?.available !== false);
  const { name, gloss, keys, button } = past === null ? MODES[mode] : { ...MODES[mode], ...past.texts };
  const backToNow = (): void => {
    if (past?.source === 'live') store.getState().playbackClosed();
  };

  const onChange = (event: ChangeEvent<HTMLTextAreaElement>): void => {
    const { nativeEvent } = event;
    run.typed(event.currentTarget.value, nativeEvent instanceof InputEvent && nativeEvent.isComposing);
  };
  // Chrome's last input event comes before the composition ends.
  const onCompositionEnd = (event: CompositionEvent<HTMLTextAreaElement>): void => run.typed(event.currentTarget.value);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (past !== null) {
      // What is typed goes into the text as it is now; Enter only leaves the past.
      if (event.key === 'Enter') event.preventDefault();
      if (isEdit(event)) backToNow();
      return;
    }
    if (!isSendKey(event)) return;
    event.preventDefault();
    run.submitted(event.currentTarget.value);
  };

  return (
    <Section title="You" gloss={gloss} actor="user" className="question" facts={<DraftFacts />}>
      <textarea
        ref={inputRef}
        data-lesson="question-input"
        className="question__input"
        dir="auto"
        aria-label={name}
        placeholder={placeholderOf(mode, past)}
        value={past?.draft ?? draft}
        readOnly={past !== null}
        onPointerDown={backToNow}
        onChange={onChange}
        onCompositionEnd={onCompositionEnd}
        onKeyDown={onKeyDown}
      />
      <ReadingBar />
      <div className="question__foot">
        <span className="question__keys">
          {canRun || past !== null ? keys : 'No live run here: Runs has recorded ones'}
        </span>
        <EditQuestion run={run} inputRef={inputRef} />
        <Button
          className="question__send"
          onClick={() => {
            run.submitted(draft);
            inputRef.current?.focus();
          }}
          disabled={past !== null || !canRun || draft.trim() === ''}
        >
          {button}
        </Button>
      </div>
    </Section>
  );
}

interface Past {
  readonly source: 'live' | 'recording';
  readonly draft: string;
  readonly texts: Pick<ModeTexts, 'name' | 'gloss' | 'keys'>;
}

const PAST_TEXTS: Readonly<Record<Past['source'], Past['texts']>> = {
  live: {
    name: 'Your text, as it stood then',
    gloss: 'as it stood then',
    keys: 'Typing goes back to now',
  },
  recording: {
    name: 'Recorded text',
    gloss: 'recorded, as it was typed',
    keys: 'This box is filled by the recording',
  },
};

function placeholderOf(mode: InputMode, past: Past | null): string {
  if (past !== null) return 'Empty at this moment';
  return mode === 'question' ? 'Type a question' : MODES[mode].name;
}

/** What the box shows while something other than now is shown. */
function usePast(): Past | null {
  const source = useAppState((state) => state.playback?.source);
  const draft = useAppState((state) => state.playback?.draft ?? '');
  return source === undefined ? null : { source, draft, texts: PAST_TEXTS[source] };
}

/** A key that changes the text, cut and paste included. */
function isEdit({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (key.length === 1) return !(ctrlKey || metaKey) || /^[vxzy]$/i.test(key);
  return ['Enter', 'Backspace', 'Delete', 'Process', 'Unidentified'].includes(key);
}

function DraftFacts(): ReactElement {
  const draftTokens = useAppState((state) => state.reasoning.draftTokens);
  const heldBackTokens = useAppState((state) => state.reasoning.heldBackTokens);
  return (
    <>
      <Fact
        value={draftTokens.toLocaleString('en')}
        unit="tokens live"
        meaning="Tokens of your text that stand in the input block and that the thinker reads."
      />
      <Fact
        value={String(heldBackTokens)}
        unit="held back"
        meaning="Tokens of the word you have not finished. They go in with the next word, after a rest or with Enter, so that they need not be taken out again."
      />
    </>
  );
}

/** How far a long text has been read. */
function ReadingBar(): ReactElement | null {
  const reading = useAppState((state) => state.reasoning.reading);
  if (reading === null) return null;
  const { doneTokens, totalTokens } = reading;
  return (
    <div
      className="question__reading"
      role="progressbar"
      aria-label="Reading your text"
      aria-valuemin={0}
      aria-valuemax={totalTokens}
      aria-valuenow={doneTokens}
      aria-valuetext={`${doneTokens} of ${totalTokens} tokens`}
    >
      <span style={{ width: `${(doneTokens / totalTokens) * 100}%` }} />
    </div>
  );
}

/** After a run was stopped its question can be taken up again. */
function EditQuestion({ run, inputRef }: Pick<DraftInputProps, 'run' | 'inputRef'>): ReactElement | null {
  const question = useAppState((state) => state.live.question);
  const isOffered = useAppState(
    ({ live, draft, playback }) => playback === null && live.phase !== 'idle' && !isRunActive(live) && draft === '',
  );
  if (!isOffered || question === '') return null;
  return (
    <Button
      variant="default"
      className="question__edit"
      onClick={() => {
        run.typed(question);
        inputRef.current?.focus();
      }}
    >
      Edit question
    </Button>
  );
}
