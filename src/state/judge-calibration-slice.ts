import type { StateCreator } from 'zustand';
import type { FailureMessage } from '@/protocol/failures.ts';
import type {
  HumanQuestion,
  JudgeAgreement,
  JudgeComparison,
  JudgeComparisonEvent,
  JudgedAnswer,
} from '@/protocol/negotiation-api.ts';
import type { AnswerLevel } from '@/protocol/negotiation/calibration-answers.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { toStoredFailure } from './failure-message.ts';

/** An answer that both judges get. */
export interface ComparedAnswer {
  readonly name: string;
  readonly answer: JudgedAnswer;
  /** Where we know how good it is. */
  readonly known?: { readonly dilemmaId: string; readonly level: AnswerLevel };
}

export interface JudgeCalibrationView {
  readonly phase: 'idle' | 'running' | 'done' | 'cancelled' | 'failed';
  /** As the page calls them. */
  readonly judges: readonly [string, string];
  readonly answers: readonly ComparedAnswer[];
  /** Of the first answers, as far as it came. */
  readonly verdicts: readonly (readonly [JudgeVerdict, JudgeVerdict])[];
  readonly agreement: JudgeAgreement | null;
  /** Where one of the judges is a person. */
  readonly questions: readonly HumanQuestion[];
  readonly failure: FailureMessage | null;
  /** On the page's clock, ms; of the last verdicts, where there are some. */
  readonly startedMs: number;
  readonly judgedMs: number;
}

export const EMPTY_JUDGE_CALIBRATION: JudgeCalibrationView = {
  phase: 'idle',
  judges: ['', ''],
  answers: [],
  verdicts: [],
  agreement: null,
  questions: [],
  failure: null,
  startedMs: 0,
  judgedMs: 0,
};

/** What is kept over a reload. */
export type KeptJudgeCalibration = Pick<JudgeCalibrationView, 'judges' | 'answers' | 'verdicts' | 'agreement'>;

export interface JudgeCalibrationSlice {
  readonly judgeCalibration: JudgeCalibrationView;
  readonly judgeCalibrationStarted: (
    judges: readonly [string, string],
    answers: readonly ComparedAnswer[],
    startedMs: number,
  ) => void;
  readonly judgeCalibrationEventsArrived: (events: readonly JudgeComparisonEvent[], nowMs: number) => void;
  readonly judgeCalibrationEnded: (comparison: JudgeComparison) => void;
  /** What was judged by then stays. */
  readonly judgeCalibrationFailed: (failure: { readonly code: string; readonly message: string }) => void;
  readonly judgeCalibrationFound: (kept: KeptJudgeCalibration) => void;
}

export const createJudgeCalibrationSlice: StateCreator<JudgeCalibrationSlice> = (set) => {
  const update = (change: (view: JudgeCalibrationView) => JudgeCalibrationView): void =>
    set(({ judgeCalibration }) => ({ judgeCalibration: change(judgeCalibration) }));
  return {
    judgeCalibration: EMPTY_JUDGE_CALIBRATION,
    judgeCalibrationStarted: (judges, answers, startedMs) =>
      update(() => ({ ...EMPTY_JUDGE_CALIBRATION, phase: 'running', judges, answers, startedMs })),
    judgeCalibrationEventsArrived: (events, nowMs) =>
      update((view) => events.reduce((now, event) => applyComparisonEvent(now, event, nowMs), view)),
    judgeCalibrationEnded: ({ verdicts, agreement }) =>
      update((view) => ({ ...view, phase: 'done', verdicts, agreement, questions: [] })),
    judgeCalibrationFailed: (failure) => update((view) => applyFailure(view, failure)),
    judgeCalibrationFound: (kept) =>
      update((view) => (view.phase === 'idle' ? { ...EMPTY_JUDGE_CALIBRATION, ...kept, phase: 'done' } : view)),
  };
};

export function applyComparisonEvent(
  view: JudgeCalibrationView,
  event: JudgeComparisonEvent,
  nowMs: number,
): JudgeCalibrationView {
  if (view.phase !== 'running') return view;
  if (event.kind === 'humanAsked') return { ...view, questions: event.open };
  const verdicts = [...view.verdicts, event.verdicts];
  return { ...view, verdicts, agreement: event.agreement, judgedMs: nowMs };
}

function applyFailure(
  view: JudgeCalibrationView,
  failure: { readonly code: string; readonly message: string },
): JudgeCalibrationView {
  const ended = { ...view, questions: [] };
  return failure.code === 'cancelled'
    ? { ...ended, phase: 'cancelled' }
    : { ...ended, phase: 'failed', failure: toStoredFailure(failure) };
}

/** From the rate so far; null before there is one, and while a person is waited for. */
export function secondsLeft(
  { verdicts, answers, questions, startedMs, judgedMs }: JudgeCalibrationView,
  nowMs: number,
): number | null {
  if (verdicts.length === 0 || questions.length > 0) return null;
  const wholeMs = ((judgedMs - startedMs) / verdicts.length) * answers.length;
  return Math.max(0, wholeMs - (nowMs - startedMs)) / 1000;
}

/** Answers that each judge could not read. */
export function numUnreadable({ verdicts }: JudgeCalibrationView): readonly [number, number] {
  const by = (judge: 0 | 1): number => verdicts.filter((pair) => pair[judge].state === 'unreadable').length;
  return [by(0), by(1)];
}

/** Scores of the answers that both judges scored. */
export function scoredPairs({ answers, verdicts }: Pick<JudgeCalibrationView, 'answers' | 'verdicts'>): readonly {
  readonly name: string;
  readonly first: number;
  readonly second: number;
}[] {
  return verdicts.flatMap(([first, second], index) =>
    first.state === 'scored' && second.state === 'scored'
      ? [{ name: answers[index]?.name ?? `Answer ${index + 1}`, first: first.score, second: second.score }]
      : [],
  );
}
