/** Runs a scenario of Thinking. */
import type {
  DraftChange,
  InputTime,
  QuestionConfig,
  ReasoningConfig,
  ReasoningTrace,
  TraceState,
  TraceStep,
} from '@/protocol/reasoning.ts';
import type { OutcomeStream, TimingRatio } from '@/protocol/scenario/outcome.ts';
import type { ScenarioOf } from '@/protocol/scenario/scenario.ts';
import { streamNameOf } from '@/protocol/scenario/stream-names.ts';
import type { PanelOutcome, RunContext } from './panel-run.ts';
import { timingRatio } from './timing-ratios.ts';
import { traceStreams } from './trace-streams.ts';

type Thinking = ScenarioOf<'thinking'>;
type Question = Extract<Thinking['inputs'], { readonly kind: 'question' }>;

export async function runThinking(scenario: Thinking, context: RunContext): Promise<PanelOutcome> {
  const { engine, signal, progressed } = context;
  let numTokens = 0;
  const trace = await engine.reason(
    configOf(scenario),
    (event) => {
      if (event.kind !== 'stepped') return;
      numTokens += event.step.rows.length;
      progressed(event.step.step + 1, numTokens);
    },
    { signal },
  );
  const streams = await streamsOf(trace, (ids) => engine.detokenize(ids));
  return {
    streams,
    facts: { stop: trace.result.final.stop, state: trace.result.final.state },
    metrics: metricsOf(trace),
    ratios: ratiosOf(trace),
    trace,
  };
}

function configOf({ inputs, settings, seed }: Thinking): ReasoningConfig {
  if (inputs.kind === 'setup') return inputs.setup;
  const { question } = inputs;
  return { question, ...typedOf(inputs), settings: { ...settings, ...(seed !== undefined && { seed }) } };
}

function typedOf({ drafts, remarks, pauses, stopAt }: Question): Omit<QuestionConfig, 'question' | 'settings'> {
  return {
    ...(drafts && {
      drafts: drafts.map(({ text, sent, settled, ...time }): DraftChange => ({
        ...timeOf(time),
        text,
        sent,
        ...(settled !== undefined && { settled }),
      })),
    }),
    ...(remarks && { remarks: remarks.map(({ text, ...time }) => ({ ...timeOf(time), text })) }),
    ...(pauses && { pauses: pauses.map(({ paused, ...time }) => ({ ...timeOf(time), paused })) }),
    ...(stopAt && { stopAt: timeOf(stopAt) }),
  };
}

function timeOf({ step, atMs }: { readonly step?: number; readonly atMs?: number }): InputTime {
  return step === undefined ? { atMs: atMs ?? 0 } : { step };
}

async function streamsOf(
  trace: ReasoningTrace,
  detokenize: (ids: readonly number[]) => Promise<string>,
): Promise<OutcomeStream[]> {
  const lastTurn = trace.result.turns?.length ?? 0;
  return Promise.all(
    traceStreams(trace).map(async ({ turn, stream, ...tokens }): Promise<OutcomeStream> => ({
      name: streamNameOf(turn, stream),
      // The trace has the texts of its last turn.
      text: turn === lastTurn ? trace.text[stream] : await detokenize(tokens.tokenIds),
      ...tokens,
    })),
  );
}

function metricsOf({ result }: ReasoningTrace): Record<string, number> {
  const { steps, turns = [] } = result;
  const rows = steps.flatMap((step) => step.rows);
  const probes = steps.flatMap(({ probe }) => (probe === undefined ? [] : [probe]));
  const firstWord = steps.findIndex((step) => step.rows.some(({ stream }) => stream === 'writer'));
  return {
    steps: steps.length,
    turns: turns.length + 1,
    thinkerTokens: rows.filter(({ stream }) => stream === 'thinker').length,
    writerTokens: rows.filter(({ stream }) => stream === 'writer').length,
    probes: probes.length,
    probesYes: probes.filter(({ yes }) => yes).length,
    // In front of the writer's first token.
    ...(firstWord >= 0 && { stepsToFirstWord: firstWord }),
    ...(rows.length > 0 && { smallestMargin: Math.min(...rows.map(({ margin }) => margin)) }),
  };
}

/** The first step reads prompts, steps with events read what was typed: neither is an ordinary step. */
function ratiosOf({ result: { steps } }: ReasoningTrace): TimingRatio[] {
  const timed = steps.flatMap((step, i) => {
    const [before, now] = [steps[i - 1]?.elapsed_ms, step.elapsed_ms];
    const isOrdinary = (step.events ?? []).length === 0 && before !== undefined && now !== undefined;
    return isOrdinary ? [{ step, ms: now - before }] : [];
  });
  const msOf = (isWanted: (step: TraceStep) => boolean): number[] =>
    timed.filter(({ step }) => isWanted(step)).map(({ ms }) => ms);
  const plain = (state: TraceState): number[] => msOf((step) => step.state === state && step.probe === undefined);
  const [thinker, both, writer] = [plain('thinker_only'), plain('thinker_and_writer'), plain('writer_only')];
  return [
    ...timingRatio('a step of both streams / of the thinker alone', both, thinker),
    ...timingRatio('a step of the writer alone / of both streams', writer, both),
    ...timingRatio(
      'a step with a probe / without one',
      msOf((step) => step.probe !== undefined),
      both,
    ),
  ];
}
