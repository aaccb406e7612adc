/** What happens in a negotiation and what is kept of it. Token ids are the truth; texts are for reading. */
import type { MadeByModel } from './made-by-model.ts';
import type { JudgeConfig } from './negotiation-api.ts';
import type { Dilemma, PersonaPair } from './negotiation.ts';
import type { NegotiationSettings } from './negotiation-settings.ts';

export type NegotiationRole = 'agent1' | 'agent2';

export const NEGOTIATION_ROLES: readonly NegotiationRole[] = ['agent1', 'agent2'];

/** How a group's rows share the machine. Together with the settings it makes a run repeatable. */
export interface RolloutPlan {
  /** Rows that generate in one forward. */
  readonly rowsPerForward: number;
  /** Most tokens of one forward while a prompt is read. */
  readonly maxForwardTokens: number;
  /** Whether a speaker's context stays encoded between turns. */
  readonly keepsContext: boolean;
}

/** Something that was said, or the final completion, under the context that its speaker saw. */
export interface Utterance {
  readonly kind: 'utterance' | 'completion';
  /** The completion is agent 1's. */
  readonly role: NegotiationRole;
  /** From 1 on. The completion's is the dialogue's last. */
  readonly turn: number;
  readonly promptIds: readonly number[];
  /** Stop token included. */
  readonly tokenIds: readonly number[];
  /** ln p under softmax(logits / temperature), nats; empty for what a person said. */
  readonly logProbs: readonly number[];
  readonly text: string;
  readonly stop: 'stopToken' | 'maxTokens' | 'given';
  /** Cut at its length limit. */
  readonly isTruncated: boolean;
  /** 'person': said by hand or edited; never trained on. */
  readonly origin: 'model' | 'person';
}

/** Index of an utterance of a dialogue, or of the one that thoughts lead to. */
export function placeOf({ role, turn }: Pick<Utterance, 'role' | 'turn'>): number {
  return 2 * (turn - 1) + NEGOTIATION_ROLES.indexOf(role);
}

/** What a speaker thought in private while the other side spoke. The other side never sees it. */
export interface Thoughts {
  readonly role: NegotiationRole;
  /** Of the utterance that they lead to. */
  readonly turn: number;
  readonly tokenIds: readonly number[];
  /** ln p under softmax(logits / temperature), nats. */
  readonly logProbs: readonly number[];
  /** [tokens] how many tokens of the other side's utterance had been heard when each was chosen. */
  readonly heard: readonly number[];
  readonly text: string;
  /** 'cut': the other side had finished. */
  readonly stop: 'stopToken' | 'maxTokens' | 'cut';
}

/** Whether both sides of one exchange consent to the same plan. */
export type AgreementVerdict =
  | {
      readonly state: 'judged';
      readonly turn: number;
      readonly agreed: boolean;
      /** Where the judge has probabilities. */
      readonly pYes?: number;
    }
  /** Counts as no agreement, and is shown as what it is. */
  | { readonly state: 'unreadable'; readonly turn: number; readonly reason: string; readonly raw: string };

/** A judge's answer about a completion; an answer that cannot be read is no 0. */
export type JudgeVerdict =
  | {
      readonly state: 'scored';
      /** 0 to 5; with fractions where it is an expected value. */
      readonly score: number;
      /** p of the scores 0 to 5, where the judge has probabilities. */
      readonly distribution?: readonly number[];
      /** p that the judge answers with a score at all; far below 1: it did not understand the question. */
      readonly answerMass?: number;
      /** What it wrote. */
      readonly raw?: string;
    }
  | { readonly state: 'unreadable'; readonly reason: string; readonly raw: string };

export type DialogueOutcome =
  | 'agreed'
  | 'failed'
  /** Ended by hand before it was over. */
  | 'stopped';

/**
 * The reward of a dialogue.
 *
 * @returns 0 without agreement, whatever a completion that was written all the same may be worth; NaN where there is no
 *          score: it goes on, was stopped, is not judged yet, or could not be read
 */
