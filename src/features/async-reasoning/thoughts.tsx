import { useMemo, type ReactElement } from 'react';
import { chosenStepOf } from '@/state/attention-slice.ts';
import { isFresh, type AffectedThoughts } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { readThoughtsNow } from '@/state/what-it-read.ts';
import { Fact } from '@/ui/fact.tsx';
import { Section } from '@/ui/section.tsx';
import type { TextTint } from '@/ui/stream-paragraphs.ts';
import { StreamText, type StreamInsert } from '@/ui/stream-text.tsx';
import { Said } from './conversation.tsx';
import { Live } from './live.tsx';
import { isStreamGrowing, thinkerRateText, thinkerTokensText } from './stream-facts.ts';

/** What only the model reads. */
export function Thoughts(): ReactElement {
  return (
    <Section
      title="Thoughts"
      gloss="private, for the writer"
      actor="thinker"
      className="thoughts"
      lesson="thoughts"
      facts={
        <>
          <Fact
            value={<Live text={thinkerTokensText} />}
            unit="tokens"
            meaning="Tokens that the thinker has made in this turn."
          />
          <Fact
            value={<Live text={thinkerRateText} />}
            unit="tok/s"
            meaning="Thinker tokens per second over its last 24 steps."
          />
        </>
      }
    >
      <ThoughtsText />
      <AffectedNote />
    </Section>
  );
}

function ThoughtsText(): ReactElement {
  const text = useAppState((state) => state.reasoning.thinkerText);
  const staleRanges = useAppState((state) => state.reasoning.staleRanges);
  const isGrowing = useAppState((state) => isStreamGrowing(state.reasoning, 'thinker'));
  return (
    <StreamText
      label="Thoughts, private"
      testId="thoughts"
      size="medium"
      text={text}
      marks={staleRanges}
      inserts={useRemarks()}
      tints={useReadThoughts(text)}
      isGrowing={isGrowing}
      isAnnounced={false}
      empty={<p className="thoughts__hint">The thinker writes here, from your first words on.</p>}
    />
  );
}

const NONE: readonly never[] = [];

/** What the writer read most of it, as long as that picture is open. */
function useReadThoughts(text: string): readonly TextTint[] {
  const isShown = useAppState((state) => state.picture === 'whatItRead');
  const traceSteps = useAppState((state) => (isShown ? state.reasoning.traceSteps : NONE));
  const steps = useAppState((state) => (isShown ? state.reasoning.steps : NONE));
  const setup = useAppState((state) => state.reasoning.setup);
  const chosenStep = useAppState(chosenStepOf);
  return useMemo(() => {
    if (!isShown) return NONE;
    const ranges = readThoughtsNow({ traceSteps, steps, setup }, chosenStep, text);
    const largest = Math.max(...ranges.map(({ mass }) => mass));
    return ranges.map(({ from, to, mass }) => ({ from, to, share: mass / largest }));
  }, [isShown, traceSteps, steps, setup, chosenStep, text]);
}

/** Remarks, where the thinker was told of them. */
function useRemarks(): readonly StreamInsert[] {
  const remarks = useAppState((state) => state.reasoning.remarks);
  return useMemo(
    () =>
      remarks.flatMap(({ text, thinkerOffset }) =>
        thinkerOffset === null ? [] : [{ at: thinkerOffset, node: <Said text={text} /> }],
      ),
    [remarks],
  );
}

/** What became of thoughts that were formed on text since changed. Its place is kept, so that nothing jumps. */
function AffectedNote(): ReactElement {
  const affected = useAppState((state) => state.reasoning.affected);
  const isMarked = useAppState((state) => state.reasoning.staleRanges.length > 0);
  const isNew = useAppState(
    ({ reasoning }) => reasoning.affected !== null && isFresh(reasoning.affected, reasoning.elapsedMs),
  );
  const isShown = affected !== null && (affected.policy === 'keep' ? isMarked : isNew);
  return (
    <p className="thoughts__note" role="status">
      {isShown && (
        <>
          {affected.policy === 'keep' && <s aria-hidden="true">abc</s>}
          {affectedText(affected)}
        </>
      )}
    </p>
  );
}

export function affectedText({ policy, cause, tokens }: AffectedThoughts): string {
  const thoughts = tokens === 1 ? '1 thought' : `${tokens.toLocaleString('en')} thoughts`;
  if (cause === 'growth') return `Begun anew: your question has outgrown ${thoughts}.`;
  switch (policy) {
    case 'keep':
      return `${thoughts} formed on text you have changed, kept.`;
    case 'rewind':
      return `Rolled back ${thoughts} formed on text you have changed.`;
    case 'restart':
      return `Dropped ${thoughts} formed on text you have changed.`;
    default:
      return policy satisfies never;
  }
}
