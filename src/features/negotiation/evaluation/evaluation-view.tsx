import './evaluation.css';
// Behind the form's: it ends with what narrow pages have otherwise, of both.
import './results.css';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { evaluationDriver } from './evaluation-driver.ts';
import { EvaluationForm } from './evaluation-form.tsx';
import { EvaluationProgress } from './evaluation-progress.tsx';
import { EvaluationRest } from './evaluation-rest.tsx';
import { EvaluationResults, PaperOnly } from './evaluation-results.tsx';
import { OpenReport } from './report-files.tsx';

/** Adapters and their base model on the same held-out dilemmas, as the paper compares them. */
export function EvaluationView(): ReactElement {
  const duet = useDuet();
  const store = useAppStore();
  const driver = evaluationDriver(duet, store);
  const phase = useAppState((state) => state.negotiationEvaluation.phase);
  const hasPieces = useAppState((state) => state.negotiationEvaluation.pieces.length > 0);
  const [isPlanning, setIsPlanning] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => driver.find(), [driver]);
  useAdapterList();
  useFocusAfter(phase, body);
  const isRunning = phase === 'running';
  const isFormShown = !isRunning && (phase === 'empty' || isPlanning);
  return (
    <div className="contest" ref={body} tabIndex={-1}>
      <div className="contest__head">
        <h2>Evaluation</h2>
        <OpenReport isDisabled={isRunning} onOpened={() => setIsPlanning(false)} />
      </div>
      {phase === 'empty' && <WhatThisIs />}
      {isRunning && <EvaluationProgress onStop={driver.stop} />}
      {isFormShown && (
        <EvaluationForm
          onStart={(order) => {
            setIsPlanning(false);
            driver.start(order);
          }}
        />
      )}
      {!isRunning && !isFormShown && <EvaluationRest driver={driver} onBeginAnew={() => setIsPlanning(true)} />}
      {hasPieces ? <EvaluationResults /> : <PaperOnly />}
    </div>
  );
}

function WhatThisIs(): ReactElement {
  return (
    <p className="contest__what">
      The base model and its adapters answer the same held-out dilemmas, and a judge says whose answers are better. It
      needs an adapter: train one in <a href="#/negotiation/training">Training</a>. Without one, the base model alone
      can be scored.
    </p>
  );
}

/** The header asks for the adapters only when somebody opens them. */
function useAdapterList(): void {
  const duet = useDuet();
  const isReady = useAppState((state) => state.model.status === 'ready');
  const isKnown = useAppState((state) => state.adapters !== null);
  useEffect(() => {
    // Without a list the form says that there is none; the adapters' own dialog says why.
    if (isReady && !isKnown) duet.training.listAdapters().catch(() => undefined);
  }, [duet, isReady, isKnown]);
}

/** The button that began it, or stopped it, is gone: the keyboard goes on from the top of what took its place. */
function useFocusAfter(phase: string, body: { readonly current: HTMLElement | null }): void {
  const last = useRef(phase);
  useEffect(() => {
    const hasLostFocus = document.activeElement === document.body;
    const top = body.current;
    if (last.current !== phase && hasLostFocus && top !== null) {
      top.focus({ preventScroll: true });
      // Of a long form its end was looked at.
      if (top.getBoundingClientRect().top < 0) top.scrollIntoView({ block: 'start' });
    }
    last.current = phase;
  }, [phase, body]);
}
