/**
 * Asynchronous reasoning: configuration, trace and live events.
 *
 * The trace keeps the file format of the reference traces (`async-trace-1`), snake_case names included, so that a
 * recorded run and a reference run are the same kind of document. `loc` there is `rotaryOffset` in the code.
 */

import type { TraceAttention } from './attention.ts';

export type ReasoningState = 'thinkerOnly' | 'thinkerAndWriter' | 'writerOnly';
export type TraceState = 'thinker_only' | 'thinker_and_writer' | 'writer_only';
export type StreamName = 'thinker' | 'writer';

export interface TracePrefill {
  readonly view: readonly string[];
  readonly ids: readonly number[];
  readonly text?: string;
}

export type TraceInputEvent =
  /** `view` names a view; default `input`. */
  | {
      readonly step: number;
      readonly kind: 'append_input';
      readonly ids: readonly number[];
      readonly view?: string;
      readonly text?: string;
    }
  | {
      readonly step: number;
      readonly kind: 'edit_input';
      readonly keep: number;
      readonly view?: string;
      readonly ids: readonly number[];
      readonly text?: string;
    }
  | {
      readonly step: number;
      readonly kind: 'inject';
      readonly stream: StreamName;
      readonly ids: readonly number[];
      /**
       * False: no token is chosen and the last of `ids` is left pending, so that rules 2 to 5 hold for what is chosen
       * behind it. Default true.
       */
      readonly choose?: boolean;
      readonly text?: string;
    }
  /**
   * Live runs: (re)starts the thoughts. Clears both streams' blocks, encodes all of `ids` but the last one, which becomes
   * pending, and takes the writer back to "not started".
   */
  | { readonly step: number; readonly kind: 'start_thinker'; readonly ids: readonly number[] }
  /** Live runs: starts the writer, after the thoughts as they are then; `ids` as in 'start_thinker'. */
  | { readonly step: number; readonly kind: 'start_writer'; readonly ids: readonly number[] }
  /** Live runs: changes what is given, from this step on. Without `probing` rule 4 is not evaluated. */
  | ({ readonly step: number; readonly kind: 'set_params'; readonly probing?: boolean } & Partial<LiveTraceParams>)
  /** Clears the last block of `view`, which names blocks, and encodes `ids` there. */
  | { readonly step: number; readonly kind: 'fill'; readonly view: readonly string[]; readonly ids: readonly number[] }
  /** Cuts both streams to their first tokens, prefix included; the last one left becomes pending. */
  | { readonly step: number; readonly kind: 'rewind'; readonly thinker: number; readonly writer: number }
  /** The writer has to wait, or may run again, for a reason outside the method such as speech. */
  | { readonly step: number; readonly kind: 'hold_writer'; readonly hold: boolean }
  /** A stream that had ended goes on: its end token is dropped, then `ids` as in 'inject' without a choice. */
  | { readonly step: number; readonly kind: 'wake'; readonly stream: StreamName; readonly ids: readonly number[] }
  /**
   * The next question. The streams' blocks become history, cut to what `keep_thoughts` leaves; `ids` (the opening of the
   * new turn, behind the writer's pending token unless that ended the turn) begin a new set of blocks.
   */
  | {
      readonly step: number;
      readonly kind: 'next_turn';
      readonly keep_thoughts: boolean;
      readonly ids: readonly number[];
    };

/** Parameters that a run under way can change. */
export interface LiveTraceParams {
  readonly probe_interval: number;
  readonly yes_bias: number;
  /** Rule 4's limit for `score`. Default 0. */
  readonly margin_threshold?: number;
  /** Added to the limit while the writer waits, taken off while it runs. Default 0. */
  readonly hysteresis?: number;
  /** A no is passed over while the writer has run for fewer steps since its last yes. Default 0. */
  readonly min_writer_steps?: number;
  /** Whether a thinker's paragraph end calls the probe. Default true. */
  readonly probe_at_paragraphs?: boolean;
  /** Whether rule 2 holds. Default true. */
  readonly paragraph_pause?: boolean;
  /** Thinker tokens after which the thoughts end as by rule 3; 0 = no limit. Default 0. */
  readonly thought_budget?: number;
}

