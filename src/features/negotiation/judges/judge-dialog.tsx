import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { isSameJudge, judgeOfForm, withKey } from '@/state/judge-form.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { JudgeCards } from './judge-fields.tsx';
import { nameOfJudge } from './judge-texts.ts';
import { TryButton, TryResult } from './try-judge.tsx';
import { useJudging } from './use-judging.ts';

interface JudgeDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onCompare: () => void;
}

/** Who scores the answers. What is filled in stays; it counts once it is taken. */
export function JudgeDialog({ isOpen, onClose, onCompare }: JudgeDialogProps): ReactElement {
  return (
    <Dialog title="Judge" isOpen={isOpen} onClose={onClose} isLocked={false} isFullScreen={false}>
      <JudgeDialogBody onClose={onClose} onCompare={onCompare} />
    </Dialog>
  );
}

function JudgeDialogBody({ onClose, onCompare }: Omit<JudgeDialogProps, 'isOpen'>): ReactElement {
  const store = useAppStore();
  const form = useAppState((state) => state.judgeForm);
  const apiKey = useAppState((state) => state.judgeKey);
  const choice = useAppState((state) => state.judgeChoice);
  const judge = judgeOfForm(form);
  const judging = useJudging();
  const isInUse = judge !== null && isSameJudge(judge, choice);
  const use = (): void => {
    store.getState().judgeChosen();
    onClose();
  };
  return (
    <div className="judge-dialog" data-actor="judge">
      <p className="judge-note">
        The judge scores each final answer for Collective Agency, 0 to 5. Now judging: {nameOfJudge(choice)}.
      </p>
      <JudgeCards
        form={form}
        apiKey={apiKey}
        onChange={(change) => {
          // What it said is about another judge.
          judging.clear();
          store.getState().judgeFormChanged(change);
        }}
        onKey={store.getState().judgeKeyChanged}
      />
      <WhyMean />
      <TryResult judging={judging} />
      <div className="judge-actions judge-dialog__actions">
        <Button onClick={use} disabled={judge === null || isInUse}>
          {isInUse ? 'In use' : 'Use this judge'}
        </Button>
        <TryButton judge={judge === null ? null : withKey(judge, apiKey)} judging={judging} />
        <Button variant="default" onClick={onCompare}>
          Compare two judges
        </Button>
      </div>
    </div>
  );
}

function WhyMean(): ReactElement {
  return (
    <details className="judge-why">
      <summary>Why scores have fractions</summary>
      <p>
        A judge that has probabilities is not asked for one digit: its score is the mean of 0 to 5 under the probability
        that it gives to each. Where it wavers between 3 and 4, a single digit would fall to one side by a hair; the
        mean says 3.5. Means are steadier and leave fewer groups in which all scores are equal and nothing can be
        learned. A judge without probabilities gives whole numbers.
      </p>
    </details>
  );
}
