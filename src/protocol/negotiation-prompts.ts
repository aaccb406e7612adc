/**
 * What the two sides and the judges are told, as chat messages. Implementations put the texts that they are given in
 * unchanged: an utterance may be a placeholder that its tokens take the place of.
 */
import type { ChatMessage } from './generation.ts';
import type { DilemmaCategory } from './negotiation.ts';
import type { NegotiationRole } from './negotiation-run.ts';

export interface SpokenText {
  readonly role: NegotiationRole;
  readonly text: string;
}

export interface OpeningSlots {
  readonly role: NegotiationRole;
  readonly dilemma: string;
  /** The speaker's own; the other side's is hidden. */
  readonly persona: string;
}

export interface CompletionSlots {
  readonly dilemma: string;
  readonly persona1: string;
  readonly persona2: string;
  readonly dialogue: readonly SpokenText[];
}

export interface AgreementSlots {
  readonly dilemma: string;
  readonly utterance1: string;
  readonly utterance2: string;
  /** The two words to answer with. */
  readonly yes: string;
  readonly no: string;
}

export interface JudgeSlots {
  readonly dilemma: string;
  readonly persona1: string;
  readonly persona2: string;
  readonly completion: string;
  /** Only where the judge is to see it. */
  readonly dialogue?: readonly SpokenText[];
}

/** What two answers are compared by. */
export type PairwiseAspect = 'caAlignment' | 'conflictResolution';

export interface PairwiseSlots {
  readonly aspect: PairwiseAspect;
  readonly dilemma: string;
  readonly persona1?: string;
  readonly persona2?: string;
  readonly answerA: string;
  readonly answerB: string;
}

export interface NegotiationPrompts {
  /**
   * What stands in front of the dialogue: a system message, and for agent 1, who speaks first, one of the user. What the
   * speaker said follows as 'assistant', what it heard as 'user'; two messages of the user in a row become one.
   */
  opening(slots: OpeningSlots): readonly ChatMessage[];
  /** What a speaker is shown of the other side's utterance. */
  heard(slots: { readonly role: NegotiationRole; readonly dilemma: string; readonly utterance: string }): string;
  /**
   * How a side thinks in private while it listens: the words that its thoughts begin with, as its own message behind what
   * it hears, and what the user says behind the thoughts, so that it speaks.
   */
  thoughts(slots: { readonly role: NegotiationRole }): { readonly opening: string; readonly behind: string };
  completion(slots: CompletionSlots): readonly ChatMessage[];
  /** Asks for an answer that nobody negotiates. */
  alone(slots: { readonly dilemma: string }): readonly ChatMessage[];
  /** Ends where the bare word `yes` or `no` comes next. */
  agreement(slots: AgreementSlots): readonly ChatMessage[];
  /** Ends where a bare digit from 0 to 5 comes next. Both personas empty: nobody negotiated, and none are spoken of. */
  judge(slots: JudgeSlots): readonly ChatMessage[];
  /** Asks for `Verdict: A` or `Verdict: B` at the end. */
  pairwise(slots: PairwiseSlots): readonly ChatMessage[];
}

/** What the generator of dilemmas asks a chat model. */
export interface GeneratorPrompts {
  /** Asks for goals of three to five words, one a line. @param known  goals that must not come again */
  goals(slots: {
    readonly category: DilemmaCategory;
    readonly count: number;
    readonly known: readonly string[];
  }): readonly ChatMessage[];
  /** Asks for the dilemma's text. */
  dilemma(slots: { readonly category: DilemmaCategory; readonly goal: string }): readonly ChatMessage[];
  /** Asks for it again. @param faults  what was wrong with the last text, one sentence each */
  repair(slots: {
    readonly goal: string;
    readonly text: string;
    readonly faults: readonly string[];
  }): readonly ChatMessage[];
}