/** What the reference format lacks is optional, and absent means its rule. */
export interface TraceParams extends LiveTraceParams {
  readonly budget: number;
  readonly question?: string;
  readonly question_ids: readonly number[];
  readonly yes_ids: readonly number[];
  readonly no_ids: readonly number[];
  readonly forbidden: Readonly<Record<StreamName, readonly number[]>>;
  readonly forbidden_penalty: number;
  readonly eos_ids: readonly number[];
  readonly end_of_think_ids: readonly number[];
  /** What a yes to the question means; scores are always for writing on. Default 'continue'. */
  readonly probe_rule?: 'continue' | 'pause';
  /** The probe is a row of the next step, and its answer counts after that step. Default false. */
  readonly probe_overlapped?: boolean;
  /** Streams whose rows say what they read. Default none. */
  readonly read_attention?: readonly StreamName[];
  /** Default greedy. */
  readonly sampling?: {
    readonly temperature: number;
    readonly top_k: number;
    readonly top_p: number;
    readonly min_p: number;
    readonly seed: number;
  };
}

/** Everything needed to run, as in a reference trace's `setup`. */
export interface TraceSetup {
  readonly design: 'A' | 'B';
  readonly problem?: string;
  readonly row_order: readonly StreamName[];
  readonly blocks: readonly string[];
  readonly views: Readonly<Record<string, readonly string[]>>;
  readonly prefill: readonly TracePrefill[];
  readonly stream_tokens: Readonly<Record<StreamName, readonly number[]>>;
  readonly events: readonly TraceInputEvent[];
  readonly params: TraceParams;
}

export interface TraceRow {
  readonly stream: StreamName;
  readonly input: number;
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
  readonly token: number;
  readonly margin: number;
  readonly top: readonly (readonly [number, number])[];
  readonly logsumexp: number;
  /** Where `read_attention` names the stream. */
  readonly attention?: TraceAttention;
}

export interface TraceProbe {
  /** Both when both conditions hold. */
  readonly why: readonly ('interval' | 'paragraph')[];
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
  readonly yes_logits: readonly number[];
  readonly no_logits: readonly number[];
  readonly score: number;
  /** What the score has to be above; absent: 0. */
  readonly limit?: number;
  /** Whether the writer may go on. */
  readonly yes: boolean;
  /** A no that the shortest burst passed over. */
  readonly passed_over?: boolean;
  readonly logsumexp: number;
}

export interface TraceEventResult {
  readonly kind: TraceInputEvent['kind'];
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
  readonly stream?: StreamName;
  readonly encoded?: readonly number[];
  readonly token?: number;
  readonly margin?: number;
  readonly top?: readonly (readonly [number, number])[];
  readonly logsumexp?: number;
  /** After 'next_turn': the views from then on. */
  readonly views?: Readonly<Record<string, readonly string[]>>;
}

export interface TraceStep {
  readonly step: number;
  readonly state: TraceState;
  readonly events?: readonly TraceEventResult[];
  readonly rows: readonly TraceRow[];
  readonly writer_paragraph_end?: boolean;
  readonly end_of_think?: boolean;
  /** The thought budget was spent. */
  readonly thought_budget_spent?: boolean;
  readonly probe?: TraceProbe;
  readonly state_after: TraceState;
  /** Wall time since the run began, when the step ended. Not part of the reference format. */
  readonly elapsed_ms?: number;
}

export interface TracePrefillResult {
  readonly block: string;
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
  readonly last_top: readonly (readonly [number, number])[];
  readonly logsumexp: number;
}

export interface TraceResult {
  readonly prefill_results: readonly TracePrefillResult[];
  readonly steps: readonly TraceStep[];
  readonly final: {
    readonly stop: 'budget' | 'writer_eos' | 'stopped' | 'context_full';
    readonly state: TraceState;
    readonly thinker_tokens: readonly number[];
    readonly writer_tokens: readonly number[];
    readonly lengths: Readonly<Record<string, number>>;
  };
  /** Streams of the turns in front of the last one. */
  readonly turns?: readonly Readonly<Record<`${StreamName}_tokens`, readonly number[]>>[];
}

export interface ReasoningTrace {
  readonly format: 'async-trace-1';
  readonly setup: TraceSetup;
  readonly result: TraceResult;
  readonly text: Readonly<Record<StreamName, string>>;
}