export function rewardOf({
  outcome,
  verdict,
}: {
  /** Null while it goes on. */
  readonly outcome: DialogueOutcome | null;
  readonly verdict?: JudgeVerdict | null;
}): number {
  if (outcome === 'failed') return 0;
  return outcome === 'agreed' && verdict?.state === 'scored' ? verdict.score : Number.NaN;
}

export interface DialogueRecord {
  /** In the group, from 0 on. */
  readonly row: number;
  /** 0: the first course; each branch has a number of its own and draws otherwise. */
  readonly branch: number;
  /** Agent 1, agent 2, agent 1, ... */
  readonly utterances: readonly Utterance[];
  /** Of sides that think while they listen; they are no part of the dialogue. */
  readonly thoughts?: readonly Thoughts[];
  /** One an exchange. */
  readonly agreements: readonly AgreementVerdict[];
  readonly outcome: DialogueOutcome;
  readonly completion?: Utterance;
  readonly verdict?: JudgeVerdict;
}

/** A judge that gives the same score each time. */
export type RepeatableJudge = Extract<JudgeConfig, { readonly kind: 'engine' | 'rule' }>;

export function repeatableJudge(judge: JudgeConfig | null): RepeatableJudge | null {
  return judge?.kind === 'engine' || judge?.kind === 'rule' ? judge : null;
}

/** What made a group beside its settings and plan: a repetition needs the same. */
export interface GroupMaker {
  readonly model: MadeByModel;
  readonly adapter: { readonly id: string; readonly blend: number } | null;
  /** By name; never with a key or an address. */
  readonly judge: string | null;
  /** A judge that repeats itself, as it was asked for; left out for any other, and in records of an older version. */
  readonly repeatableJudge?: RepeatableJudge;
  /** Edited prompts, by template. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface GroupRecord {
  readonly format: 'duet-negotiation-1';
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
  readonly settings: NegotiationSettings;
  readonly plan: RolloutPlan;
  readonly madeWith?: GroupMaker;
  /** By row. */
  readonly dialogues: readonly DialogueRecord[];
}

/** A token of a row that is generating. */
export interface RowToken {
  readonly row: number;
  readonly tokenId: number;
  /** New text; empty while a character is incomplete. */
  readonly text: string;
  readonly logProb: number;
}

/** A private thought's token, chosen in the same forward as the other side's word. */
export interface ThoughtToken extends RowToken {
  readonly role: NegotiationRole;
  /** Tokens of the other side's utterance that were heard by then. */
  readonly heard: number;
}

type Spoken = Pick<Utterance, 'kind' | 'role' | 'turn'>;

export type NegotiationEvent =
  | { readonly kind: 'started'; readonly plan: RolloutPlan; readonly rows: readonly number[] }
  /** A row's prompt is about to be read. */
  | (Omit<Spoken, 'kind'> & {
      readonly kind: 'utteranceStarted';
      readonly of: Utterance['kind'];
      readonly row: number;
      readonly numPromptTokens: number;
      /** Of those, how many were encoded already. */
      readonly numSharedTokens: number;
    })
  /** One forward. */
  | {
      readonly kind: 'stepped';
      readonly tokens: readonly RowToken[];
      /** Of sides that think while they listen. */
      readonly thoughts?: readonly ThoughtToken[];
    }
  | { readonly kind: 'utteranceEnded'; readonly row: number; readonly utterance: Utterance }
  /** The side has stopped thinking, and speaks next. */
  | { readonly kind: 'thoughtsEnded'; readonly row: number; readonly thoughts: Thoughts }
  /** A person speaks for this side; the row waits for `RolloutControl.say`. */
  | { readonly kind: 'awaitingPerson'; readonly row: number; readonly role: NegotiationRole; readonly turn: number }
  | { readonly kind: 'agreementJudged'; readonly row: number; readonly verdict: AgreementVerdict }
  | { readonly kind: 'dialogueEnded'; readonly row: number; readonly outcome: DialogueOutcome }
  | { readonly kind: 'judged'; readonly row: number; readonly verdict: JudgeVerdict };
