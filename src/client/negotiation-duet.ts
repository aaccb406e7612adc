/** `window.duet.negotiation`: rollouts, judges and the generator of dilemmas. Documented in docs/automation.md. */
import type { Remote } from 'comlink';
import { followRun } from '@/lib/stream.ts';
import type {
  AskPage,
  GenerateDilemmasRequest,
  GeneratorEvent,
  GeneratorReport,
  JudgeComparison,
  JudgeComparisonEvent,
  JudgeComparisonRequest,
  JudgeEvent,
  JudgeReport,
  JudgeRequest,
  NegotiationApi,
  PairwiseRequest,
  PairwiseVerdict,
  RolloutEvent,
  RolloutRequest,
  SideOfRow,
  StepUnit,
} from '@/protocol/negotiation-api.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { proxy } from 'comlink';
import type { RunOptions } from './duet-api.ts';

export interface NegotiationDuet {
  /** A group negotiates, and is judged. Ended by its signal after it began, it still gives what was said. */
  rollout(request: RolloutRequest, onEvent?: (event: RolloutEvent) => void, options?: RunOptions): Promise<GroupRecord>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Goes on until every row's utterance, or turn, is over; then pauses. */
  step(unit?: StepUnit): Promise<void>;
  /** A person speaks for this side from its next utterance on. */
  takeOver(side: SideOfRow): Promise<void>;
  /** The model speaks again. */
  release(side: SideOfRow): Promise<void>;
  /** What the person says. */
  say(side: SideOfRow, text: string): Promise<void>;
  /** A person's score for a question that a 'humanAsked' event has named; null: no score. */
  answer(questionId: number, score: number | null): Promise<void>;
  judge(request: JudgeRequest, onEvent?: (event: JudgeEvent) => void, options?: RunOptions): Promise<JudgeReport>;
  /** The same answers by two judges, with the figures of the paper's Table 7. */
  compareJudges(
    request: JudgeComparisonRequest,
    onEvent?: (event: JudgeComparisonEvent) => void,
    options?: RunOptions,
  ): Promise<JudgeComparison>;
  /** Which of two answers is better, asked in both orders. */
  prefer(request: PairwiseRequest, options?: RunOptions): Promise<PairwiseVerdict>;
  /** New dilemmas by a chat model. */
  generate(
    request: GenerateDilemmasRequest,
    onEvent?: (event: GeneratorEvent) => void,
    options?: RunOptions,
  ): Promise<GeneratorReport>;
}

const ignore = (): void => undefined;

/** @param askPage  answers for models that live on the page's side */
export function createNegotiationDuet(negotiation: Remote<NegotiationApi>, askPage: AskPage): NegotiationDuet {
  const ask = (): AskPage => proxy(askPage);
  return {
    rollout: (request, onEvent = ignore, { signal } = {}) =>
      followRun<GroupRecord, RolloutEvent>((emit) => negotiation.rollout(request, emit, ask()), onEvent, signal),
    pause: () => negotiation.pause(),
    resume: () => negotiation.resume(),
    step: (unit = 'turn') => negotiation.step(unit),
    takeOver: (side) => negotiation.takeOver(side),
    release: (side) => negotiation.release(side),
    say: (side, text) => negotiation.say(side, text),
    answer: (questionId, score) => negotiation.answer(questionId, score),
    judge: (request, onEvent = ignore, { signal } = {}) =>
      followRun<JudgeReport, JudgeEvent>((emit) => negotiation.judge(request, emit, ask()), onEvent, signal),
    compareJudges: (request, onEvent = ignore, { signal } = {}) =>
      followRun<JudgeComparison, JudgeComparisonEvent>(
        (emit) => negotiation.compareJudges(request, emit, ask()),
        onEvent,
        signal,
      ),
    prefer: (request, { signal } = {}) =>
      followRun<PairwiseVerdict, never>(() => negotiation.prefer(request, ask()), ignore, signal),
    generate: (request, onEvent = ignore, { signal } = {}) =>
      followRun<GeneratorReport, GeneratorEvent>((emit) => negotiation.generate(request, emit, ask()), onEvent, signal),
  };
}
