/** Training an adapter on negotiations: what is asked for, what happens meanwhile, what is kept. */
import type { Run } from './engine-api.ts';
import type { AskPage, ChatModelConfig } from './chat.ts';
import type { JudgeConfig, RolloutEvent, RolloutRequest, TemplateTexts } from './negotiation-api.ts';
import type { MadeByModel } from './made-by-model.ts';
import type { Dilemma, PersonaPair } from './negotiation.ts';
import type { GroupRecord, NegotiationEvent } from './negotiation-run.ts';
import type { NegotiationSettings } from './negotiation-settings.ts';
import type { CheckpointInfo, TrainingEstimate } from './training-api.ts';
import type { LoraConfig, TrainingSettings } from './training.ts';

/**
 * 'negotiation': two personas of the model negotiate, what they said is trained. 'singleAgent', the paper's baseline: the
 * model answers each dilemma alone, and its answer is trained.
 */
export type TrainingMethod = 'negotiation' | 'singleAgent';

/** All that a run depends on besides the model. Kept with the run; keys of servers are not. */
export interface NegotiationTrainingPlan {
  readonly method: TrainingMethod;
  /** None of them held out. */
  readonly dilemmas: readonly Dilemma[];
  /** None of them held out; not used by one agent alone. */
  readonly pairs: readonly PersonaPair[];
  readonly settings: NegotiationSettings;
  /** `temperature` is the one of the sampling, whatever stands here. */
  readonly training: TrainingSettings;
  readonly lora: LoraConfig;
  readonly judge: JudgeConfig;
  readonly agreement: RolloutRequest['agreement'] | null;
  readonly templates: TemplateTexts;
  readonly groupsPerStep: number;
  /** Of the whole run. */
  readonly steps: number;
  /** Steps between two checkpoints. */
  readonly checkpointEvery: number;
  /** The newest ones of the run that are kept. */
  readonly checkpointsKept: number;
  /** Reads the trained rows once more behind each update, so that it can be seen what it did. */
  readonly measuresChange: boolean;
  /** Whether private thoughts in front of an utterance are trained with it. */
  readonly trainsThoughts: boolean;
}

/** A new run. What is left out is the default. */
export interface StartTraining {
  readonly kind: 'start';
  /** 1 to 80 characters; the adapter is called so too. */
  readonly name: string;
  /** Trains this one, whose shape counts then. Default: a new adapter. */
  readonly adapterId?: string;
  readonly method?: TrainingMethod;
  /** Or ids of ours. Default: all of ours that are not held out. */
  readonly dilemmas?: readonly (Dilemma | string)[];
  readonly pairs?: readonly (PersonaPair | string)[];
  /** Some of `NegotiationSettings`, also in snake_case. */
  readonly settings?: unknown;
  /** Some of `TrainingSettings`, also TRL's. */
  readonly training?: unknown;
  readonly lora?: unknown;
  readonly judge?: JudgeConfig;
  readonly agreement?: RolloutRequest['agreement'];
  readonly templates?: TemplateTexts;
  /** Default 1. */
  readonly groupsPerStep?: number;
  readonly steps: number;
  /** Default 1. */
  readonly checkpointEvery?: number;
  /** Default 5. */
  readonly checkpointsKept?: number;
  /** Default true. */
  readonly measuresChange?: boolean;
  /** Default false. */
  readonly trainsThoughts?: boolean;
}

/** Goes on from a run's newest checkpoint as if it had not been interrupted. */
export interface ResumeTraining {
  readonly kind: 'resume';
  readonly runId: string;
  /** A new end. Default: the run's own. */
  readonly steps?: number;
  /** With the key that was not kept. */
  readonly judge?: JudgeConfig;
}

/** A run of its own, with a copy of the adapter, from a checkpoint of another one. */
export interface BranchTraining extends Partial<Pick<StartTraining, 'settings' | 'training' | 'judge' | 'templates'>> {
  readonly kind: 'branch';
  readonly runId: string;
  readonly checkpointId: string;
  readonly name: string;
  /** Of the whole run, those before the checkpoint included. */
  readonly steps: number;
}

export type NegotiationTrainingRequest = StartTraining | ResumeTraining | BranchTraining;

export const STEP_PHASES = [
  'rollout',
  'judge',
  'reference',
  'forward',
  'backward',
  'update',
  'measure',
  'save',
] as const;
/** What a step is doing: dialogues, scores, log-probabilities without the adapter, gradient, update, reading again, storing. */
export type StepPhase = (typeof STEP_PHASES)[number];

export interface StepProgress {
  readonly phase: StepPhase;
  /** 0 to 1, of the phase. */
  readonly done: number;
  /** Of the run; null while nothing is known. */
  readonly secondsLeft: number | null;
}

