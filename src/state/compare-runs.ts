/** Two runs, step by step, up to where they part. */
import type { Recording } from '@/protocol/recording.ts';
import type { ReasoningTrace, StreamName, TraceInputEvent, TraceSetup, TraceStep } from '@/protocol/reasoning.ts';
import {
  NEAR_TIE,
  NEAR_TIE_WORDS,
  type RunComparison,
  type RunDifference,
  type RunSide,
  type SetupDifference,
} from '@/protocol/run-comparison.ts';
import { isRecording } from './run-items.ts';

type Run = Recording | ReasoningTrace;

const STREAMS: readonly StreamName[] = ['thinker', 'writer'];

/** Times, texts and logits are not compared: what counts is what was done, chosen and decided. */
export function compareRuns(a: Run, b: Run): RunComparison {
  const setup = setupDifferences(a, b);
  const numSteps = { a: a.result.steps.length, b: b.result.steps.length };
  const first = firstDifference(a, b);
  return {
    isEqual: first === null,
    equalSteps: first?.step ?? numSteps.a,
    numSteps,
    setup,
    first,
  };
}

interface Done {
  readonly step: TraceStep;
  /** What was done in front of the step, with what was read: a changed word is no other kind of event. */
  readonly events: string;
}

interface Pair {
  readonly a: Done | undefined;
  readonly b: Done | undefined;
}

function donesOf({ setup, result }: Run): Done[] {
  const byStep = new Map<number, TraceInputEvent[]>();
  for (const event of setup.events) byStep.set(event.step, [...(byStep.get(event.step) ?? []), event]);
  return result.steps.map((step) => ({
    step,
    events: JSON.stringify([byStep.get(step.step) ?? [], step.events?.map(({ kind }) => kind) ?? []]),
  }));
}

function firstDifference(a: Run, b: Run): RunDifference | null {
  const [stepsA, stepsB] = [donesOf(a), donesOf(b)];
  const longest = Math.max(stepsA.length, stepsB.length);
  for (let step = 0; step < longest; step++) {
    const pair = { a: stepsA[step], b: stepsB[step] };
    const found = differenceOf(pair);
    if (found === null) continue;
    const { what, stream, why } = found;
    const sides = { a: sideOf(a, pair.a?.step, found), b: sideOf(b, pair.b?.step, found) };
    const isNearTie = isTie(what, sides);
    const reason = why ?? (what === 'probe' ? probeReason(sides, isNearTie) : tokenReason(isNearTie));
    return { step, what, ...(stream !== undefined && { stream }), ...sides, isNearTie, why: reason };
  }
  return null;
}

interface Found {
  readonly what: RunDifference['what'];
  readonly stream?: StreamName;
  readonly why?: string;
  /** The state is that behind the step. */
  readonly isAfter?: boolean;
}

/** In the order in which a step happens: what was done, the state, the tokens, the probe, the state behind it. */
function differenceOf({ a, b }: Pair): Found | null {
  if (a === undefined || b === undefined) return { what: 'end', why: 'One run goes on, the other has ended.' };
  if (a.events !== b.events) {
    return { what: 'event', why: 'Something else was typed, or it was read at another step.' };
  }
  if (a.step.state !== b.step.state) return { what: 'state', why: 'Other streams run in this step.' };
  const stream = STREAMS.find((name) => rowOf(a.step, name)?.token !== rowOf(b.step, name)?.token);
  if (stream !== undefined) return { what: 'token', stream };
  return decisionDifference(a.step, b.step);
}

function decisionDifference(a: TraceStep, b: TraceStep): Found | null {
  if (a.probe?.yes !== b.probe?.yes) return { what: 'probe' };
  if (a.state_after === b.state_after) return null;
  return { what: 'state', why: 'The step ends in another state.', isAfter: true };
}

function rowOf({ rows }: TraceStep, stream: StreamName): TraceStep['rows'][number] | undefined {
  return rows.find((row) => row.stream === stream);
}

interface Sides {
  readonly a: RunSide;
  readonly b: RunSide;
}

function isTie(what: RunDifference['what'], { a, b }: Sides): boolean {
  if (what === 'token') return Math.min(a.margin ?? Infinity, b.margin ?? Infinity) < NEAR_TIE;
  if (what !== 'probe' || a.score === undefined || b.score === undefined) return false;
  return Math.abs(a.score - b.score) < NEAR_TIE;
}

function probeReason({ a, b }: Sides, isNearTie: boolean): string {
  if (a.score === undefined || b.score === undefined) return 'Only one run asked the probe here.';
  return isNearTie
    ? 'The scores are nearly the same and stand on two sides of the limit.'
    : 'The probe decided differently, on scores that differ.';
}

function tokenReason(isNearTie: boolean): string {
  return isNearTie
    ? NEAR_TIE_WORDS
    : 'The choice was clear in both runs, so that what they had read differs, or the token was drawn at random.';
}

function sideOf(run: Run, step: TraceStep | undefined, { what, stream, isAfter = false }: Found): RunSide {
  if (step === undefined) return { state: null };
  const side: RunSide = { state: isAfter ? step.state_after : step.state };
  const probed = step.probe === undefined ? side : { ...side, score: step.probe.score, yes: step.probe.yes };
  if (what === 'event') return { ...probed, events: (step.events ?? []).map(({ kind }) => kind) };
  const row = stream === undefined ? undefined : rowOf(step, stream);
  if (row === undefined || stream === undefined) return probed;
  return { ...probed, token: row.token, text: textOf(run, step.step, stream, row.token), margin: row.margin };
}

function textOf(run: Run, step: number, stream: StreamName, token: number): string {
  const told = isRecording(run)
    ? run.recording.events.find((event) => event.kind === 'stepped' && event.step === step)
    : undefined;
  const text = told?.kind === 'stepped' ? told[`${stream}Text`] : '';
  return text === '' ? `token ${token}` : text;
}

const LONGEST_VALUE = 80;

function setupDifferences(a: Run, b: Run): SetupDifference[] {
  const [fieldsA, fieldsB] = [fieldsOf(a), fieldsOf(b)];
  const names = [...new Set([...fieldsA.keys(), ...fieldsB.keys()])];
  return names.flatMap((field) => {
    const [valueA, valueB] = [JSON.stringify(fieldsA.get(field)), JSON.stringify(fieldsB.get(field))];
    return valueA === valueB ? [] : [{ field, a: shortened(valueA), b: shortened(valueB) }];
  });
}

/** What was given, without what the person typed: that shows as events, at the steps where it was read. */
function fieldsOf(run: Run): ReadonlyMap<string, unknown> {
  const { setup } = run;
  const made: readonly [string, unknown][] = isRecording(run)
    ? [
        ['model', run.recording.model.id],
        ['device', adapterOf(run)],
      ]
    : [];
  return new Map([...made, ...givenOf(setup)]);
}

function adapterOf({ recording: { device } }: Recording): string {
  return [device.vendor, device.architecture].filter(Boolean).join(' ');
}

function givenOf({ params, ...given }: TraceSetup): [string, unknown][] {
  return [
    ...Object.entries(given).filter(([key]) => key !== 'events'),
    ...Object.entries(params).map(([key, value]): [string, unknown] => [`params.${key}`, value]),
  ];
}

function shortened(value: string | undefined): string {
  if (value === undefined) return 'not set';
  return value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE - 1)}\u2026`;
}
