import { useMemo, type ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { Notice } from '@/ui/notice.tsx';
import { Section } from '@/ui/section.tsx';
import { StreamText, type StreamInsert } from '@/ui/stream-text.tsx';
import { ContextFullNotice } from './context-full-notice.tsx';
import { EarlierTurns, RemarkNote, Said } from './conversation.tsx';
import { Live } from './live.tsx';
import { ReadAloud } from './read-aloud.tsx';
import { starterQuestions } from './starter-questions.ts';
import { isStreamGrowing, writerRateText, writerTokensText } from './stream-facts.ts';
import { WatchRecorded } from './runs/watch-recorded.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';
import { WaitComparison } from './wait-comparison.tsx';

interface AnswerProps {
  readonly run: ReasoningRun;
  readonly onChoose: (question: string) => void;
  /** Loads the same model with room for so many tokens. */
  readonly onReload: (contextLength: number) => void;
}

/** The conversation with the reply that is being written, and in its place the first questions or what went wrong. */
export function Answer({ run, onChoose, onReload }: AnswerProps): ReactElement {
  return (
    <Section
      title="Answer"
      gloss="written beside the thoughts, not after them"
      actor="writer"
      className="answer"
      facts={
        <>
          <Fact value={<Live text={writerTokensText} />} unit="tokens" meaning="Tokens of the answer so far." />
          <Fact
            value={<Live text={writerRateText} />}
            unit="tok/s"
            meaning="Answer tokens per second over the last 24 steps of the writer."
          />
        </>
      }
    >
      <FailureNotice />
      <ContextFullNotice run={run} onReload={onReload} />
      <AnswerText onChoose={onChoose} />
      <div className="answer__foot">
        <WaitComparison />
        <ReadAloud run={run} />
      </div>
    </Section>
  );
}

function AnswerText({ onChoose }: Pick<AnswerProps, 'onChoose'>): ReactElement {
  const text = useAppState((state) => state.reasoning.writerText);
  const isIdle = useAppState((state) => state.reasoning.phase === 'idle' && state.draft.trim() === '');
  const isGrowing = useAppState((state) => isStreamGrowing(state.reasoning, 'writer'));
  return (
    <StreamText
      label="Answer"
      testId="answer"
      size="large"
      text={text}
      isGrowing={isGrowing}
      isAnnounced
      before={useConversation()}
      inserts={useRemarks(text)}
      empty={isIdle ? <FirstQuestions onChoose={onChoose} /> : <AnswerPending />}
    />
  );
}

function useConversation(): ReactElement | null {
  const turns = useAppState((state) => state.reasoning.turns);
  const question = useAppState((state) => state.reasoning.question);
  return useMemo(() => {
    if (turns.length === 0 && question === '') return null;
    return (
      <>
        <EarlierTurns turns={turns} />
        {question !== '' && <Said text={question} />}
      </>
    );
  }, [turns, question]);
}

/** Remarks where the answer stood when they were read; those that were not read yet at its end. */
function useRemarks(text: string): readonly StreamInsert[] {
  const remarks = useAppState((state) => state.reasoning.remarks);
  // Without a remark the inserts do not depend on the text, which changes every frame.
  const end = remarks.length === 0 ? 0 : text.length;
  return useMemo(
    () => remarks.map((remark) => ({ at: remark.writerOffset ?? end, node: <RemarkNote remark={remark} /> })),
    [remarks, end],
  );
}

function FailureNotice(): ReactElement | null {
  const runFailure = useAppState((state) => state.reasoning.failure);
  const modelFailure = useAppState(({ model }) => (model.status === 'failed' ? model.failure : null));
  const failure = runFailure ?? modelFailure;
  if (failure === null) return null;
  return (
    <Notice
      what={runFailure === null ? 'The model was not loaded.' : 'The run failed.'}
      why={failure.message}
      remedy={FAILURES[failure.code]}
    />
  );
}

function AnswerPending(): ReactElement | null {
  const isRunning = useAppState((state) => state.reasoning.phase === 'running');
  const isSent = useAppState((state) => state.reasoning.sentMs !== null);
  if (!isRunning) return null;
  return (
    <p className="answer__hint">
      {isSent ? 'The writer waits for the probe.' : 'The writer begins after Enter, once the probe says yes.'}
    </p>
  );
}

function FirstQuestions({ onChoose }: { readonly onChoose: (question: string) => void }): ReactElement {
  const info = useAppState((state) => state.model.info);
  const isWithoutGpu = useAppState((state) => state.model.device?.available === false);
  if (isWithoutGpu) {
    return (
      <div className="starters">
        <p className="starters__lead">
          No model can run in this browser. A recorded run shows how it thinks from the first words on, and answers
          beside its thoughts.
        </p>
        <WatchRecorded />
      </div>
    );
  }
  return (
    <div className="starters">
      <p className="starters__lead">
        The model thinks from your first words on. After Enter it answers here and thinks beside it. Type, or try:
      </p>
      <ul>
        {starterQuestions(info).map((question) => (
          <li key={question}>
            <button type="button" onClick={() => onChoose(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
      <WatchRecorded />
    </div>
  );
}
