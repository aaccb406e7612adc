/** Runs a scenario on the page's engine, from loading to counting. A failure of the run is part of its outcome. */
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { toFailureMessage } from '@/lib/stream.ts';
import { FAILURES, type FailureCode, type FailureMessage } from '@/protocol/failures.ts';
import type { MemoryReport, ModelInfo } from '@/protocol/model.ts';
import type {
  OutcomeCounts,
  OutcomeDevice,
  OutcomeModel,
  ScenarioOutcome,
  ScenarioProgress,
} from '@/protocol/scenario/outcome.ts';
import type { Scenario } from '@/protocol/scenario/scenario.ts';
import type { LoadedModels } from './loaded-models.ts';
import type { PanelOutcome, RunContext, ScenarioEngine } from './panel-run.ts';
import { runChat } from './run-chat.ts';
import { runModel } from './run-model.ts';
import { runNegotiation } from './run-negotiation.ts';
import { runThinking } from './run-thinking.ts';
import { runTraining } from './run-training.ts';

export interface ScenarioRunOptions {
  readonly onProgress?: (progress: ScenarioProgress) => void;
  /** Aborting it ends the run; the promise rejects with code 'cancelled'. */
  readonly signal?: AbortSignal;
}

/** As few as give a count. */
const COUNTED = { promptTokens: 4, decodeSteps: 1 } as const;

export async function runScenario(
  engine: ScenarioEngine,
  loaded: LoadedModels,
  scenario: Scenario,
  { onProgress = () => undefined, signal = new AbortController().signal }: ScenarioRunOptions = {},
): Promise<ScenarioOutcome> {
  const begunMs = performance.now();
  const { model, run, failure, tell } = await attempt(engine, loaded, scenario, { onProgress, signal });
  const isCounted = failure === null && model !== null && scenario.expect.counts !== undefined;
  if (isCounted) tell({ phase: 'count' });
  return {
    format: 'duet-scenario-outcome',
    version: 1,
    scenario: scenario.name,
    panel: scenario.panel,
    device: await deviceOf(engine),
    model: model === null ? null : outcomeModel(model),
    streams: [],
    facts: {},
    metrics: {},
    ratios: [],
    trace: null,
    group: null,
    training: null,
    ...run,
    memory: await memoryOf(engine),
    counts: isCounted ? await countsOf(engine, signal) : null,
    failure,
    elapsedMs: performance.now() - begunMs,
  };
}

interface Attempt {
  readonly model: ModelInfo | null;
  readonly run: Omit<PanelOutcome, 'model'>;
  readonly failure: FailureMessage | null;
  readonly tell: (change: Partial<ScenarioProgress>) => void;
}

/** @throws {Failure} 'cancelled' only */
async function attempt(
  engine: ScenarioEngine,
  loaded: LoadedModels,
  scenario: Scenario,
  { onProgress, signal }: Required<ScenarioRunOptions>,
): Promise<Attempt> {
  let told: ScenarioProgress = { phase: 'load', steps: 0, tokens: 0, share: null };
  const tell = (change: Partial<ScenarioProgress>): void => {
    told = { ...told, ...change };
    onProgress(told);
  };
  const loss = deviceLoss(engine, scenario.environment?.loseDevice);
  const common = { engine, signal, loading: tell };
  let model: ModelInfo | null = null;
  try {
    if (scenario.panel !== 'model' && scenario.model !== undefined) {
      model = await loaded.load(scenario.model, common);
      await engine.training.attachAdapter(null);
    }
    tell({ phase: 'run', share: null });
    loss.begin();
    const progressed: RunContext['progressed'] = (steps, tokens) => {
      tell({ steps, tokens });
      loss.stepped(steps);
    };
    const { model: own = model, ...run } = await runPanel(scenario, { ...common, model, progressed });
    // What was stopped may have come to an end of its own.
    if (signal.aborted) throw cancelled();
    return { model: own, run, failure: null, tell };
  } catch (error) {
    return { model, run: {}, failure: failureOf(error, signal), tell };
  } finally {
    loss.end();
  }
}

function runPanel(scenario: Scenario, context: RunContext): Promise<PanelOutcome> {
  switch (scenario.panel) {
    case 'thinking':
      return runThinking(scenario, context);
    case 'negotiation':
      return runNegotiation(scenario, context);
    case 'training':
      return runTraining(scenario, context);
    case 'chat':
      return runChat(scenario, context);
    case 'model':
      return runModel(scenario, context);
    default:
      return assertNever(scenario);
  }
}

interface DeviceLoss {
  readonly begin: () => void;
  readonly stepped: (steps: number) => void;
  readonly end: () => void;
}

/** Losing it fails the run, which is where that is told. */
function deviceLoss(
  engine: ScenarioEngine,
  when: { readonly atStep: number } | { readonly atMs: number } | undefined,
): DeviceLoss {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isLost = false;
  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    engine.simulateDeviceLoss().catch(() => undefined);
  };
  return {
    begin() {
      if (when !== undefined && 'atMs' in when) timer = setTimeout(lose, when.atMs);
    },
    stepped(steps) {
      if (when !== undefined && 'atStep' in when && steps >= when.atStep) lose();
    },
    end: () => clearTimeout(timer),
  };
}

/** @throws {Failure} 'cancelled' if that was asked for */
function failureOf(error: unknown, signal: AbortSignal): FailureMessage {
  if (signal.aborted) throw cancelled();
  const { code, message } = toFailureMessage(error);
  return { code: isFailureCode(code) ? code : 'internal', message };
}

function cancelled(): Failure<FailureCode> {
  return new Failure('cancelled', 'The scenario was cancelled.');
}

function isFailureCode(code: string): code is FailureCode {
  return code in FAILURES;
}

async function deviceOf(engine: ScenarioEngine): Promise<OutcomeDevice> {
  const { vendor, architecture, description, isSoftware } = await engine.device();
  return { vendor, architecture, description, isSoftware };
}

function memoryOf(engine: ScenarioEngine): Promise<MemoryReport | null> {
  return engine.memory().catch(() => null);
}

async function countsOf(engine: ScenarioEngine, signal: AbortSignal): Promise<OutcomeCounts> {
  const { stepCounts, dispatchesPerLayer } = await engine.profile({ ...COUNTED, signal });
  return { ...stepCounts, dispatchesPerLayer };
}

function outcomeModel({ id, name, sha256, contextLength, kernelShape, kvType }: ModelInfo): OutcomeModel {
  return { id, name, sha256, contextLength, kernelShape, kvType };
}
