import { useEffect, useRef, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { Failure } from '@/lib/failure.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { judgeWithKey } from '@/state/judge-slice.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { seatOf } from '@/state/negotiation-seat.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { BeforeAfter } from './before-after/before-after.tsx';
import { StepPicker } from './step-picker.tsx';
import { whyNotToTrain } from './training-texts.ts';

interface Asked {
  readonly state: 'none' | 'running' | 'failed';
  readonly message?: string;
  readonly after: GroupRecord | null;
}

const NOT_ASKED: Asked = { state: 'none', after: null };

/** A group of a step, as it was before its update, beside the same with the adapter as it is now. */
export function BeforeAfterTab(): ReactElement {
  const step = useAppState((state) => shownRun(state)?.step ?? null);
  const before = step?.groups[0] ?? null;
  return (
    <>
      <StepPicker />
      <Compared key={step?.step ?? 0} before={before} />
    </>
  );
}

function Compared({ before }: { readonly before: GroupRecord | null }): ReactElement {
  const { negotiation, training } = useDuet();
  const store = useAppStore();
  const [asked, setAsked] = useState<Asked>(NOT_ASKED);
  const controller = useRef<AbortController | null>(null);
  const obstacle = useObstacle(before);
  // Leaving the tab ends what nobody would see.
  useEffect(() => () => controller.current?.abort(), []);

  const run = async (record: GroupRecord): Promise<void> => {
    const state = store.getState();
    const shown = shownRun(state);
    if (shown === null) return;
    const { adapterId, plan: planOfRun } = shown.run;
    const { signal } = (controller.current = new AbortController());
    setAsked({
      state: 'running',
      message: 'The same dilemma, goals and seeds, with the adapter as it is now.',
      after: null,
    });
    try {
      await training.attachAdapter(adapterId);
      const { dilemma, pair, settings, plan } = record;
      // As the run does it, whatever the panel is set to now.
      const { templates, agreement } = planOfRun;
      const judge = judgeWithKey(planOfRun.judge, state);
      const request = { dilemma, pair, settings, plan, judge, templates, ...(agreement && { agreement }) };
      const after = await negotiation.rollout(request, undefined, { signal });
      setAsked({ state: 'none', after });
    } catch (error) {
      const isStopped = error instanceof Failure && error.code === 'cancelled';
      const message = error instanceof Error ? error.message : String(error);
      setAsked(isStopped ? NOT_ASKED : { state: 'failed', message, after: null });
    }
  };

  return (
    <BeforeAfter
      before={before}
      after={asked.after}
      state={asked.state}
      {...(asked.message !== undefined && { message: asked.message })}
      obstacle={obstacle}
      onRun={() => before !== null && void run(before)}
      onStop={() => controller.current?.abort()}
    />
  );
}

function useObstacle(before: GroupRecord | null): string | null {
  return useAppState((state) => {
    if (before === null) return 'Finish a step, or open a run.';
    if (shownRun(state)?.isRecorded === true) return 'The adapter of a recorded run is not here.';
    if (shownRun(state)?.run.plan.method === 'singleAgent') return 'Only for negotiators; the baseline answers alone.';
    return whyNotToTrain(seatOf(state), modelObstacle(state));
  });
}
