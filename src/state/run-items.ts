/** Recordings as films: events with their steps put back, what the person did between them, and traces without either. */
import type { RecordedEvent, RecordedInput, Recording } from '@/protocol/recording.ts';
import type {
  ReasoningEvent,
  ReasoningState,
  ReasoningTrace,
  StreamName,
  TraceState,
  TraceStep,
} from '@/protocol/reasoning.ts';
import type { RunItem } from './run-film.ts';

const STATES: Readonly<Record<TraceState, ReasoningState>> = {
  thinker_only: 'thinkerOnly',
  thinker_and_writer: 'thinkerAndWriter',
  writer_only: 'writerOnly',
};

export function isRecording(run: Recording | ReasoningTrace): run is Recording {
  return 'recording' in run;
}

/** Whether the run says when each step was. */
export function isTimed(run: Recording | ReasoningTrace): boolean {
  return isRecording(run) || run.result.steps.some((step) => step.elapsed_ms !== undefined);
}

/** The worker's events as the page got them. */
export function eventsOf({ setup, result: { steps }, recording }: Recording): ReasoningEvent[] {
  return recording.events.flatMap((event) => eventOf(event, setup, steps) ?? []);
}

function eventOf(
  event: RecordedEvent,
  setup: ReasoningTrace['setup'],
  steps: readonly TraceStep[],
): ReasoningEvent | undefined {
  if (event.kind === 'started') return { ...event, setup };
  if (event.kind !== 'stepped') return event;
  const step = steps[event.step];
  return step === undefined ? undefined : { ...event, step, state: STATES[step.state_after] };
}

/** Everything that happened, on the run's clock. An input stands behind the events of its time. */
export function itemsOf(run: Recording | ReasoningTrace): RunItem[] {
  if (!isRecording(run)) return itemsOfTrace(run);
  const events = eventsOf(run);
  const items: RunItem[] = [{ kind: 'begun', atMs: 0 }];
  let next = 0;
  const takeEventsUntil = (elapsedMs: number): void => {
    for (let event = events[next]; event !== undefined && event.elapsedMs <= elapsedMs; event = events[++next])
      items.push({ kind: 'event', event, atMs: event.elapsedMs });
  };
  for (const input of run.recording.inputs) {
    takeEventsUntil(input.elapsedMs);
    items.push(itemOf(input));
  }
  takeEventsUntil(Infinity);
  const lastMs = items.at(-1)?.atMs ?? 0;
  return [...items, { kind: 'ended', trace: run, atMs: lastMs }];
}

function itemOf({ elapsedMs, ...input }: RecordedInput): RunItem {
  return { ...input, atMs: elapsedMs };
}

/** A trace without times is played at this pace, in milliseconds. */
const STEP_MS = 200;

/**
 * What a trace alone tells. It holds each stream's text as a whole and not by token: the text is shared out evenly over
 * the tokens of the last turn.
 */
function itemsOfTrace(trace: ReasoningTrace): RunItem[] {
  const { setup, result, text } = trace;
  const hasTimes = isTimed(trace);
  const share = { thinker: sharesOf(trace, 'thinker'), writer: sharesOf(trace, 'writer') };
  const isLive = setup.events.some(({ kind }) => kind === 'start_thinker');
  const items: RunItem[] = [
    { kind: 'begun', atMs: 0 },
    { kind: 'event', atMs: 0, event: { kind: 'started', elapsedMs: 0, setup } },
  ];
  // A run that was not typed had its question from the start.
  if (!isLive && setup.problem !== undefined) items.push({ kind: 'draft', text: setup.problem, sent: true, atMs: 0 });
  for (const step of result.steps) {
    const elapsedMs = step.elapsed_ms ?? 0;
    const atMs = hasTimes ? elapsedMs : step.step * STEP_MS;
    items.push({
      kind: 'event',
      atMs,
      event: {
        kind: 'stepped',
        elapsedMs,
        step,
        state: STATES[step.state_after],
        thinkerText: textOf(text.thinker, share.thinker.get(step.step)),
        writerText: textOf(text.writer, share.writer.get(step.step)),
      },
    });
  }
  return [...items, { kind: 'ended', trace, atMs: items.at(-1)?.atMs ?? 0 }];
}

/** Which share of the stream's text each step of the last turn gets: its index, of how many. */
function sharesOf({ result }: ReasoningTrace, stream: StreamName): ReadonlyMap<number, readonly [number, number]> {
  const lastTurn = result.steps.findLastIndex((step) => step.events?.some(({ kind }) => kind === 'next_turn') === true);
  const steps = result.steps
    .slice(Math.max(0, lastTurn))
    .filter(({ rows }) => rows.some((row) => row.stream === stream));
  return new Map(steps.map(({ step }, index) => [step, [index, steps.length]]));
}

function textOf(text: string, share: readonly [number, number] | undefined): string {
  if (share === undefined) return '';
  const [index, of] = share;
  return text.slice(Math.round((index * text.length) / of), Math.round(((index + 1) * text.length) / of));
}
