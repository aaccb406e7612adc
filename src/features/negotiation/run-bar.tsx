import { Button, Menu } from '@mantine/core';
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { useShallow } from 'zustand/shallow';
import { reasonNotToNegotiate } from '@/state/negotiation-seat.ts';
import { negotiationStatus } from '@/state/negotiation-status.ts';
import { isRunning } from '@/state/negotiation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { useNegotiationRun } from './negotiation-run-context.tsx';

/** The state of the run in words, and what steers it. */
export function RunBar({ modelStatus }: { readonly modelStatus: ReactNode }): ReactElement {
  const isActive = useAppState((state) => isRunning(state.rollout));
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const actions = useRef<HTMLDivElement>(null);
  const wasActive = useRef(isActive);
  // The button that began the run, or stopped it, is gone: the keyboard goes on from what took its place.
  useEffect(() => {
    const hasLostFocus = document.activeElement === document.body;
    if (wasActive.current !== isActive && hasLostFocus) actions.current?.focus({ preventScroll: true });
    wasActive.current = isActive;
  }, [isActive]);
  return (
    <div className="run-bar">
      <State />
      <div className="run-bar__actions" ref={actions} tabIndex={-1}>
        {!isModelReady && !isActive && modelStatus}
        {isActive ? <RunningActions /> : <RestingActions />}
      </div>
    </div>
  );
}

function State(): ReactElement {
  const status = useAppState(useShallow(({ rollout, model }) => negotiationStatus(rollout, model)));
  return (
    <div className="run-bar__state" data-kind={status.kind} role="status" data-testid="negotiation-state">
      <i aria-hidden="true" />
      <strong>{status.label}</strong>
      <span className="run-bar__detail">{status.detail}</span>
    </div>
  );
}

function RunningActions(): ReactElement {
  const run = useNegotiationRun();
  const isPaused = useAppState((state) => state.rollout.phase === 'paused');
  const isRecorded = useAppState((state) => state.rollout.isRecorded);
  // A judge is not held: it is stopped, or waited for.
  const isJudging = useAppState(({ rollout, model }) => negotiationStatus(rollout, model).kind === 'judging');
  return (
    <>
      <Button
        className="run-bar__pause"
        variant="default"
        disabled={isJudging && !isRecorded}
        onClick={isPaused ? run.resume : run.pause}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      {!isRecorded && <StepButtons isPossible={!isJudging} />}
      <Button onClick={run.stop}>Stop</Button>
    </>
  );
}

function StepButtons({ isPossible }: { readonly isPossible: boolean }): ReactElement {
  const run = useNegotiationRun();
  return (
    <>
      <Button
        variant="default"
        disabled={!isPossible}
        title="On until every dialogue's utterance is over"
        onClick={() => run.step('utterance')}
      >
        Step
      </Button>
      <Button
        variant="default"
        disabled={!isPossible}
        title="On until every dialogue's turn is over: an utterance of each side"
        onClick={() => run.step('turn')}
      >
        Step turn
      </Button>
    </>
  );
}

function RestingActions(): ReactElement {
  const run = useNegotiationRun();
  const reason = useAppState(reasonNotToNegotiate);
  const hasGroup = useAppState((state) => state.rollout.head !== null);
  const seed = useAppState((state) => state.rollout.head?.settings.seed ?? 0);
  const isPossible = reason === null;
  return (
    <>
      {hasGroup && isPossible && (
        <>
          <Button
            variant="default"
            title={`The shown group again, with its seed ${seed}: the model says the same on the same device`}
            onClick={run.replay}
          >
            Replay
          </Button>
          <Button variant="default" title="Start with another seed: other words" onClick={run.startWithNewSeed}>
            New seed
          </Button>
        </>
      )}
      {isPossible && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default">Start in steps</Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => run.start('utterance')}>Pause after each utterance</Menu.Item>
            <Menu.Item onClick={() => run.start('turn')}>Pause after each turn</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <Button data-lesson="group-start" disabled={!isPossible} onClick={() => run.start()}>
        {isPossible ? 'Start' : `Start: ${reason}`}
      </Button>
    </>
  );
}
