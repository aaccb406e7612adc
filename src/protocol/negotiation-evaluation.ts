/** Adapters compared on held-out dilemmas, as the paper compares them: what is asked for, and what comes out. */
import type { BuiltInSet } from './evaluation.ts';
import type { Interval } from '@/lib/proportions.ts';
import type { Run } from './engine-api.ts';
import type { AskPage, ChatModelConfig } from './chat.ts';
import type { JudgeConfig, PairwiseVerdict, TemplateTexts } from './negotiation-api.ts';
import type { PairwiseAspect } from './negotiation-prompts.ts';
import type { DialogueRecord } from './negotiation-run.ts';
import type { Dilemma, PersonaPair } from './negotiation.ts';
import type { NegotiationSettings } from './negotiation-settings.ts';

/** Who is compared. `adapterId` null: the model as it is. */
export interface Contestant {
  /** Unique in an evaluation; what tables call it. */
  readonly name: string;
  readonly adapterId: string | null;
  /** Which of the paper's rows it stands beside; null: none. */
  readonly role: 'base' | 'single' | 'multi' | null;
}

/** 'greedy': temperature 0. 'sampling': temperature 0.7, top p 0.95, in the dialogue and the answer. */
export type Decoding = 'greedy' | 'sampling';

/** 'conflict': held-out dilemmas negotiated by persona pairs. 'open': the same dilemmas answered by the model alone. */
export type ContestSet = 'conflict' | 'open';

export interface NegotiationEvaluationRequest {
  /** 1 to 4; the base model should be one of them. */
  readonly contestants: readonly Contestant[];
  /** Default: all of ours that are held out. Dilemmas of the training split are refused. */
  readonly dilemmas?: readonly (Dilemma | string)[];
  /** Dealt to the dilemmas in a fixed order. Default: all of ours that are held out. */
  readonly pairs?: readonly (PersonaPair | string)[];
  /** Default: 'conflict'. */
  readonly sets?: readonly ContestSet[];
  /** Default: 'greedy'. */
  readonly decodings?: readonly Decoding[];
  /** Of each sampling, with other seeds; greedy decoding runs once. Default 1. */
  readonly repetitions?: number;
  /** Some of `NegotiationSettings`; every dialogue gets an answer, agreed or not. */
  readonly settings?: unknown;
  readonly judge?: JudgeConfig;
  /** Who compares answers. Default: the judge, if it can; else the loaded model. Null: nobody. */
  readonly pairwiseJudge?: ChatModelConfig | null;
  readonly templates?: TemplateTexts;
  /** General ability, so that a loss shows. Default: nothing. */
  readonly ability?: {
    readonly sets: readonly BuiltInSet[];
    readonly itemsPerSet: number;
    /** Whose perplexity is measured; '' or absent: none. */
    readonly text?: string;
  };
  readonly seed?: number;
  /** Of an evaluation that was interrupted: what they hold is not run again. */
  readonly done?: readonly EvaluationPiece[];
}

/** One dialogue, or answer, of a contestant. */
export interface DialoguePiece {
  readonly kind: 'dialogue';
  readonly contestant: string;
  readonly set: ContestSet;
  readonly decoding: Decoding;
  /** From 0 on. */
  readonly repetition: number;
  readonly dilemmaId: string;
  /** Null where nobody negotiated. */
  readonly pairId: string | null;
  /** With its verdict; of an open question without utterances. */
  readonly record: DialogueRecord;
}

/** Two contestants' answers to the same dilemma, judged in both orders. */
export interface PairwisePiece {
  readonly kind: 'pairwise';
  readonly left: string;
  readonly right: string;
  readonly aspect: PairwiseAspect;
  readonly set: ContestSet;
  readonly decoding: Decoding;
  readonly repetition: number;
  readonly dilemmaId: string;
  readonly verdict: PairwiseVerdict;
}

export interface AbilityPiece {
  readonly kind: 'ability';
  readonly contestant: string;
  readonly set: BuiltInSet;
  readonly itemId: string;
  readonly text: string;
  readonly extracted: string | null;
  readonly isCorrect: boolean;
}

export interface PerplexityPiece {
  readonly kind: 'perplexity';
  readonly contestant: string;
  readonly numTokens: number;
  /** Mean of -ln p over the tokens. */
  readonly natsPerToken: number;
}