/** Settings of a run; `REASONING_FIELDS` says what each one does, where its default comes from and its range. */
export interface ReasoningSettings {
  readonly design: 'A' | 'B';
  readonly budget: number;
  readonly thoughtBudget: number;
  readonly allowThinkEnd: boolean;
  readonly paragraphPause: boolean;
  readonly forbiddenTokens: 'controlAndSystem' | 'control';
  readonly forbiddenPenalty: number;
  readonly safetyProtocol: boolean;
  readonly thinkerStart: string;
  readonly writerStart: string;
  readonly readAttention: 'off' | 'writer' | 'both';
  readonly probeInterval: number;
  readonly probeAtParagraphs: boolean;
  readonly probeQuestion: string;
  readonly probeRule: 'continue' | 'pause';
  readonly yesWords: readonly string[];
  readonly noWords: readonly string[];
  readonly yesBias: number;
  readonly marginThreshold: number;
  readonly hysteresis: number;
  readonly minWriterSteps: number;
  readonly probeTiming: 'blocking' | 'overlapped';
  readonly writeBeforeSend: boolean;
  readonly onEdit: 'auto' | 'keep' | 'rewind' | 'restart';
  readonly keepThoughtsFrom: number;
  readonly settleSeconds: number;
  readonly reminders: boolean;
  readonly writerReminder: 'paragraph' | 'now' | 'never';
  readonly followUps: boolean;
  readonly historyThoughts: 'drop' | 'keep';
  readonly speechPause: boolean;
  readonly speakingRate: number;
  readonly maxUnspokenSeconds: number;
  readonly resumeUnspokenSeconds: number;
  readonly stepSeconds: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly seed: number;
}

/** When a scripted input happens: at a step, which repeats exactly, or at a time after the run's start. */
export type InputTime = { readonly step: number } | { readonly atMs: number };

/** The whole draft as it stands. `sent` after Enter; `settled` once the typing rests, so that the last word is read too. */
export interface Draft {
  readonly text: string;
  readonly sent: boolean;
  readonly settled?: boolean;
}

/** A scripted keystroke burst of a live run. */
export type DraftChange = InputTime & Draft;

/** A scripted remark while the writer writes. */
export type ScriptedRemark = InputTime & { readonly text: string };

/** A question with settings; with `drafts` it is typed, and the run is a live one that repeats. */
export interface QuestionConfig {
  readonly question: string;
  /** Either all of these at steps, or all at times. */
  readonly drafts?: readonly DraftChange[];
  readonly remarks?: readonly ScriptedRemark[];
  readonly pauses?: readonly (InputTime & { readonly paused: boolean })[];
  /** Ends the run there, with the stop reason 'stopped'. */
  readonly stopAt?: InputTime;
  readonly settings?: Partial<ReasoningSettings>;
}

/** What `reason` accepts: a setup as it stands, or a question. */
export type ReasoningConfig = TraceSetup | QuestionConfig;

export type ReasoningStopReason = TraceResult['final']['stop'];

export type WaitReason =
  | 'emptyDraft'
  | 'budget'
  | 'paused'
  /** The draft does not fit; a shorter one does. */
  | 'contextFull'
  /** Thoughts have ended and the voice has to catch up. */
  | 'speech'
  /** The answer is complete; a draft begins the next turn. */
  | 'followUp';

/** A run of a stream's sampled text, in UTF-16 units. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** What the page draws from. Texts are what was added, not the whole. */
export type ReasoningEvent =
  | { readonly kind: 'started'; readonly elapsedMs: number; readonly setup: TraceSetup }
  | {
      readonly kind: 'stepped';
      readonly elapsedMs: number;
      readonly step: TraceStep;
      readonly state: ReasoningState;
      readonly thinkerText: string;
      readonly writerText: string;
      /** The streams were cut in this step: all that they hold now, the step's own text included. */
      readonly cut?: Readonly<Record<StreamName, { readonly text: string; readonly tokens: number }>>;
    }
  | {
      readonly kind: 'draftRead';
      readonly elapsedMs: number;
      readonly step: number;
      readonly draftTokens: number;
      readonly heldBackTokens: number;
      readonly keptTokens: number;
      readonly addedTokens: number;
      readonly removedTokens: number;
    }
  /** Thoughts were formed on text that has changed since. `range` is of the thinker's text before the change. */
  | {
      readonly kind: 'thoughtsAffected';
      readonly elapsedMs: number;
      readonly step: number;
      readonly policy: 'keep' | 'rewind' | 'restart';
      readonly tokens: number;
      readonly range: TextRange;
    }
  /** A long draft is read in pieces. */
  | { readonly kind: 'reading'; readonly elapsedMs: number; readonly doneTokens: number; readonly totalTokens: number }
  | { readonly kind: 'remarkRead'; readonly elapsedMs: number; readonly step: number; readonly text: string }
  /** The next turn begins; the streams are empty again. Counts from 1, the first turn having been 0. */
  | { readonly kind: 'turnStarted'; readonly elapsedMs: number; readonly step: number; readonly turn: number }
  | {
      readonly kind: 'waiting';
      readonly elapsedMs: number;
      readonly reason: WaitReason;
      /** With 'contextFull': tokens that are missing. */
      readonly missingTokens?: number;
    }
  /** A wait is over. */
  | { readonly kind: 'resumed'; readonly elapsedMs: number }
  | { readonly kind: 'stopped'; readonly elapsedMs: number; readonly reason: ReasoningStopReason };
