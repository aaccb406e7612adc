/** What came of a scenario, what is kept of it as a baseline, and how the two are compared. */
import type { FailureMessage } from '../failures.ts';
import type { StepCounts } from '../generation.ts';
import type { MemoryReport, ModelInfo } from '../model.ts';
import type { GroupRecord } from '../negotiation-run.ts';
import type { TrainingRun } from '../negotiation-training.ts';
import type { ReasoningTrace } from '../reasoning.ts';
import type { SetupDifference } from '../run-comparison.ts';
import type { ScenarioPanel } from './scenario.ts';

/** Token ids of one speaker in one turn. */
export interface OutcomeStream {
  /** Such as `turn1.writer`, `dialogue2.turn1.agent1`, `answer1`. */
  readonly name: string;
  readonly tokenIds: readonly number[];
  readonly text: string;
  /** [tokens] where they were chosen; null where the token was given. */
  readonly choices?: readonly (TokenChoice | null)[];
}

export interface TokenChoice {
  /** Of a run with steps. */
  readonly step?: number;
  /** Best minus second best: of logits, or of log-probabilities, which is the same. */
  readonly margin?: number;
  /** Natural log of the token's probability. */
  readonly logProb?: number;
  /** The likeliest, best first: ids with logits or log-probabilities. */
  readonly top?: readonly (readonly [tokenId: number, value: number])[];
}

/** Two times of one run by each other; the only form in which a time is reported. */
export interface TimingRatio {
  /** Such as `step with writer / thinker alone`. */
  readonly name: string;
  /** Median by median. */
  readonly ratio: number;
  /** Lower quartile by upper, and upper by lower. */
  readonly low: number;
  readonly high: number;
  /** Times on both sides. */
  readonly counts: readonly [number, number];
}

export type OutcomeCounts = StepCounts & { readonly dispatchesPerLayer: number };

export type OutcomeModel = Pick<ModelInfo, 'id' | 'name' | 'sha256' | 'contextLength' | 'kernelShape' | 'kvType'>;

export interface OutcomeDevice {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly isSoftware: boolean;
}

/** What came of it, times left out: this is what a baseline keeps. */
export interface OutcomeFacts {
  readonly scenario: string;
  readonly panel: ScenarioPanel;
  readonly device: OutcomeDevice;
  readonly model: OutcomeModel | null;
  readonly streams: readonly OutcomeStream[];
  readonly facts: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Null: not counted. */
  readonly counts: OutcomeCounts | null;
  /** Null: there was no device to ask. */
  readonly memory: MemoryReport | null;
  readonly failure: FailureMessage | null;
  /** Of a run of Thinking. */
  readonly trace: ReasoningTrace | null;
}

export interface ScenarioOutcome extends OutcomeFacts {
  readonly format: 'duet-scenario-outcome';
  readonly version: 1;
  readonly ratios: readonly TimingRatio[];
  readonly group: GroupRecord | null;
  readonly training: TrainingRun | null;
  readonly elapsedMs: number;
}

export interface ScenarioBaseline extends OutcomeFacts {
  readonly format: 'duet-scenario-baseline';
  readonly version: 1;
}

/** One side of a difference; what does not apply is absent. */
export interface DifferenceSide {
  readonly token?: number;
  readonly text?: string;
  readonly margin?: number;
  readonly logProb?: number;
  readonly top?: readonly (readonly [tokenId: number, value: number])[];
  readonly state?: string;
  readonly events?: readonly string[];
  readonly probe?: {
    readonly score: number;
    readonly limit: number;
    readonly yes: boolean;
    readonly yesLogits: readonly number[];
    readonly noLogits: readonly number[];
  };
  /** Of a metric, a count, a text. */
  readonly value?: string;
}

/** The first place where an outcome is not what its baseline says. */
export interface ScenarioDifference {
  readonly what: 'failure' | 'token' | 'event' | 'state' | 'probe' | 'end' | 'stream' | 'fact' | 'metric' | 'count';
  /** The stream, metric, fact or count. */
  readonly of?: string;
  readonly step?: number;
  /** Of the token in its stream, from 0 on. */
  readonly index?: number;
  readonly expected: DifferenceSide;
  readonly actual: DifferenceSide;
  /** What the runs were made with and is not the same. */
  readonly setup: readonly SetupDifference[];
  /** In sentences: where, what on both sides, what may be the cause. The likeliest cause comes first. */
  readonly explanation: readonly string[];
}

export interface Judgement {
  /** Such as `tokens of turn1.writer`. */
  readonly name: string;
  readonly isMet: boolean;
  readonly expected: string;
  readonly actual: string;
  /** Sentences about what is not met. */
  readonly explanation: readonly string[];
}

export interface ScenarioProgress {
  readonly phase: 'load' | 'run' | 'count';
  /** Steps, utterances or updates so far. */
  readonly steps: number;
  readonly tokens: number;
  /** Of the model's bytes, 0 to 1, while it loads; null where that is not known. */
  readonly share: number | null;
}
