/** The first place where an outcome is not what its baseline says, explained. */
import type { ReasoningTrace, TraceStep } from '@/protocol/reasoning.ts';
import type { RunComparison, RunDifference, RunSide, SetupDifference } from '@/protocol/run-comparison.ts';
import type {
  DifferenceSide,
  OutcomeFacts,
  OutcomeStream,
  ScenarioBaseline,
  ScenarioDifference,
} from '@/protocol/scenario/outcome.ts';
import { isClose } from '@/protocol/scenario/is-close.ts';
import {
  choiceWords,
  decimals,
  machineCauses,
  setupWords,
  tokenCause,
  tokenWords,
  type TextOf,
  visible,
} from './explain.ts';
import { firstDifference } from './judge-outcome.ts';

export type CompareRuns = (a: ReasoningTrace, b: ReasoningTrace) => RunComparison;

export interface CompareWith {
  readonly compareRuns: CompareRuns;
  readonly textOf: TextOf;
}

/**
 * Compares failures, token ids, what each step of a trace decided, texts without tokens, facts, metrics and counts.
 * Margins, logits and the device are kept for the explanation.
 *
 * @returns null if these are the same; metrics may differ by rounding
 */
export async function compareOutcomes(
  outcome: OutcomeFacts,
  baseline: ScenarioBaseline,
  { compareRuns, textOf }: CompareWith,
): Promise<ScenarioDifference | null> {
  const runs = outcome.trace === null || baseline.trace === null ? null : compareRuns(baseline.trace, outcome.trace);
  const found =
    failureDifference(outcome, baseline) ??
    (runs?.first ? await stepDifference(runs.first, outcome, baseline, textOf) : null) ??
    (await streamDifference(outcome, baseline, textOf)) ??
    valueDifference(outcome, baseline);
  if (found === null) return null;
  const setup = runs?.setup ?? [];
  return { ...found, setup, explanation: [...found.explanation, ...causes(found, setup, outcome, baseline)] };
}

type Found = Omit<ScenarioDifference, 'setup'>;

function causes(
  { what }: Found,
  setup: readonly SetupDifference[],
  outcome: OutcomeFacts,
  baseline: ScenarioBaseline,
): string[] {
  const machine = machineCauses(outcome, baseline);
  const isSame = machine.length === 0 && setup.length === 0 && what !== 'failure';
  return [
    ...machine,
    ...setupWords(setup),
    ...(isSame
      ? ['Adapter, model file and setup are those of the baseline, so that the code or the baseline was changed.']
      : []),
  ];
}

function failureDifference({ failure }: OutcomeFacts, { failure: wanted }: ScenarioBaseline): Found | null {
  if (failure?.code === wanted?.code) return null;
  const [actual, expected] = [failure?.code ?? 'no failure', wanted?.code ?? 'no failure'];
  const message = failure === null ? [] : [`It says: ${failure.message}`];
  const explanation = [`The run ended with ${actual}; the baseline’s ended with ${expected}.`, ...message];
  return { what: 'failure', expected: { value: expected }, actual: { value: actual }, explanation };
}

async function stepDifference(
  first: RunDifference,
  outcome: OutcomeFacts,
  baseline: ScenarioBaseline,
  textOf: TextOf,
): Promise<Found> {
  const { step, what, stream } = first;
  const expected = sideOf(first.a, baseline.trace?.result.steps[step], stream);
  const actual = sideOf(first.b, outcome.trace?.result.steps[step], stream);
  return {
    what,
    step,
    ...(stream !== undefined && { of: stream }),
    expected,
    actual,
    explanation: [
      ...(await stepWords(first, expected, actual, textOf)),
      first.why,
      ...probeWords(expected, 'the baseline'),
      ...probeWords(actual, 'this run'),
    ],
  };
}

async function stepWords(
  { step, what, stream }: RunDifference,
  expected: DifferenceSide,
  actual: DifferenceSide,
  textOf: TextOf,
): Promise<string[]> {
  const where = `The runs part at step ${step}`;
  switch (what) {
    case 'token': {
      const [wanted, found] = [await tokenWords(expected.token, textOf), await tokenWords(actual.token, textOf)];
      return [
        `${where}: the ${stream} chose ${found}; the baseline has ${wanted}.`,
        ...(await choiceWords(expected, `In the baseline ${wanted}`, textOf)),
        ...(await choiceWords(actual, `In this run ${found}`, textOf)),
      ];
    }
    case 'event': {
      const events = ({ events: kinds = [] }: DifferenceSide): string => kinds.join(', ') || 'nothing';
      return [`${where}: ${events(actual)} was done in front of it; the baseline has ${events(expected)}.`];
    }
    case 'state':
      return [`${where}: the state is ${actual.state}; the baseline has ${expected.state}.`];
    case 'probe':
      return [`${where}: the probe decided otherwise.`];
    case 'end':
      return [`${where}: ${actual.state === undefined ? 'this run has ended there' : 'the baseline has ended there'}.`];
    default:
      return [`${where}.`];
  }
}

