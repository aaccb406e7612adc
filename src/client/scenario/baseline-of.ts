/** What is kept of an outcome: all that repeats, without times, and of each choice the first two. */
import type { ReasoningTrace, TraceRow, TraceStep } from '@/protocol/reasoning.ts';
import type { OutcomeStream, ScenarioBaseline, ScenarioOutcome } from '@/protocol/scenario/outcome.ts';

/** Digits of numbers that a device has worked out. */
const DIGITS = 6;

export function baselineOf(outcome: ScenarioOutcome): ScenarioBaseline {
  const { scenario, panel, device, model, streams, facts, metrics, counts, failure, trace } = outcome;
  return {
    format: 'duet-scenario-baseline',
    version: 1,
    scenario,
    panel,
    device,
    model,
    // A trace says of each choice what a stream would say.
    streams: streams.map((stream) => (trace === null ? roundedStream(stream) : withoutChoices(stream))),
    facts,
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, rounded(value)])),
    counts,
    // What earlier scenarios on the page have left allocated is in it: it is expected by name, or not at all.
    memory: null,
    failure,
    trace: trace === null ? null : keptTrace(trace),
  };
}

function withoutChoices({ name, tokenIds, text }: OutcomeStream): OutcomeStream {
  return { name, tokenIds, text };
}

function roundedStream({ choices, ...stream }: OutcomeStream): OutcomeStream {
  if (choices === undefined) return stream;
  return {
    ...stream,
    choices: choices.map(
      (choice) =>
        choice && {
          ...choice,
          ...(choice.margin !== undefined && { margin: rounded(choice.margin) }),
          ...(choice.logProb !== undefined && { logProb: rounded(choice.logProb) }),
          ...(choice.top && { top: roundedTop(choice.top) }),
        },
    ),
  };
}

function keptTrace({ result, ...trace }: ReasoningTrace): ReasoningTrace {
  return {
    ...trace,
    result: {
      ...result,
      prefill_results: result.prefill_results.map(({ last_top, logsumexp, ...prefill }) => ({
        ...prefill,
        last_top: roundedTop(last_top.slice(0, 2)),
        logsumexp: rounded(logsumexp),
      })),
      steps: result.steps.map(keptStep),
    },
  };
}

function keptStep({ elapsed_ms: _ms, rows, probe, events, ...step }: TraceStep): TraceStep {
  return {
    ...step,
    rows: rows.map(keptRow),
    ...(events && {
      events: events.map(({ top, margin, logsumexp, ...event }) => ({
        ...event,
        ...(top && { top: roundedTop(top.slice(0, 2)) }),
        ...(margin !== undefined && { margin: rounded(margin) }),
        ...(logsumexp !== undefined && { logsumexp: rounded(logsumexp) }),
      })),
    }),
    ...(probe && {
      probe: {
        ...probe,
        score: rounded(probe.score),
        logsumexp: rounded(probe.logsumexp),
        yes_logits: probe.yes_logits.map(rounded),
        no_logits: probe.no_logits.map(rounded),
      },
    }),
  };
}

function keptRow({ attention: _read, top, margin, logsumexp, ...row }: TraceRow): TraceRow {
  return { ...row, top: roundedTop(top.slice(0, 2)), margin: rounded(margin), logsumexp: rounded(logsumexp) };
}

function roundedTop(top: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return top.map(([id, value]) => [id, rounded(value)] as const);
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}
