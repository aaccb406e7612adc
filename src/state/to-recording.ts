/** A run of the page as a recording. */
import type { DeviceReport, ModelInfo } from '@/protocol/model.ts';
import type { RecordedEvent, RecordedInput, Recording, RecordingInfo } from '@/protocol/recording.ts';
import type { ReasoningEvent, ReasoningTrace } from '@/protocol/reasoning.ts';
import type { ModelView } from './model-view.ts';
import type { RunFacts, RunFilm, RunItem } from './run-film.ts';

const UNNAMED = 'Unnamed run';
const LONGEST_DEFAULT_NAME = 60;

const NO_FACTS = runFactsOf({ info: null, device: null }, {});

/**
 * @param film   of the page's own run
 * @param trace  the run's record, up to the film's newest step or to one before it
 */
export function toRecording(film: RunFilm, trace: ReasoningTrace): Recording {
  const kept = upTo(film.items, trace.result.steps.length);
  const recording: RecordingInfo = {
    version: 1,
    id: film.id,
    name: nameOf(kept),
    createdAt: new Date().toISOString(),
    ...(film.facts ?? NO_FACTS),
    inputs: inputsOf(kept),
    events: kept.flatMap((item) => (item.kind === 'event' ? [recorded(item.event)] : [])),
  };
  return { ...trace, recording };
}

/** With what a run that begins now is made. */
export function runFactsOf(model: Pick<ModelView, 'info' | 'device'>, settings: RecordingInfo['settings']): RunFacts {
  return { model: modelOf(model.info), device: deviceOf(model.device), settings };
}

function modelOf(info: ModelInfo | null): RunFacts['model'] {
  return { id: info?.id ?? '', name: info?.name ?? '', sha256: info?.sha256 ?? null };
}

function deviceOf(device: DeviceReport | null): RunFacts['device'] {
  return {
    vendor: device?.vendor ?? '',
    architecture: device?.architecture ?? '',
    isSoftware: device?.isSoftware ?? false,
  };
}

/** Items in front of the first step that the trace does not hold yet. */
function upTo(items: readonly RunItem[], numSteps: number): readonly RunItem[] {
  const end = items.findIndex(
    (item) => item.kind === 'event' && item.event.kind === 'stepped' && item.event.step.step >= numSteps,
  );
  return end < 0 ? items : items.slice(0, end);
}

/** The first question that was sent, or the draft as far as it got. */
function nameOf(items: readonly RunItem[]): string {
  const drafts = items.filter((item) => item.kind === 'draft');
  const text = (drafts.find(({ sent }) => sent) ?? drafts.at(-1))?.text.trim().replaceAll(/\s+/g, ' ') ?? '';
  if (text === '') return UNNAMED;
  return text.length <= LONGEST_DEFAULT_NAME ? text : `${text.slice(0, LONGEST_DEFAULT_NAME - 1)}\u2026`;
}

function recorded(event: ReasoningEvent): RecordedEvent {
  if (event.kind === 'started') return { kind: 'started', elapsedMs: event.elapsedMs };
  if (event.kind !== 'stepped') return event;
  const { step, state: _, ...rest } = event;
  return { ...rest, step: step.step };
}

/**
 * Inputs have the page's clock, events the worker's. An input keeps its place between the events, whatever the two
 * clocks and the way between the threads make of its time.
 */
function inputsOf(items: readonly RunItem[]): RecordedInput[] {
  const offset = Math.min(
    ...items.flatMap(({ atMs, ...item }) => (item.kind === 'event' ? [atMs - item.event.elapsedMs] : [])),
  );
  const inputs: RecordedInput[] = [];
  let before = -Infinity;
  for (const [index, item] of items.entries()) {
    if (item.kind === 'event') before = Math.max(before, item.event.elapsedMs);
    const input = inputOf(item, Math.max(before, rounded(Math.min(item.atMs - offset, nextEventMs(items, index)))));
    if (input === undefined) continue;
    inputs.push(input);
    before = Math.max(before, input.elapsedMs);
  }
  return inputs;
}

/** Just in front of the next event, so that the input comes first. */
function nextEventMs(items: readonly RunItem[], index: number): number {
  const next = items.slice(index).find((item) => item.kind === 'event');
  return next === undefined ? Infinity : next.event.elapsedMs - CLOCK_STEP_MS;
}

const CLOCK_STEP_MS = 0.01;

const rounded = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;

function inputOf(item: RunItem, elapsedMs: number): RecordedInput | undefined {
  if (item.kind === 'draft') return { kind: item.kind, elapsedMs, text: item.text, sent: item.sent };
  if (item.kind === 'remark') return { kind: item.kind, elapsedMs, text: item.text };
  if (item.kind === 'pause' || item.kind === 'resume' || item.kind === 'stop') return { kind: item.kind, elapsedMs };
  return undefined;
}
