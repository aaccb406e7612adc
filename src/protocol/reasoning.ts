/**
 * Asynchronous reasoning: configuration, trace and live events.
 *
 * The trace keeps the file format of the reference traces (`async-trace-1`), snake_case names included, so that a
 * recorded run and a reference run are the same kind of document. `loc` there is `rotaryOffset` in the code.
 */

export type ReasoningState = 'thinkerOnly' | 'thinkerAndWriter' | 'writerOnly';
export type TraceState = 'thinker_only' | 'thinker_and_writer' | 'writer_only';
export type StreamName = 'thinker' | 'writer';

export interface TracePrefill {
  readonly view: readonly string[];
  readonly ids: readonly number[];
  readonly text?: string;
}

export type TraceInputEvent =
  | { readonly step: number; readonly kind: 'append_input'; readonly ids: readonly number[]; readonly text?: string }
  | {
      readonly step: number;
      readonly kind: 'edit_input';
      readonly keep: number;
      readonly ids: readonly number[];
      readonly text?: string;
    }
  | {
      readonly step: number;
      readonly kind: 'inject';
      readonly stream: StreamName;
      readonly ids: readonly number[];
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
  | {
      readonly step: number;
      readonly kind: 'set_params';
      readonly probing?: boolean;
      readonly probe_interval?: number;
      readonly yes_bias?: number;
    };

export interface TraceParams {
  readonly budget: number;
  readonly probe_interval: number;
  readonly yes_bias: number;
  readonly question?: string;
  readonly question_ids: readonly number[];
  readonly yes_ids: readonly number[];
  readonly no_ids: readonly number[];
  readonly forbidden: Readonly<Record<StreamName, readonly number[]>>;
  readonly forbidden_penalty: number;
  readonly eos_ids: readonly number[];
  readonly end_of_think_ids: readonly number[];
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
}

export interface TraceProbe {
  /** Both when both conditions hold. */
  readonly why: readonly ('interval' | 'paragraph')[];
  readonly lengths: readonly number[];
  readonly loc: readonly number[];
  readonly yes_logits: readonly number[];
  readonly no_logits: readonly number[];
  readonly score: number;
  readonly yes: boolean;
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
}

export interface TraceStep {
  readonly step: number;
  readonly state: TraceState;
  readonly events?: readonly TraceEventResult[];
  readonly rows: readonly TraceRow[];
  readonly writer_paragraph_end?: boolean;
  readonly end_of_think?: boolean;
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
}

export interface ReasoningTrace {
  readonly format: 'async-trace-1';
  readonly setup: TraceSetup;
  readonly result: TraceResult;
  readonly text: Readonly<Record<StreamName, string>>;
}

/** Settings of a live run of design B; the engine turns them into a `TraceSetup`. */
export interface ReasoningSettings {
  /** Loop steps that both streams share. */
  readonly budget: number;
  /** Steps between probes. */
  readonly probeInterval: number;
  /** Added to the probe's yes-no margin; the writer goes on when the sum is above 0. */
  readonly yesBias: number;
  /** Whether the writer may begin before the question was sent. */
  readonly writeBeforeSend: boolean;
  /**
   * Share of the draft's tokens, 0 to 1. Thoughts that began on less than this begin anew while the writer has not
   * started. 0 keeps them always; small models do not recover from thoughts about half a question.
   */
  readonly keepThoughtsFrom: number;
}

/** A scripted keystroke burst of a live run: the whole draft as it stands from `step` on. */
export interface DraftChange {
  readonly step: number;
  readonly text: string;
  /** True once the user has pressed Enter. */
  readonly sent: boolean;
}

/** What `reason` accepts: a setup as it stands, or a question (with optional scripted typing) and settings. */
export type ReasoningConfig =
  | TraceSetup
  | {
      readonly question: string;
      readonly drafts?: readonly DraftChange[];
      readonly settings?: Partial<ReasoningSettings>;
    };

export type ReasoningStopReason = TraceResult['final']['stop'];

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
  | { readonly kind: 'waiting'; readonly elapsedMs: number; readonly reason: 'emptyDraft' | 'budget' | 'paused' }
  | { readonly kind: 'stopped'; readonly elapsedMs: number; readonly reason: ReasoningStopReason };
