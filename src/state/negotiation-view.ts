/** What the page shows of a group that negotiates: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { HumanQuestion, RolloutEvent, RowStart } from '@/protocol/negotiation-api.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type {
  AgreementVerdict,
  DialogueOutcome,
  DialogueRecord,
  GroupMaker,
  GroupRecord,
  JudgeVerdict,
  NegotiationRole,
  RolloutPlan,
  RowToken,
  ThoughtToken,
  Thoughts,
  Utterance,
} from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';

export interface GrowingUtterance extends Pick<Utterance, 'kind' | 'role' | 'turn'> {
  readonly text: string;
  readonly numTokens: number;
  readonly numPromptTokens: number;
}

export interface GrowingThoughts {
  readonly role: NegotiationRole;
  readonly text: string;
  readonly numTokens: number;
  /** Tokens of the other side's utterance that were heard by the last one. */
  readonly heard: number;
}

export interface DialogueView {
  readonly row: number;
  /** 0: the first course. */
  readonly branch: number;
  readonly utterances: readonly Utterance[];
  readonly growing: GrowingUtterance | null;
  readonly thoughts: readonly Thoughts[];
  /** Of the side that listens. */
  readonly growingThoughts: GrowingThoughts | null;
  readonly agreements: readonly AgreementVerdict[];
  /** Null while it goes on. */
  readonly outcome: DialogueOutcome | null;
  readonly completion: Utterance | null;
  readonly verdict: JudgeVerdict | null;
  /** The side that a person speaks for, and whose turn it is. */
  readonly awaiting: { readonly role: NegotiationRole; readonly turn: number } | null;
}

export type RolloutPhase = 'idle' | 'running' | 'paused' | 'ended' | 'stopped' | 'failed';

/** What a group is about. */
export interface GroupHead {
  readonly dilemma: Dilemma;
  readonly pair: PersonaPair;
  readonly settings: NegotiationSettings;
}

export interface RolloutView {
  /** Counts the groups of this session; a branch belongs to its group. */
  readonly groupId: number;
  readonly phase: RolloutPhase;
  /** Played from a recording. */
  readonly isRecorded: boolean;
  /** Null before the first group. */
  readonly head: GroupHead | null;
  /** Of the group; branches have none of their own. */
  readonly plan: RolloutPlan | null;
  /** As `plan`. */
  readonly madeWith: GroupMaker | null;
  /** By row, then branch. */
  readonly dialogues: readonly DialogueView[];
  /** Keys of the dialogues that the run under way, or the last one, is about. */
  readonly inRun: readonly string[];
  /** Tokens that all rows begin with, and that were read once. */
  readonly sharedPrefixTokens: number | null;
  readonly questions: readonly HumanQuestion[];
  readonly failure: FailureMessage | null;
}

export const NO_ROLLOUT: RolloutView = {
  groupId: 0,
  phase: 'idle',
  isRecorded: false,
  head: null,
  plan: null,
  madeWith: null,
  dialogues: [],
  inRun: [],
  sharedPrefixTokens: null,
  questions: [],
  failure: null,
};

/** Names a dialogue within its group. */
export function keyOf({ row, branch }: Pick<DialogueView, 'row' | 'branch'>): string {
  return `${row}.${branch}`;
}

/** "3", or "3b" for its second branch. */
export function nameOf({ row, branch }: Pick<DialogueView, 'row' | 'branch'>): string {
  return branch === 0 ? String(row + 1) : `${row + 1}${String.fromCodePoint(96 + Math.min(branch, 26))}`;
}

export function isRunning({ phase }: Pick<RolloutView, 'phase'>): boolean {
  return phase === 'running' || phase === 'paused';
}

const byRow = (a: DialogueView, b: DialogueView): number => a.row - b.row || a.branch - b.branch;

function dialogueAt({
  row,
  branch = 0,
  utterances = [],
  agreements = [],
  thoughts = [],
  said,
}: RowStart): DialogueView {
  return {
    row,
    branch,
    utterances: said === undefined ? utterances : [...utterances, saidBehind(utterances, said)],
    growing: null,
    thoughts,
    growingThoughts: null,
    agreements,
    outcome: null,
    completion: null,
    verdict: null,
    awaiting: null,
  };
}

