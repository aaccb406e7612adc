/**
 * What can be handed on as a link or a file: settings, prompts, plans, scenarios and recordings, as plain JSON. A part that is left
 * out stays as it is at whoever opens it; a part that is there takes the place of theirs. No key of a server is part of it.
 */
import type { ChatSettings } from './chat-settings.ts';
import type { ComparisonMode } from './comparison.ts';
import type { BuiltInSet } from './evaluation.ts';
import type { RuleConfig } from './negotiation-api.ts';
import type { ContestSet, Decoding } from './negotiation-evaluation.ts';
import type { NegotiationRecordingFile } from './negotiation-recording.ts';
import type { GroupRecord } from './negotiation-run.ts';
import type { NegotiationSettings } from './negotiation-settings.ts';
import type { TrainingMethod } from './negotiation-training.ts';
import type { Dilemma, PersonaPair } from './negotiation.ts';
import type { TemplateId } from './negotiation/templates.ts';
import type { ReasoningSettings, ReasoningTrace } from './reasoning.ts';
import type { Recording } from './recording.ts';
import type { WrittenScenario } from './scenario/scenario.ts';
import type { TrainingRecording } from './training-recording.ts';
import type { LossType, LrSchedulerType, TrainingSettings } from './training.ts';

/** Of the file; a link has the number of it in front. Whoever changes the meaning of a field raises it. */
export const SHARE_FORMAT = 'duet-share-1';
export const SHARE_VERSION = '1';

/** The name in the page's address, `#/thinking?share=1.…`. */
export const SHARE_PARAMETER = 'share';

export const SHARE_FILE_SUFFIX = '.duet.json';

interface SharedHead {
  readonly format: typeof SHARE_FORMAT;
  readonly title?: string;
  readonly note?: string;
  /** With what it was made: an id of the catalogue or of Hugging Face (`hf:owner/name`), else '', and a name. Nothing is loaded by it. */
  readonly model?: { readonly id: string; readonly name: string };
}

/** A judge that is no server. */
export type SharedJudge =
  | { readonly kind: 'engine' }
  | { readonly kind: 'human' }
  | { readonly kind: 'webLlm'; readonly model: string }
  | { readonly kind: 'rule'; readonly rule: RuleConfig };

/** With what model a chat is. */
export type SharedChatModel =
  | { readonly kind: 'engine' }
  | { readonly kind: 'webLlm'; readonly model: string }
  | { readonly kind: 'endpoint'; readonly url: string; readonly model: string };

export type SharedTemplates = Readonly<
  Partial<Record<TemplateId, { readonly ourVersion: number; readonly text: string }>>
>;

/** How it is negotiated. */
export interface SharedRules {
  /** What differs from the defaults; `{}`: nothing. */
  readonly settings?: Partial<NegotiationSettings>;
  /** Whole, or the id of one of ours. */
  readonly dilemma?: Dilemma | string;
  readonly pair?: PersonaPair | string;
  readonly judge?: SharedJudge;
  /** Edited prompts; `{}`: all are ours. */
  readonly templates?: SharedTemplates;
}

type TrainingNumbers =
  | 'steps'
  | 'groupsPerStep'
  | 'groupSize'
  | 'maxTurns'
  | 'maxUtteranceTokens'
  | 'maxCompletionTokens'
  | 'learningRate'
  | 'beta'
  | 'maxGradNorm'
  | 'numIterations'
  | 'epsilon'
  | 'utteranceTemperature'
  | 'r'
  | 'loraAlpha'
  | 'tokensPerPass'
  | 'checkpointEvery'
  | 'checkpointsKept'
  | 'seed';

/** The form of a training; what is left out is as in an untouched form. It trains a new adapter. */
export type SharedPlan = Readonly<Partial<Record<TrainingNumbers, number>>> & {
  readonly name?: string;
  readonly method?: TrainingMethod;
  readonly material?: 'all' | 'chosen';
  readonly lossType?: Exclude<LossType, 'sft'>;
  readonly scaleRewards?: TrainingSettings['scaleRewards'];
  readonly normalizeOver?: TrainingSettings['normalizeOver'];
  readonly trainRoles?: TrainingSettings['trainRoles'];
  readonly gradientCheckpointing?: boolean;
  readonly measuresChange?: boolean;
  readonly trainsThoughts?: boolean;
};

/** The form of an evaluation of negotiations, without adapters: they lie in one browser only. */
export interface SharedEvaluation {
  readonly numDilemmas?: number;
  readonly sets?: readonly ContestSet[];
  readonly decodings?: readonly Decoding[];
  readonly repetitions?: number;
  readonly maxTurns?: number;
  readonly maxUtteranceTokens?: number;
  readonly maxCompletionTokens?: number;
  readonly isCompared?: boolean;
  readonly isAbilityMeasured?: boolean;
  readonly abilitySets?: readonly BuiltInSet[];
  readonly itemsPerSet?: number;
  readonly text?: string;
  readonly seed?: number;
}

