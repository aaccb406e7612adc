/**
 * What the worker offers for negotiations. At most one rollout runs at a time; its controls may be called at any time and
 * do nothing where there is none.
 */
import type { AskPage, ChatModelConfig } from './chat.ts';
import type { Run } from './engine-api.ts';
import type { Dilemma, DilemmaCategory, PersonaPair } from './negotiation.ts';
import type { TemplateId } from './negotiation/templates.ts';
import type { PairwiseAspect, SpokenText } from './negotiation-prompts.ts';
import { placeOf } from './negotiation-run.ts';
import type {
  AgreementVerdict,
  DialogueRecord,
  GroupRecord,
  JudgeVerdict,
  NegotiationEvent,
  NegotiationRole,
  RolloutPlan,
  Thoughts,
  Utterance,
} from './negotiation-run.ts';

export type RuleConfig =
  /** One point for each time the word occurs, five at most. */
  | { readonly kind: 'word'; readonly word: string }
  /** Five at the wanted number of words, one less for each fifth of it that is missing or too much. */
  | { readonly kind: 'length'; readonly words: number }
  /** The smaller share of a persona's longer words that the completion takes up, times five. */
  | { readonly kind: 'personas' };

export type JudgeConfig =
  | ChatModelConfig
  | { readonly kind: 'rule'; readonly rule: RuleConfig }
  | { readonly kind: 'human' };

/** Edited texts; the others are ours. */
export type TemplateTexts = Readonly<Partial<Record<TemplateId, string>>>;

/** Where a row begins; without anything, at its beginning. */
export interface RowStart {
  readonly row: number;
  /** Default 0. Another number draws other tokens. */
  readonly branch?: number;
  /** Agent 1 first. */
  readonly utterances?: readonly Utterance[];
  /** Of the exchanges that are over; what is missing is judged. */
  readonly agreements?: readonly AgreementVerdict[];
  /** Of earlier turns; kept for the record. */
  readonly thoughts?: readonly Thoughts[];
  /** What a person says next, in the model's place. */
  readonly said?: string;
}

export interface SideOfRow {
  readonly row: number;
  readonly role: NegotiationRole;
}

export interface RolloutRequest {
  /** Or the id of one of ours. */
  readonly dilemma: Dilemma | string;
  readonly pair: PersonaPair | string;
  /** `NegotiationSettings`, some of them, also in snake_case. */
  readonly settings?: unknown;
  readonly templates?: TemplateTexts;
  /** Default: the model itself. Null: nothing is judged. */
  readonly judge?: JudgeConfig | null;
  /** Who decides whether the sides agree, in place of what `settings.agreementBy` says. */
  readonly agreement?: ChatModelConfig | { readonly kind: 'rule'; readonly phrases?: readonly string[] };
  /** Default: `groupSize` rows from their beginning. */
  readonly starts?: readonly RowStart[];
  /** Of the run that is to be repeated. */
  readonly plan?: RolloutPlan;
  /** Sides that a person speaks for, from the beginning. */
  readonly takenOver?: readonly SideOfRow[];
  /** Pauses after the first utterance, or turn, of every row. Default 'running'. */
  readonly pace?: 'running' | StepUnit;
}

export type StepUnit = 'utterance' | 'turn';

/** An answer to be judged. */
export interface JudgedAnswer {
  readonly dilemma: string;
  readonly persona1: string;
  readonly persona2: string;
  readonly completion: string;
  /** Default: none. */
  readonly dialogue?: readonly SpokenText[];
}

/** An answer that waits for a person's score. */
export interface HumanQuestion {
  readonly id: number;
  readonly answer: JudgedAnswer;
}

export type RolloutEvent =
  | NegotiationEvent
  /** All that are open, oldest first. */
  | { readonly kind: 'humanAsked'; readonly open: readonly HumanQuestion[] }
  | { readonly kind: 'paceChanged'; readonly isPaused: boolean };

