import type { ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { tokensPerSecond, type ReasoningView } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Fact } from '@/ui/fact.tsx';
import { formatRate, formatSeconds } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';
import { Section } from '@/ui/section.tsx';
import { StreamText } from '@/ui/stream-text.tsx';
import { STARTER_QUESTIONS } from './starter-questions.ts';

/** The reply, and in its place the first questions or what went wrong. */
export function Answer({ onChoose }: { readonly onChoose: (question: string) => void }): ReactElement {
  const text = useAppState((state) => state.reasoning.writerText);
  const isIdle = useAppState((state) => state.reasoning.phase === 'idle' && state.draft.trim() === '');
  const isGrowing = useAppState((state) => isStreamGrowing(state.reasoning, 'writer'));
  const runFailure = useAppState((state) => state.reasoning.failure);
  const modelFailure = useAppState((state) => state.model.failure);
  const failure = runFailure ?? modelFailure;
  return (
    <Section title="Answer" actor="writer" className="answer" facts={<AnswerFacts />}>
      {failure !== null && (
        <Notice
          what={runFailure === null ? 'The model was not loaded.' : 'The run failed.'}
          why={failure.message}
          remedy={FAILURES[failure.code]}
        />
      )}
      <StreamText
        label="Answer"
        testId="answer"
        size="large"
        text={text}
        isGrowing={isGrowing}
        isAnnounced
        empty={isIdle ? <FirstQuestions onChoose={onChoose} /> : <AnswerPending />}
      />
    </Section>
  );
}

function AnswerPending(): ReactElement | null {
  const isThinking = useAppState((state) => state.reasoning.phase === 'running' && state.reasoning.sentMs === null);
  const isSent = useAppState((state) => state.reasoning.sentMs !== null && state.reasoning.phase === 'running');
  if (isThinking) return <p className="answer__hint">The writer begins after Enter, once the probe says yes.</p>;
  if (isSent) return <p className="answer__hint">The writer waits for the probe.</p>;
  return null;
}

function FirstQuestions({ onChoose }: { readonly onChoose: (question: string) => void }): ReactElement {
  return (
    <div className="starters">
      <p className="starters__lead">
        The model begins to think while you type. After Enter it answers here and goes on thinking beside its answer.
      </p>
      <ul>
        {STARTER_QUESTIONS.map((question) => (
          <li key={question}>
            <button type="button" onClick={() => onChoose(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function AnswerFacts(): ReactElement {
  const numTokens = useAppState((state) => state.reasoning.writerTokens);
  const rate = useAppState((state) => rateText(state.reasoning, 'writer'));
  const [firstValue = '', firstUnit = ''] = useAppState((state) => firstTokenText(state.reasoning)).split('\n');
  return (
    <>
      <Fact
        value={firstValue}
        unit={firstUnit}
        meaning="Time from Enter to the first token of the answer. Before Enter: time since the run began."
      />
      <Fact value={String(numTokens)} unit="tokens" meaning="Tokens of the answer so far." />
      <Fact value={rate} unit="tok/s" meaning="Answer tokens per second over the last 24 steps of the writer." />
    </>
  );
}

/** What only the model reads. */
export function Thoughts(): ReactElement {
  const text = useAppState((state) => state.reasoning.thinkerText);
  const numTokens = useAppState((state) => state.reasoning.thinkerTokens);
  const rate = useAppState((state) => rateText(state.reasoning, 'thinker'));
  const isGrowing = useAppState((state) => isStreamGrowing(state.reasoning, 'thinker'));
  return (
    <Section
      title="Thoughts"
      gloss="private"
      actor="thinker"
      className="thoughts"
      facts={
        <>
          <Fact value={String(numTokens)} unit="tokens" meaning="Tokens that the thinker has made so far." />
          <Fact value={rate} unit="tok/s" meaning="Thinker tokens per second over its last 24 steps." />
        </>
      }
    >
      <StreamText
        label="Thoughts, private"
        testId="thoughts"
        size="medium"
        text={text}
        isGrowing={isGrowing}
        isAnnounced={false}
        empty={<p className="thoughts__hint">The thinker writes here. The writer reads it; nobody else is meant to.</p>}
      />
    </Section>
  );
}

function isStreamGrowing(view: ReasoningView, stream: 'thinker' | 'writer'): boolean {
  if (view.phase !== 'running') return false;
  return view.state === 'thinkerAndWriter' || view.state === (stream === 'thinker' ? 'thinkerOnly' : 'writerOnly');
}

function rateText(view: ReasoningView, stream: 'thinker' | 'writer'): string {
  const rate = tokensPerSecond(view.steps, stream);
  return rate === null ? '\u2013' : formatRate(rate);
}

/** Value and unit, separated by a line end, so that the selector gives a plain string. */
function firstTokenText({ firstAnswerMs, sentMs }: ReasoningView): string {
  if (firstAnswerMs === null) return '\u2013\ns to first token';
  if (sentMs === null || firstAnswerMs < sentMs)
    return `${formatSeconds(firstAnswerMs)}\ns to first token, before Enter`;
  return `${formatSeconds(firstAnswerMs - sentMs)}\ns to first token`;
}
