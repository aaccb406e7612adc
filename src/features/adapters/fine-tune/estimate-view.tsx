import { Button } from '@mantine/core';
import { useEffect, useRef, type CSSProperties, type ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import type { FineTuneEstimate, TrainingEstimate } from '@/protocol/training-api.ts';
import type { TrainingSettings } from '@/protocol/training.ts';
import { withSuggestion } from '@/state/fine-tune-form.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes, formatDuration } from '@/ui/format.ts';
import { Notice } from '@/ui/notice.tsx';

type Part = Exclude<keyof TrainingEstimate['bytes'], 'total'>;

const PARTS: readonly { readonly key: Part; readonly name: string; readonly tone: string }[] = [
  { key: 'adapter', name: 'Adapter', tone: 'var(--ink-soft)' },
  { key: 'gradients', name: 'Gradients', tone: 'var(--actor-user)' },
  { key: 'optimizer', name: 'Optimiser’s moments', tone: 'var(--actor-thinker)' },
  { key: 'activations', name: 'Activations', tone: 'var(--actor-writer)' },
];

/** What the form as it stands would take, once it was asked. */
export function EstimateView(): ReactElement | null {
  const asked = useAppState((state) => state.fineTuneEstimate);
  if (asked.phase === 'none') return null;
  if (asked.phase === 'running') {
    return <p role="status">Reading the examples, and timing one layer on this device.</p>;
  }
  if (asked.phase === 'failed') {
    const { code, message } = asked.failure;
    return <Notice what="There is no estimate" why={message} remedy={FAILURES[code]} />;
  }
  return <Known read={asked.estimate} />;
}

function Known({ read }: { readonly read: FineTuneEstimate }): ReactElement {
  const steps = useAppState((state) => state.fineTuneForm.steps) ?? 0;
  const { estimate } = read;
  const { bytes, secondsPerStep } = estimate;
  const section = useRef<HTMLElement>(null);
  // On a narrow page the button that asked may be far below.
  useEffect(() => {
    // Newer browsers return a promise, which is no clean-up.
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section className="estimate" ref={section} aria-labelledby="estimate">
      <h3 id="estimate">Estimate</h3>
      {!estimate.fits && <Refusal estimate={estimate} />}
      <dl className="estimate__facts">
        <div>
          <dt>Examples</dt>
          <dd>
            {read.numExamples.toLocaleString('en')}, {read.numTokens.toLocaleString('en')} tokens
          </dd>
        </div>
        <div>
          <dt>A step</dt>
          <dd>
            {estimate.numTokens.toLocaleString('en')} tokens in {estimate.numPasses}{' '}
            {estimate.numPasses === 1 ? 'pass' : 'passes'}
          </dd>
        </div>
        <div>
          <dt>Time</dt>
          <dd>
            about {secondsPerStep < 10 ? secondsPerStep.toFixed(1) : Math.round(secondsPerStep)} s a step,{' '}
            {formatDuration(secondsPerStep * steps)} for {steps} {steps === 1 ? 'step' : 'steps'}
          </dd>
        </div>
        <div>
          <dt>Largest buffer</dt>
          <dd>
            {formatBytes(estimate.largestBufferBytes)} of {formatBytes(estimate.largestBufferLimitBytes)} allowed
          </dd>
        </div>
        <div>
          <dt>GPU memory</dt>
          <dd>{formatBytes(bytes.total)} besides the model</dd>
        </div>
      </dl>
      <div className="estimate__bar" aria-hidden="true">
        {PARTS.map(({ key, tone }) => (
          <span key={key} style={{ '--tone': tone, flexGrow: bytes[key] } as CSSProperties} />
        ))}
      </div>
      <ul className="estimate__parts">
        {PARTS.map(({ key, name, tone }) => (
          <li key={key} style={{ '--tone': tone } as CSSProperties}>
            {name} {formatBytes(bytes[key])}
          </li>
        ))}
      </ul>
      <ReadNotes notes={read.notes} />
    </section>
  );
}

function Refusal({ estimate }: { readonly estimate: TrainingEstimate }): ReactElement {
  const form = useAppState((state) => state.fineTuneForm);
  const change = useAppState((state) => state.fineTuneFormChanged);
  const { suggestions } = estimate;
  return (
    <Notice
      what="This does not fit on the device"
      why={estimate.reasons.map(readableBytes).join(' ')}
      remedy={
        suggestions.length === 0
          ? 'No other settings would fit. Take shorter texts, fewer examples per step, or an adapter of a smaller rank.'
          : 'These settings would fit:'
      }
      action={
        suggestions.length > 0 && (
          <span className="estimate__suggestions">
            {suggestions.map(({ settings, totalBytes }) => (
              <Button
                key={JSON.stringify(settings)}
                variant="default"
                h="auto"
                py={4}
                styles={{ label: { lineHeight: 1.4, whiteSpace: 'normal' } }}
                onClick={() => change(withSuggestion(form, settings))}
              >
                Use {suggestionText(settings)}: {formatBytes(totalBytes)}
              </Button>
            ))}
          </span>
        )
      }
    />
  );
}

/** The engine names bytes one by one. */
function readableBytes(reason: string): string {
  return reason.replaceAll(/(\d{4,}) bytes/g, (_, digits: string) => formatBytes(Number(digits)));
}

function suggestionText({ gradientCheckpointing, logitChunkSize, tokensPerPass }: Partial<TrainingSettings>): string {
  return [
    ...(tokensPerPass === undefined ? [] : [`${tokensPerPass} tokens per pass`]),
    ...(logitChunkSize === undefined ? [] : [`logit chunk ${logitChunkSize}`]),
    ...(gradientCheckpointing === undefined ? [] : [`checkpointing ${gradientCheckpointing ? 'on' : 'off'}`]),
  ].join(', ');
}

/** Lines that were left out or cut. */
export function ReadNotes({ notes }: { readonly notes: readonly string[] }): ReactElement | null {
  if (notes.length === 0) return null;
  return (
    <details className="tune__notes">
      <summary>
        {notes.length} {notes.length === 1 ? 'note' : 'notes'} on the examples
      </summary>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  );
}