export interface JudgeRequest {
  readonly answers: readonly JudgedAnswer[];
  readonly judge?: JudgeConfig;
  readonly templates?: TemplateTexts;
  readonly judgeSeesDialogue?: boolean;
  /**
   * How often each answer is judged, 1 to 4; default 1. The second reading has the goals in the other order, the third
   * has the dialogue where the first had none (or the other way round), the fourth has both. Chat models are asked at a
   * temperature above 0 from the second on.
   */
  readonly readings?: number;
  /** Also a short note on each aspect; for display, never for a score. Only chat models write them. Default false. */
  readonly notes?: boolean;
}

/** By aspect, in the rubric's order. */
export interface AspectNote {
  readonly aspect: string;
  readonly text: string;
}

export interface AnswerJudgement {
  /** [readings] */
  readonly verdicts: readonly JudgeVerdict[];
  /** Of the readings that were scored; null where none was. */
  readonly mean: number | null;
  /** Standard deviation over the readings (ddof 1); null with fewer than two. */
  readonly spread: number | null;
  readonly notes?: readonly AspectNote[];
}

export type JudgeEvent =
  | {
      readonly kind: 'answerJudged';
      readonly index: number;
      readonly total: number;
      readonly judgement: AnswerJudgement;
    }
  | { readonly kind: 'humanAsked'; readonly open: readonly HumanQuestion[] };

export interface JudgeReport {
  readonly judge: string;
  /** [answers] */
  readonly judgements: readonly AnswerJudgement[];
}

export interface JudgeComparisonRequest {
  readonly answers: readonly JudgedAnswer[];
  /** The same one twice shows its own noise: its second reading is the one with the goals in the other order. */
  readonly judges: readonly [JudgeConfig, JudgeConfig];
  readonly templates?: TemplateTexts;
  readonly judgeSeesDialogue?: boolean;
}

/** The figures of the paper's Table 7. */
export interface JudgeAgreement {
  /** Answers that both judges scored. */
  readonly count: number;
  /** Shares of equal scores, and of those at most one apart; expected values are rounded. Null without answers. */
  readonly exact: number | null;
  readonly withinOne: number | null;
  /** Of the scores as they are; null if one judge always gives the same. */
  readonly pearson: number | null;
  /** Of rounded scores; null if chance alone would agree fully. */
  readonly quadraticKappa: number | null;
  readonly means: readonly [first: number, second: number] | null;
  /** The second judge's mean score where the first gave this (rounded) one. */
  readonly conditionalMeans: readonly { readonly score: number; readonly count: number; readonly mean: number }[];
}

export interface JudgeComparison {
  readonly judges: readonly [string, string];
  /** [answers] */
  readonly verdicts: readonly (readonly [JudgeVerdict, JudgeVerdict])[];
  readonly agreement: JudgeAgreement;
  readonly numUnreadable: readonly [number, number];
}

export type JudgeComparisonEvent =
  | {
      readonly kind: 'compared';
      readonly index: number;
      readonly total: number;
      readonly verdicts: readonly [JudgeVerdict, JudgeVerdict];
      readonly agreement: JudgeAgreement;
    }
  | { readonly kind: 'humanAsked'; readonly open: readonly HumanQuestion[] };

export interface PairwiseRequest {
  readonly aspect: PairwiseAspect;
  readonly dilemma: string;
  readonly persona1?: string;
  readonly persona2?: string;
  readonly left: string;
  readonly right: string;
  /** Any but a person or a rule. */
  readonly judge?: ChatModelConfig;
  readonly templates?: TemplateTexts;
}

export type PairwiseAnswer =
  | { readonly state: 'chosen'; readonly answer: 'A' | 'B'; readonly pA?: number; readonly raw?: string }
  | { readonly state: 'unreadable'; readonly reason: string; readonly raw: string };

export interface PairwiseVerdict {
  /** A win counts only if it is one in both places; 'inconsistent': the place decided. */
  readonly winner: 'left' | 'right' | 'inconsistent' | 'unreadable';
  /** With the left answer as A, then as B. */
  readonly answers: readonly [PairwiseAnswer, PairwiseAnswer];
}