/** What a person says, until the record has its tokens. */
function saidBehind({ length }: readonly Utterance[], text: string): Utterance {
  return {
    kind: 'utterance',
    role: length % 2 === 0 ? 'agent1' : 'agent2',
    turn: Math.floor(length / 2) + 1,
    promptIds: [],
    tokenIds: [],
    logProbs: [],
    text,
    stop: 'given',
    isTruncated: false,
    origin: 'person',
  };
}

function dialogueOf({ thoughts = [], completion, verdict, ...record }: DialogueRecord): DialogueView {
  const nothingGrows = { growing: null, growingThoughts: null, awaiting: null };
  return { ...record, ...nothingGrows, thoughts, completion: completion ?? null, verdict: verdict ?? null };
}

export function startedGroup(
  { groupId }: Pick<RolloutView, 'groupId'>,
  head: GroupHead,
  isRecorded = false,
  starts: readonly RowStart[] = Array.from({ length: head.settings.groupSize }, (_, row) => ({ row })),
): RolloutView {
  const dialogues = starts.map(dialogueAt).toSorted(byRow);
  const inRun = dialogues.map(keyOf);
  return { ...NO_ROLLOUT, groupId: groupId + 1, phase: 'running', isRecorded, head, dialogues, inRun };
}

/** One more course of a row, beside those that there are. */
export function startedBranch(view: RolloutView, start: RowStart): RolloutView {
  const branch = dialogueAt(start);
  const dialogues = [...view.dialogues, branch].toSorted(byRow);
  return { ...view, phase: 'running', dialogues, inRun: [keyOf(branch)], questions: [], failure: null };
}

/** The number of a branch of this row that there is none of yet. */
export function nextBranch({ dialogues }: Pick<RolloutView, 'dialogues'>, row: number): number {
  return 1 + dialogues.reduce((last, dialogue) => (dialogue.row === row ? Math.max(last, dialogue.branch) : last), 0);
}

type Change = (dialogue: DialogueView) => DialogueView;

/** Changes the dialogue of a row that is in the run; others, and rows without one, stay as they are. */
function changeRow(view: RolloutView, row: number, change: Change): RolloutView {
  const dialogues = view.dialogues.map((dialogue) =>
    dialogue.row === row && view.inRun.includes(keyOf(dialogue)) ? change(dialogue) : dialogue,
  );
  return { ...view, dialogues };
}

export function applyRolloutEvent(view: RolloutView, event: RolloutEvent): RolloutView {
  if (view.phase === 'idle') return view;
  switch (event.kind) {
    case 'started':
      return { ...view, plan: view.plan ?? event.plan };
    case 'utteranceStarted': {
      const { of: kind, role, turn, numPromptTokens, numSharedTokens } = event;
      const growing = { kind, role, turn, text: '', numTokens: 0, numPromptTokens };
      return {
        ...changeRow(view, event.row, (dialogue) => ({ ...dialogue, growing, awaiting: null })),
        sharedPrefixTokens: view.sharedPrefixTokens ?? numSharedTokens,
      };
    }
    case 'stepped':
      return applyTokens(view, event.tokens, event.thoughts ?? []);
    case 'utteranceEnded':
      return changeRow(view, event.row, (dialogue) => withUtterance(dialogue, event.utterance));
    case 'thoughtsEnded':
      return changeRow(view, event.row, (dialogue) => ({
        ...dialogue,
        growingThoughts: null,
        thoughts: [...dialogue.thoughts, event.thoughts],
      }));
    case 'awaitingPerson': {
      const { role, turn } = event;
      return changeRow(view, event.row, (dialogue) => ({ ...dialogue, awaiting: { role, turn } }));
    }
    case 'agreementJudged':
      return changeRow(view, event.row, (dialogue) => ({
        ...dialogue,
        agreements: [...dialogue.agreements, event.verdict],
      }));
    case 'dialogueEnded':
      return changeRow(view, event.row, (dialogue) => ended(dialogue, event.outcome));
    case 'judged':
      return changeRow(view, event.row, (dialogue) => ({ ...dialogue, verdict: event.verdict }));
    case 'humanAsked':
      return { ...view, questions: event.open };
    case 'paceChanged':
      return isRunning(view) ? { ...view, phase: event.isPaused ? 'paused' : 'running' } : view;
    default:
      return assertNever(event);
  }
}