/** A row that was trained. Lists are as long as `tokenIds`. */
export interface TrainedRow {
  /** Index in the step's `groups`, in the group's `dialogues`, and in the dialogue's `utterances`. */
  readonly group: number;
  readonly dialogue: number;
  /** Null: the answer, of one agent alone. */
  readonly utterance: number | null;
  readonly tokenIds: readonly number[];
  /** New text of each token; empty while a character is incomplete. */
  readonly texts: readonly string[];
  /** 1 where the token counts in the loss. */
  readonly lossMask: readonly number[];
  readonly advantage: number;
  /** ln p when it was sampled, at the sampling temperature, in nats; null behind private thoughts. */
  readonly sampledLogProbs: readonly number[] | null;
  /** The same by the trainer, before the update. */
  readonly logProbs: readonly number[];
  /** Nats, before the update. */
  readonly entropies: readonly number[];
  /** ln p behind the step's last update; null where it was not measured. */
  readonly logProbsAfter: readonly number[] | null;
}

/** The numbers of a step. */
export interface TrainingStepSummary {
  /** Of the run, from 1 on. */
  readonly step: number;
  /** Updates that the adapter has had behind it. A step without any advantage makes none. */
  readonly updates: number;
  /** TRL's names, and ours as docs/automation.md lists them; what is not known is left out. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Without 'save', which comes behind. */
  readonly phaseSeconds: Readonly<Partial<Record<StepPhase, number>>>;
  /** By id. */
  readonly tasks: readonly { readonly dilemma: string; readonly pair: string }[];
}

/** A step with all that happened in it. */
export interface NegotiationTrainingStep extends TrainingStepSummary {
  readonly groups: readonly GroupRecord[];
  /** [groups][dialogues]; null: no verdict. */
  readonly rewards: readonly (readonly (number | null)[])[];
  readonly advantages: readonly (readonly number[])[];
  readonly rows: readonly TrainedRow[];
}

/** A run as it is kept. */
export interface TrainingRun {
  readonly format: 'duet-negotiation-training-1';
  readonly id: string;
  readonly name: string;
  readonly adapterId: string;
  readonly model: MadeByModel;
  readonly device: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly plan: NegotiationTrainingPlan;
  /** Where it was branched off. */
  readonly parent: { readonly runId: string; readonly name: string; readonly step: number } | null;
  /** Of its own; a branch has its parent's up to there in front of them. */
  readonly steps: readonly TrainingStepSummary[];
}

/** What the page is told of a stored run. */
export interface StoredTrainingRun extends TrainingRun {
  /** Newest first. */
  readonly checkpoints: readonly (CheckpointInfo & { readonly runStep: number })[];
  /** It was made with the loaded model. */
  readonly isOfLoadedModel: boolean;
}

/** What a step would take, before it runs. */
export interface NegotiationTrainingEstimate {
  /** Of the update alone: memory, and whether it fits. Rows are as long as the settings allow. */
  readonly update: TrainingEstimate;
  /** Of one step, measured on this device by short probes: tokens read, tokens written, the update. */
  readonly seconds: {
    readonly rollout: number;
    readonly judge: number;
    readonly update: number;
    readonly step: number;
    readonly run: number;
  };
  /** At most, in one step. */
  readonly tokens: { readonly read: number; readonly written: number; readonly trained: number };
  /** Tokens of the longest row, and of context that are free. */
  readonly context: { readonly needed: number; readonly free: number };
}

export type NegotiationTrainingEvent =
  | { readonly kind: 'prepared'; readonly run: TrainingRun }
  | { readonly kind: 'stepStarted'; readonly step: number; readonly numGroups: number }
  | {
      readonly kind: 'groupStarted';
      readonly group: number;
      readonly head: Pick<GroupRecord, 'dilemma' | 'pair' | 'settings'>;
    }
  | { readonly kind: 'rollout'; readonly group: number; readonly event: NegotiationEvent }
  | { readonly kind: 'groupEnded'; readonly group: number; readonly record: GroupRecord }
  | { readonly kind: 'progress'; readonly progress: StepProgress }
  | { readonly kind: 'stepped'; readonly step: NegotiationTrainingStep; readonly secondsLeft: number | null }
  | { readonly kind: 'saved'; readonly checkpoint: CheckpointInfo; readonly runStep: number }
  | Extract<RolloutEvent, { readonly kind: 'humanAsked' | 'paceChanged' }>;

/** `EngineApi.negotiationTraining`. A run that trains is paused and stopped like a rollout, by `negotiation.pause`. */
export interface NegotiationTrainingApi {
  /** However it ends, finished steps are kept; ended by cancelling, it returns the run as it stands. */
  train(
    request: NegotiationTrainingRequest,
    onEvent: (event: NegotiationTrainingEvent) => void,
    ask: AskPage,
  ): Promise<Run<TrainingRun>>;
  estimate(request: StartTraining | BranchTraining): Promise<Run<NegotiationTrainingEstimate>>;
  /** Newest first; damaged ones are left out. */
  listRuns(): Promise<readonly StoredTrainingRun[]>;
  /** @returns null if there is no such step. @throws {Failure} 'storageFailed' */
  readStep(runId: string, step: number): Promise<NegotiationTrainingStep | null>;
  renameRun(runId: string, name: string): Promise<void>;
  /** With its checkpoints. The adapter stays. */
  deleteRun(runId: string): Promise<void>;
}

/** A judge as it may be kept. */
export function withoutKey<Config extends JudgeConfig | ChatModelConfig>(judge: Config): Config {
  if (judge.kind !== 'endpoint') return judge;
  const { apiKey: _key, ...rest } = judge;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key is optional, the rest is as it was
  return rest as Config;
}