/** The form of a fine-tuning, without its adapter; what is left out is as in an untouched form. */
export interface SharedFineTune {
  /** The examples. Left out, those that stand in the form stay. */
  readonly data?: string;
  readonly steps?: number;
  readonly examplesPerStep?: number;
  readonly learningRate?: number;
  readonly maxTokens?: number;
  readonly checkpointEvery?: number;
  readonly warmupSteps?: number;
  readonly lrSchedulerType?: LrSchedulerType;
  readonly gradientCheckpointing?: boolean;
  readonly logitChunkSize?: number;
  readonly tokensPerPass?: number;
}

/** Which settings an evaluation of Thinking runs with. */
export type SharedBasis =
  | { readonly kind: 'present' }
  | { readonly kind: 'preset'; readonly preset: string }
  | { readonly kind: 'kept'; readonly settings: Partial<ReasoningSettings> };

/** The form of an evaluation of Thinking, without imported questions; what is left out is as in an untouched form. */
export interface SharedThinkingEvaluation {
  readonly set?: BuiltInSet;
  readonly numItems?: number;
  readonly seed?: number;
  readonly configurations?: readonly {
    readonly name: string;
    readonly mode: ComparisonMode;
    readonly basis: SharedBasis;
  }[];
}

/** Something that was recorded, and is looked at without a model. */
export type SharedReplay =
  | { readonly of: 'thinking'; readonly run: Recording | ReasoningTrace }
  | { readonly of: 'negotiation'; readonly recording: NegotiationRecordingFile }
  /** A group of dialogues without its times: it is shown complete. */
  | { readonly of: 'group'; readonly group: GroupRecord }
  | { readonly of: 'training'; readonly recording: TrainingRecording }
  /** One that comes with the page: the name of its file. Fetched, from the page's own server, when it is opened. */
  | { readonly of: 'shipped'; readonly panel: ShippedPanel; readonly file: string };

export type ShippedPanel = 'thinking' | 'negotiation' | 'training';

/** One kind for each place of the page. Another one gets its line here, and the compiler names the rest. */
export type SharedContent = SharedHead &
  (
    | {
        readonly kind: 'thinking';
        /** What differs from the loaded model's defaults; `{}`: nothing. */
        readonly settings?: Partial<ReasoningSettings>;
        readonly question?: string;
      }
    | { readonly kind: 'negotiation'; readonly rules: SharedRules }
    | { readonly kind: 'training'; readonly plan: SharedPlan; readonly rules: SharedRules }
    | { readonly kind: 'evaluation'; readonly form: SharedEvaluation; readonly rules: SharedRules }
    | {
        readonly kind: 'chat';
        /** The system prompt among them. */
        readonly settings?: Partial<ChatSettings>;
        readonly question?: string;
        readonly chatModel?: SharedChatModel;
      }
    | { readonly kind: 'fineTune'; readonly form: SharedFineTune }
    | {
        readonly kind: 'thinkingEvaluation';
        readonly form: SharedThinkingEvaluation;
        /** Of the panel: those of configurations that follow it. */
        readonly settings?: Partial<ReasoningSettings>;
      }
    /** As its file holds it. A model at an address of its own is named by that. */
    | { readonly kind: 'scenario'; readonly scenario: WrittenScenario }
    | { readonly kind: 'replay'; readonly replay: SharedReplay }
  );

export type SharedKind = SharedContent['kind'];

/** Pages of which `current` tells; the last two are dialogs. */
export type SharedPage = Exclude<SharedKind, 'scenario' | 'replay'>;

export interface MadeShare {
  /** Null where it would be longer than `MAX_LINK_CHARACTERS`: the file is handed on then. */
  readonly link: string | null;
  /** Of a file, whose name ends with `.duet.json`. */
  readonly text: string;
}

/** `window.duet.share`. */
export interface SharePage {
  /** What stands on a page now: settings, question, prompts, plan. Server addresses, examples and recordings are not in it. */
  current(page: SharedPage): SharedContent;
  /**
   * @param content  `format` may be left out
   * @throws {Failure} 'invalidConfig' with the field at fault
   */
  make(content: SharedContentInput): MadeShare;
  /**
   * Reads and checks a link, what stands behind `share=`, or a file's text. Changes nothing on the page.
   *
   * @throws {Failure} 'invalidConfig' with the field at fault
   */
  read(source: string): SharedContent;
}

type WithoutFormat<Content> = Content extends unknown ? Omit<Content, 'format'> : never;
export type SharedContentInput = WithoutFormat<SharedContent>;
