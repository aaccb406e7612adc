/** What running one panel's inputs needs, and what comes of it. */
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import type { TrainingRun } from '@/protocol/negotiation-training.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import type { OutcomeStream, ScenarioProgress, TimingRatio } from '@/protocol/scenario/outcome.ts';
import type { DuetApi } from '../duet-api.ts';

/** What a scenario uses of the page. */
export type ScenarioEngine = Pick<
  DuetApi,
  | 'chat'
  | 'compareRuns'
  | 'detokenize'
  | 'device'
  | 'generate'
  | 'loadModel'
  | 'memory'
  | 'negotiation'
  | 'profile'
  | 'reason'
  | 'simulateDeviceLoss'
  | 'training'
  | 'unload'
>;

export interface RunContext {
  readonly engine: ScenarioEngine;
  /** Null where the scenario names none. */
  readonly model: ModelInfo | null;
  readonly signal: AbortSignal;
  /** So many steps, and tokens, have been made. The device may be lost at one of them. */
  readonly progressed: (steps: number, tokens: number) => void;
  readonly loading: (progress: Pick<ScenarioProgress, 'share'>) => void;
}

export interface PanelOutcome {
  readonly streams?: readonly OutcomeStream[];
  readonly facts?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly ratios?: readonly TimingRatio[];
  readonly trace?: ReasoningTrace;
  readonly group?: GroupRecord;
  readonly training?: TrainingRun;
  /** Loaded by the run itself. */
  readonly model?: ModelInfo | null;
}