function sideOf(side: RunSide, step: TraceStep | undefined, stream: RunDifference['stream']): DifferenceSide {
  const row = step?.rows.find((one) => one.stream === stream);
  return {
    ...(side.state !== null && { state: side.state }),
    ...(side.token !== undefined && { token: side.token }),
    ...(side.margin !== undefined && { margin: side.margin }),
    ...(row !== undefined && { top: row.top.slice(0, 2) }),
    ...(side.events !== undefined && { events: side.events }),
    ...(step?.probe !== undefined && {
      probe: {
        score: step.probe.score,
        limit: step.probe.limit ?? 0,
        yes: step.probe.yes,
        yesLogits: step.probe.yes_logits,
        noLogits: step.probe.no_logits,
      },
    }),
  };
}

function probeWords({ probe }: DifferenceSide, whose: string): string[] {
  if (probe === undefined) return [];
  const { score, limit, yes, yesLogits, noLogits } = probe;
  const list = (logits: readonly number[]): string => logits.map(decimals).join(', ');
  return [
    `The probe of this step in ${whose}: ${yes ? 'write on' : 'wait'}, score ${decimals(score)} against a limit of ${decimals(limit)} (logits of yes ${list(yesLogits)}; of no ${list(noLogits)}).`,
  ];
}

async function streamDifference(
  { streams }: OutcomeFacts,
  baseline: ScenarioBaseline,
  textOf: TextOf,
): Promise<Found | null> {
  for (const wanted of baseline.streams) {
    const actual = streams.find(({ name }) => name === wanted.name);
    if (actual === undefined) return streamGone(wanted, 'is in the baseline, but not in this run');
    const found = await tokenDifference(actual, wanted, textOf);
    if (found !== null) return found;
    if (actual.tokenIds.length === 0 && actual.text !== wanted.text) return textDifference(actual, wanted);
  }
  const added = streams.find(({ name }) => baseline.streams.every((one) => one.name !== name));
  return added === undefined ? null : streamGone(added, 'is not in the baseline');
}

function streamGone({ name }: OutcomeStream, words: string): Found {
  return { what: 'stream', of: name, expected: {}, actual: {}, explanation: [`The stream ${name} ${words}.`] };
}

function textDifference(actual: OutcomeStream, wanted: OutcomeStream): Found {
  const explanation = [`${wanted.name} says “${visible(actual.text)}”; the baseline has “${visible(wanted.text)}”.`];
  return {
    what: 'stream',
    of: wanted.name,
    expected: { value: wanted.text },
    actual: { value: actual.text },
    explanation,
  };
}

async function tokenDifference(actual: OutcomeStream, wanted: OutcomeStream, textOf: TextOf): Promise<Found | null> {
  const index = firstDifference(wanted.tokenIds, actual.tokenIds);
  if (index === null) return null;
  const [expectedSide, actualSide] = [choiceSide(wanted, index), choiceSide(actual, index)];
  const [expected, found] = [await tokenWords(expectedSide.token, textOf), await tokenWords(actualSide.token, textOf)];
  const step = actual.choices?.[index]?.step;
  return {
    what: 'token',
    of: wanted.name,
    index,
    ...(step !== undefined && { step }),
    expected: expectedSide,
    actual: actualSide,
    explanation: [
      `${wanted.name} differs first at token ${index}: ${found}; the baseline has ${expected}.`,
      ...(await choiceWords(expectedSide, `In the baseline ${expected}`, textOf)),
      ...(await choiceWords(actualSide, `In this run ${found}`, textOf)),
      ...tokenCause(expectedSide, actualSide),
    ],
  };
}

function choiceSide({ tokenIds, choices }: OutcomeStream, index: number): DifferenceSide {
  const token = tokenIds[index];
  const { margin, logProb, top } = choices?.[index] ?? {};
  return {
    ...(token !== undefined && { token }),
    ...(margin !== undefined && { margin }),
    ...(logProb !== undefined && { logProb }),
    ...(top && { top }),
  };
}

function valueDifference(outcome: OutcomeFacts, baseline: ScenarioBaseline): Found | null {
  return (
    recordDifference('fact', baseline.facts, outcome.facts, (a, b) => a === b) ??
    recordDifference('metric', baseline.metrics, outcome.metrics, isClose) ??
    recordDifference('count', { ...baseline.counts }, { ...outcome.counts }, (a, b) => a === b)
  );
}

function recordDifference<Value extends string | number>(
  what: 'fact' | 'metric' | 'count',
  expected: Readonly<Record<string, Value>>,
  actual: Readonly<Record<string, Value>>,
  isSame: (a: Value, b: Value) => boolean,
): Found | null {
  for (const [name, wanted] of Object.entries(expected)) {
    const value = actual[name];
    if (value !== undefined && isSame(value, wanted)) continue;
    const found = value === undefined ? 'not known' : String(value);
    return {
      what,
      of: name,
      expected: { value: String(wanted) },
      actual: { value: found },
      explanation: [`The ${what} ${name} is ${found}; the baseline has ${String(wanted)}.`],
    };
  }
  return null;
}