export type EvaluationPiece = DialoguePiece | PairwisePiece | AbilityPiece | PerplexityPiece;

/** Over repetitions. */
export interface Repeated {
  readonly mean: number;
  /** ddof 1; null for one repetition. */
  readonly sd: number | null;
  readonly count: number;
}

/** A contestant's own numbers in one set under one decoding. */
export interface ContestantRow {
  readonly contestant: string;
  readonly set: ContestSet;
  readonly decoding: Decoding;
  /** Dialogues that were run. */
  readonly count: number;
  /** Score of the answers, 0 to 5, of those that could be read; null: none. */
  readonly meanScore: Repeated | null;
  readonly unreadable: number;
  /** Share of dialogues that agreed, with its Wilson interval; null for open questions. */
  readonly agreement: { readonly value: number; readonly interval: Interval } | null;
  /** Turns of those that agreed. */
  readonly rounds: Repeated | null;
}

/** Wins of `left` over `right`. */
export interface WinRateRow {
  readonly left: string;
  readonly right: string;
  readonly aspect: PairwiseAspect;
  readonly set: ContestSet;
  readonly decoding: Decoding;
  readonly wins: number;
  readonly losses: number;
  /** Dropped: the place decided, or the judge could not be read. */
  readonly inconsistent: number;
  readonly unreadable: number;
  /** wins / (wins + losses), all repetitions together; null where there are none. */
  readonly winRate: number | null;
  /** Wilson's, of 95 %. */
  readonly interval: Interval | null;
  /** Of the win rates of each repetition; null where there are none. */
  readonly perRepetition: Repeated | null;
}

export interface AbilityRow {
  readonly contestant: string;
  readonly set: BuiltInSet;
  readonly count: number;
  readonly correct: number;
  readonly interval: Interval | null;
}

export interface NegotiationEvaluationSummary {
  readonly contestants: readonly ContestantRow[];
  readonly winRates: readonly WinRateRow[];
  readonly ability: readonly AbilityRow[];
  readonly perplexity: readonly {
    readonly contestant: string;
    readonly numTokens: number;
    readonly perplexity: number;
  }[];
}

/** What an evaluation was asked for, with nothing left to default; without keys. */
export interface NegotiationEvaluationPlan {
  readonly contestants: readonly Contestant[];
  readonly dilemmas: readonly Dilemma[];
  /** [dilemmas] */
  readonly pairs: readonly PersonaPair[];
  readonly sets: readonly ContestSet[];
  readonly decodings: readonly Decoding[];
  readonly repetitions: number;
  readonly settings: NegotiationSettings;
  readonly judge: string;
  readonly pairwiseJudge: string | null;
  readonly templates: TemplateTexts;
  readonly ability: NonNullable<NegotiationEvaluationRequest['ability']> | null;
  readonly seed: number;
}

export interface NegotiationEvaluationReport {
  readonly format: 'duet-negotiation-evaluation-1';
  /** ISO 8601. */
  readonly createdAt: string;
  readonly plan: NegotiationEvaluationPlan;
  readonly pieces: readonly EvaluationPiece[];
  readonly summary: NegotiationEvaluationSummary;
  readonly model: { readonly name: string; readonly key: string };
  readonly device: string;
}

export type NegotiationEvaluationEvent =
  | { readonly kind: 'started'; readonly total: number; readonly done: number }
  /** What is being made now, for a line of progress. */
  | { readonly kind: 'pieceStarted'; readonly what: Pick<EvaluationPiece, 'kind'> & { readonly label: string } }
  | {
      readonly kind: 'pieceEnded';
      readonly piece: EvaluationPiece;
      readonly summary: NegotiationEvaluationSummary;
      readonly done: number;
      readonly total: number;
      readonly secondsLeft: number | null;
    };

/** `EngineApi.negotiationEvaluation`. */
export interface NegotiationEvaluationApi {
  /** Attaches adapters as it needs them; the one that was attached before is attached again at the end. */
  evaluate(
    request: NegotiationEvaluationRequest,
    onEvent: (event: NegotiationEvaluationEvent) => void,
    ask: AskPage,
  ): Promise<Run<NegotiationEvaluationReport>>;
}
