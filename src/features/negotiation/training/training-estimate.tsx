import { useEffect, useRef, type ReactElement } from 'react';
import { assertNever } from '@/lib/assert.ts';
import { FAILURES } from '@/protocol/failures.ts';
import type { NegotiationTrainingEstimate } from '@/protocol/negotiation-training.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes, formatDuration } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';

/** What the form as it stands would take, once it was asked. */
export function TrainingEstimateView(): ReactElement | null {
  const asked = useAppState((state) => state.trainingEstimate);
  switch (asked.phase) {
    case 'none':
      return null;
    case 'running':
      return <p role="status">Timing a few tokens and one layer on this device.</p>;
    case 'failed':
      return <Notice what="There is no estimate" why={asked.failure.message} remedy={FAILURES[asked.failure.code]} />;
    case 'known':
      return <Known estimate={asked.estimate} />;
    default:
      return assertNever(asked);
  }
}

function Known({ estimate }: { readonly estimate: NegotiationTrainingEstimate }): ReactElement {
  const { update, seconds, tokens, context } = estimate;
  const hasRoom = context.needed <= context.free;
  const section = useRef<HTMLElement>(null);
  // It stands below the button that asked for it.
  useEffect(() => {
    // Newer browsers return a promise, which is no clean-up.
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section className="training-estimate" ref={section} aria-labelledby="training-estimate">
      <h3 id="training-estimate">At most, if every dialogue uses all it may</h3>
      {!update.fits && (
        <Notice
          what="The update does not fit on the device"
          why={update.reasons.join(' ')}
          remedy="Choose fewer tokens a pass, a smaller rank, or shorter utterances."
        />
      )}
      <dl className="training-estimate__facts">
        <Line name="The run" value={`about ${formatDuration(seconds.run)}`} />
        <Line
          name="A step"
          value={`${formatDuration(seconds.step)}: dialogues ${formatDuration(seconds.rollout)}, judge ${seconds.judge === 0 ? 'not known' : formatDuration(seconds.judge)}, update ${formatDuration(seconds.update)}`}
        />
        <Line
          name="Tokens of a step"
          value={`${tokens.written.toLocaleString('en')} written, ${tokens.trained.toLocaleString('en')} trained`}
        />
        <Line
          name="GPU memory"
          value={`${formatBytes(update.bytes.total)} besides the model: adapter and optimiser ${formatBytes(update.bytes.adapter + update.bytes.gradients + update.bytes.optimizer)}, activations ${formatBytes(update.bytes.activations)}`}
        />
        <Line
          name="Context"
          value={`${context.needed.toLocaleString('en')} tokens for the longest row; ${context.free.toLocaleString('en')} are free${hasRoom ? '' : '. Load the model with a longer context'}`}
        />
      </dl>
    </section>
  );
}

function Line({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