function applyTokens(view: RolloutView, tokens: readonly RowToken[], thoughts: readonly ThoughtToken[]): RolloutView {
  const spokenOf = new Map(tokens.map((token) => [token.row, token]));
  const thoughtOf = new Map(thoughts.map((token) => [token.row, token]));
  const dialogues = view.dialogues.map((dialogue) => {
    if (!view.inRun.includes(keyOf(dialogue))) return dialogue;
    const spoken = spokenOf.get(dialogue.row);
    const thought = thoughtOf.get(dialogue.row);
    if (spoken === undefined && thought === undefined) return dialogue;
    const { growing, growingThoughts } = dialogue;
    return {
      ...dialogue,
      growing:
        growing === null || spoken === undefined
          ? growing
          : { ...growing, text: growing.text + spoken.text, numTokens: growing.numTokens + 1 },
      growingThoughts: thought === undefined ? growingThoughts : withThought(growingThoughts, thought),
    };
  });
  return { ...view, dialogues };
}

function withThought(growing: GrowingThoughts | null, { role, text, heard }: ThoughtToken): GrowingThoughts {
  if (growing === null || growing.role !== role) return { role, text, numTokens: 1, heard };
  return { role, text: growing.text + text, numTokens: growing.numTokens + 1, heard };
}

function withUtterance(dialogue: DialogueView, utterance: Utterance): DialogueView {
  const rest = { ...dialogue, growing: null, awaiting: null };
  return utterance.kind === 'completion'
    ? { ...rest, completion: utterance }
    : { ...rest, utterances: [...dialogue.utterances, utterance] };
}

/** What was under way is dropped. */
function ended(dialogue: DialogueView, outcome: DialogueOutcome): DialogueView {
  return { ...dialogue, outcome, growing: null, growingThoughts: null, awaiting: null };
}

const endedAnyhow = (dialogue: DialogueView): DialogueView => ended(dialogue, dialogue.outcome ?? 'stopped');

/** The record is the truth; what was shown before came from it piece by piece. */
export function completeRun(view: RolloutView, record: GroupRecord, isStopped: boolean): RolloutView {
  const dialogues = view.dialogues.map((dialogue) => {
    if (!view.inRun.includes(keyOf(dialogue))) return dialogue;
    const found = record.dialogues.find((one) => keyOf(one) === keyOf(dialogue));
    return found === undefined ? endedAnyhow(dialogue) : dialogueOf(found);
  });
  const plan = view.plan ?? record.plan;
  const madeWith = view.madeWith ?? record.madeWith ?? null;
  return { ...view, plan, madeWith, dialogues, phase: isStopped ? 'stopped' : 'ended', questions: [] };
}

/** What was said stays. Stopped (code 'cancelled') or failed. */
export function endedRun(view: RolloutView, failure: FailureMessage): RolloutView {
  if (!isRunning(view)) return view;
  const isStopped = failure.code === 'cancelled';
  return {
    ...view,
    dialogues: view.dialogues.map(endedAnyhow),
    phase: isStopped ? 'stopped' : 'failed',
    questions: [],
    failure: isStopped ? null : failure,
  };
}

/** A group that is over: from a file, from an earlier visit, from the session's history. */
export function openedRecord({ groupId }: Pick<RolloutView, 'groupId'>, record: GroupRecord): RolloutView {
  const { dilemma, pair, settings, plan, madeWith = null } = record;
  const dialogues = record.dialogues.map(dialogueOf).toSorted(byRow);
  const hasStopped = dialogues.some(({ outcome }) => outcome === 'stopped');
  return {
    ...NO_ROLLOUT,
    groupId,
    phase: hasStopped ? 'stopped' : 'ended',
    head: { dilemma, pair, settings },
    plan,
    madeWith,
    dialogues,
    inRun: dialogues.map(keyOf),
  };
}

/** The group with its branches as it stands; null before it has begun. What is under way is left out. */
export function recordOf({ head, plan, madeWith, dialogues }: RolloutView): GroupRecord | null {
  if (head === null || plan === null) return null;
  return {
    format: 'duet-negotiation-1',
    ...head,
    plan,
    ...(madeWith !== null && { madeWith }),
    dialogues: dialogues.map(dialogueRecord),
  };
}

export function dialogueRecord(dialogue: DialogueView): DialogueRecord {
  const { row, branch, utterances, thoughts, agreements, outcome, completion, verdict } = dialogue;
  return {
    row,
    branch,
    utterances,
    ...(thoughts.length > 0 && { thoughts }),
    agreements,
    outcome: outcome ?? 'stopped',
    ...(completion !== null && { completion }),
    ...(verdict !== null && { verdict }),
  };
}
