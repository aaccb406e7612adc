import { useEffect, useRef, useState } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { Failure } from '@/lib/failure.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { AnswerJudgement, HumanQuestion, JudgeConfig, JudgedAnswer } from '@/protocol/negotiation-api.ts';
import { toStoredFailure } from '@/state/failure-message.ts';
import { negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
import { useAppStore } from '@/state/use-app-state.ts';

export interface JudgingState {
  readonly phase: 'idle' | 'running' | 'done' | 'failed';
  readonly judgement: AnswerJudgement | null;
  /** Wall time of the last one, ms. */
  readonly elapsedMs: number;
  /** Where a person judges. */
  readonly questions: readonly HumanQuestion[];
  readonly failure: FailureMessage | null;
}

const IDLE: JudgingState = { phase: 'idle', judgement: null, elapsedMs: 0, questions: [], failure: null };

interface JudgingOptions {
  readonly judge: JudgeConfig;
  readonly readings?: number;
  readonly notes?: boolean;
}

export interface Judging extends JudgingState {
  readonly start: (answer: JudgedAnswer, options: JudgingOptions) => void;
  readonly cancel: () => void;
  readonly clear: () => void;
}

/** Has one answer judged, with the prompts and rules of the panel. It ends with the component that began it. */
export function useJudging(): Judging {
  const duet = useDuet();
  const store = useAppStore();
  const [state, setState] = useState(IDLE);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  const judge = async (answer: JudgedAnswer, options: JudgingOptions, { signal }: AbortController): Promise<void> => {
    const began = performance.now();
    setState({ ...IDLE, phase: 'running' });
    const { templateTexts: templates } = store.getState();
    const { judgeSeesDialogue } = negotiationSettingsOf(store.getState());
    try {
      const request = { answers: [answer], templates, judgeSeesDialogue, ...options };
      const report = await duet.negotiation.judge(
        request,
        (event) => {
          if (event.kind === 'humanAsked' && !signal.aborted) setState((now) => ({ ...now, questions: event.open }));
        },
        { signal },
      );
      const judgement = report.judgements[0] ?? null;
      setState({ ...IDLE, phase: 'done', judgement, elapsedMs: performance.now() - began });
    } catch (error) {
      const failure = toStoredFailure(error instanceof Failure ? error : new Failure('internal', String(error)));
      setState(failure.code === 'cancelled' ? IDLE : { ...IDLE, phase: 'failed', failure });
    }
  };

  return {
    ...state,
    start(answer, options) {
      if (current.current !== null) return;
      const controller = new AbortController();
      current.current = controller;
      void judge(answer, options, controller).finally(() => {
        current.current = null;
      });
    },
    cancel: () => current.current?.abort(),
    clear() {
      current.current?.abort();
      setState(IDLE);
    },
  };
}