export interface GenerateDilemmasRequest {
  /** Default: the paper's shares of all three. */
  readonly category?: DilemmaCategory;
  /** 1 to 200. */
  readonly count: number;
  /** Default: the loaded model. */
  readonly model?: ChatModelConfig;
  /** What there is already, beside ours: nothing like it is made. */
  readonly known?: readonly Dilemma[];
  readonly templates?: TemplateTexts;
  /** Texts that are asked for, for one goal. Default 3. */
  readonly maxAttempts?: number;
}

export type GeneratorEvent =
  | {
      readonly kind: 'goalsProposed';
      readonly category: DilemmaCategory;
      readonly goals: readonly string[];
      readonly rejected: readonly { readonly goal: string; readonly faults: readonly string[] }[];
    }
  | {
      readonly kind: 'rejected';
      readonly goal: string;
      readonly text: string;
      readonly faults: readonly string[];
      readonly attempt: number;
    }
  | { readonly kind: 'accepted'; readonly dilemma: Dilemma; readonly done: number; readonly total: number };

export interface GeneratorReport {
  readonly dilemmas: readonly Dilemma[];
  /** Fewer than were asked for: the model had nothing new within its attempts. */
  readonly missing: number;
  readonly numCalls: number;
}

export interface NegotiationApi {
  /** Ended by cancelling, it still returns what was said; only a run that never began is 'cancelled'. */
  rollout(request: RolloutRequest, onEvent: (event: RolloutEvent) => void, ask: AskPage): Promise<Run<GroupRecord>>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Goes on until every row's utterance, or turn, is over; then pauses. */
  step(unit: StepUnit): Promise<void>;
  takeOver(side: SideOfRow): Promise<void>;
  release(side: SideOfRow): Promise<void>;
  say(side: SideOfRow, text: string): Promise<void>;
  /** A person's score, 0 to 5; null: no score. @throws 'invalidConfig' if the question is not open */
  answer(questionId: number, score: number | null): Promise<void>;
  judge(request: JudgeRequest, onEvent: (event: JudgeEvent) => void, ask: AskPage): Promise<Run<JudgeReport>>;
  compareJudges(
    request: JudgeComparisonRequest,
    onEvent: (event: JudgeComparisonEvent) => void,
    ask: AskPage,
  ): Promise<Run<JudgeComparison>>;
  prefer(request: PairwiseRequest, ask: AskPage): Promise<Run<PairwiseVerdict>>;
  generate(
    request: GenerateDilemmasRequest,
    onEvent: (event: GeneratorEvent) => void,
    ask: AskPage,
  ): Promise<Run<GeneratorReport>>;
}

/** What a judge reads of a dialogue; undefined where there is no completion to be judged. */
export function answerOf(
  { dilemma, pair }: Pick<GroupRecord, 'dilemma' | 'pair'>,
  { completion, utterances }: Pick<DialogueRecord, 'completion' | 'utterances'>,
): JudgedAnswer | undefined {
  if (completion === undefined) return undefined;
  const dialogue = utterances.map(({ role, text }) => ({ role, text }));
  const { persona1, persona2 } = pair;
  return { dilemma: dilemma.prompt, persona1, persona2, completion: completion.text, dialogue };
}

/**
 * A row that goes on from another one's beginning.
 *
 * @param index  of the utterance that is said otherwise; everything from its exchange on is judged anew
 * @param branch not used by the row yet; 0 is its first course
 */
export function branchStart(
  { row, utterances, agreements, thoughts = [] }: Omit<DialogueRecord, 'branch' | 'outcome'>,
  index: number,
  branch: number,
  said: string,
): RowStart {
  return {
    row,
    branch,
    utterances: utterances.slice(0, index),
    agreements: agreements.slice(0, Math.floor(index / 2)),
    thoughts: thoughts.filter((thought) => placeOf(thought) < index),
    said,
  };
}
