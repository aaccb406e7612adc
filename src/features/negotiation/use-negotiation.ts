import { useEffect, useMemo } from 'react';
import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { useDuet } from '@/client/engine-context.tsx';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import { branchStart, type RolloutEvent, type RolloutRequest } from '@/protocol/negotiation-api.ts';
import type { AppState } from '@/state/app-store.ts';
import { judgeConfigOf } from '@/state/judge-slice.ts';
import { negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
import { findGroup, keepGroup } from '@/state/negotiation-storage.ts';
import { isRunning, nextBranch } from '@/state/negotiation-view.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import type { NegotiationRun } from './negotiation-run-context.tsx';

/** Holds the run; the component that calls this stays mounted while another panel is shown. */
export function useNegotiation(): NegotiationRun {
  const duet = useDuet();
  const store = useAppStore();
  // A group of an earlier visit takes no place that is taken already.
  useEffect(() => {
    void findGroup().then((record) => {
      if (record !== null && store.getState().rollout.phase === 'idle') store.getState().negotiationOpened(record);
    });
  }, [store]);
  return useMemo(() => createNegotiationRun(duet, store), [duet, store]);
}

interface Current {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** What runs, and what the person in front of the page does to it. */
function createNegotiationRun({ negotiation }: DuetApi, store: StoreApi<AppState>): NegotiationRun {
  let current: Current | undefined;
  let lastAsked = 0;

  async function follow(request: RolloutRequest, groupId: number, signal: AbortSignal): Promise<void> {
    const batcher = createFrameBatcher<RolloutEvent>((events) =>
      store.getState().negotiationEventsArrived(groupId, events),
    );
    // What a demo shows by itself takes no place of what the visitor did, however either of them ends.
    const isKept = !store.getState().isAutoDemo;
    try {
      const record = await negotiation.rollout(request, (event) => batcher.push(event), { signal });
      batcher.flush();
      store.getState().negotiationCompleted(groupId, record, { isStopped: signal.aborted, isKept });
    } catch (error) {
      batcher.flush();
      const failure = failureOf(error);
      store.getState().negotiationEnded(groupId, failure, isKept);
      // Nothing that was on the device is left: the header offers to load again.
      if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
    }
    const over = store.getState().negotiationHistory.find((past) => past.groupId === groupId);
    if (over !== undefined && isKept) await keepGroup(over.record);
  }

  /** @param begin  shows the run, and gives what the engine is asked for; called once nothing else runs */
  async function run(begin: () => { readonly request: RolloutRequest; readonly groupId: number }): Promise<void> {
    const asked = ++lastAsked;
    stop();
    await current?.done;
    // Two clicks start one run.
    if (asked !== lastAsked) return;
    const { request, groupId } = begin();
    const controller = new AbortController();
    const done = follow(request, groupId, controller.signal).finally(() => {
      current = undefined;
    });
    current = { controller, done };
    await done;
  }

  function stop(): void {
    current?.controller.abort();
    const { rollout, negotiationEnded } = store.getState();
    if (rollout.isRecorded && isRunning(rollout))
      negotiationEnded(rollout.groupId, { code: 'cancelled', message: 'The recording was stopped.' });
  }

  /** What every request has beside its group. */
  const common = (): Pick<RolloutRequest, 'templates' | 'judge' | 'takenOver'> => {
    const state = store.getState();
    return { templates: state.templateTexts, judge: judgeConfigOf(state), takenOver: state.takenOver };
  };

  const start: NegotiationRun['start'] = (pace = 'running') =>
    void run(() => {
      const state = store.getState();
      const head = {
        dilemma: state.chosenDilemma,
        pair: state.chosenPair,
        settings: negotiationSettingsOf(state),
      };
      return { request: { ...head, ...common(), pace }, groupId: state.negotiationStarted(head) };
    });

  /** A recording has no engine behind it: only what is shown obeys. */
  const paced = (isPaused: boolean, call: () => Promise<void>): void => {
    const { rollout, negotiationEventsArrived } = store.getState();
    if (rollout.isRecorded) negotiationEventsArrived(rollout.groupId, [{ kind: 'paceChanged', isPaused }]);
    else call().catch(shownElsewhere);
  };

  return {
    start,
    startWithNewSeed() {
      const [seed] = crypto.getRandomValues(new Uint32Array(1));
      if (seed === undefined) return;
      store.setState(({ negotiationChanges }) => ({ negotiationChanges: { ...negotiationChanges, seed } }));
      start();
    },
    replay() {
      const { rollout } = store.getState();
      const { head, plan } = rollout;
      if (head === null) return;
      void run(() => {
        const groupId = store.getState().negotiationStarted(head);
        return { request: { ...head, ...common(), ...(plan && { plan }) }, groupId };
      });
    },
    stop,
    pause: () => paced(true, () => negotiation.pause()),
    resume: () => paced(false, () => negotiation.resume()),
    step(unit) {
      negotiation.step(unit).catch(shownElsewhere);
    },
    takeOver(side) {
      store.getState().sideTakenOver(side);
      if (current !== undefined) negotiation.takeOver(side).catch(shownElsewhere);
    },
    release(side) {
      store.getState().sideReleased(side);
      if (current !== undefined) negotiation.release(side).catch(shownElsewhere);
    },
    say(side, text) {
      negotiation.say(side, text).catch(shownElsewhere);
    },
    answer(questionId, score) {
      negotiation.answer(questionId, score).catch(shownElsewhere);
    },
    branch(dialogue, utteranceIndex, text) {
      const { head, groupId } = store.getState().rollout;
      if (head === null) return;
      void run(() => {
        const { rollout, negotiationBranched } = store.getState();
        const branch = nextBranch(rollout, dialogue.row);
        const begin = branchStart(dialogue, utteranceIndex, branch, text);
        negotiationBranched(begin);
        return { request: { ...head, ...common(), starts: [begin] }, groupId };
      });
    },
  };
}

// A control that comes too late for its run changes nothing; what became of the run is in the store.
const shownElsewhere = (): void => undefined;

function failureOf(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('internal', String(error));
}
