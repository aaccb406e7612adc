import { Button } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import { rewardOf } from '@/protocol/negotiation-run.ts';
import type { TrainingMethod } from '@/protocol/negotiation-training.ts';
import { dialogueState } from '@/state/negotiation-stats.ts';
import type { OpenedRun } from '@/state/negotiation-training-slice.ts';
import { isTraining, type TrainingView } from '@/state/negotiation-training-view.ts';
import { nameOf, NO_ROLLOUT, openedRecord, type DialogueView, type RolloutView } from '@/state/negotiation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { formatSigned } from '@/ui/format.ts';
import { PERSONA_NAMES } from '../persona-name.ts';

const MAX_SCORE = 5;

/** The group that negotiates in this step, as it speaks; behind its update, with its rewards and advantages. */
export function LiveGroup(): ReactElement {
  const view = useAppState((state) => state.negotiationTraining);
  const opened = useAppState((state) => state.openedRun);
  const [groupIndex, setGroupIndex] = useState(0);
  const { live, group, numGroups, advantages, method } = useMemo(
    () => (opened === null ? liveGroup(view) : groupOfStep(opened, groupIndex)),
    [view, opened, groupIndex],
  );
  const { head, dialogues } = live;
  if (head === null)
    return (
      <p className="training-live__empty">
        {isTraining(view)
          ? 'The first words are on their way.'
          : 'Here the group of each step will speak: its dialogues side by side, then their scores, then what the update makes of them. Start a training on the left, or open a run.'}
      </p>
    );
  return (
    <div className="training-live">
      <header className="training-live__head">
        <h3>{head.dilemma.goal}</h3>
        <span>
          {method === 'singleAgent' ? 'one agent alone' : head.pair.theme}
          {numGroups > 1 && `, group ${group + 1} of ${numGroups}`}
          {numGroups > 1 && opened !== null && (
            <Button size="compact-xs" variant="default" onClick={() => setGroupIndex((group + 1) % numGroups)}>
              Next group
            </Button>
          )}
        </span>
        <p>{head.dilemma.prompt}</p>
      </header>
      <ol className="training-live__rows">
        {dialogues.map((dialogue, index) => (
          <LiveRow
            key={dialogue.row}
            dialogue={dialogue}
            state={dialogueState(dialogue, live)}
            advantage={advantages?.[index] ?? null}
          />
        ))}
      </ol>
    </div>
  );
}

interface GroupShown {
  readonly live: RolloutView;
  readonly group: number;
  readonly numGroups: number;
  readonly advantages: readonly number[] | null;
  readonly method: TrainingMethod | undefined;
}

function liveGroup({ live, lastStep, step, run, group, numGroups }: TrainingView): GroupShown {
  const advantages = lastStep?.step === step ? (lastStep.advantages[group] ?? null) : null;
  return { live, group, numGroups, advantages, method: run?.plan.method };
}

function groupOfStep({ step, run }: OpenedRun, index: number): GroupShown {
  const numGroups = step?.groups.length ?? 0;
  const group = index < numGroups ? index : 0;
  const record = step?.groups[group];
  const live = record === undefined ? NO_ROLLOUT : openedRecord(NO_ROLLOUT, record);
  return { live, group, numGroups, advantages: step?.advantages[group] ?? null, method: run.plan.method };
}

interface LiveRowProps {
  readonly dialogue: DialogueView;
  readonly state: string;
  readonly advantage: number | null;
}

function LiveRow({ dialogue, state, advantage }: LiveRowProps): ReactElement {
  const reward = rewardOf(dialogue);
  return (
    <li className="training-row" data-state={state}>
      <div className="training-row__head">
        <strong>Dialogue {nameOf(dialogue)}</strong>
        <span>{state}</span>
        <span className="training-row__score">
          <span className="training-row__bar" aria-hidden="true">
            {!Number.isNaN(reward) && <i style={{ width: `${(reward / MAX_SCORE) * 100}%` }} />}
          </span>
          {Number.isNaN(reward) ? '' : `reward ${reward.toFixed(2)}`}
          {advantage !== null && (
            <b data-direction={advantage < 0 ? 'down' : 'up'}>advantage {formatSigned(advantage)}</b>
          )}
        </span>
      </div>
      <div className="training-row__said">
        {dialogue.utterances.map(({ role, text }, index) => (
          <p key={index} data-actor={role}>
            <ActorMark actor={role} />
            <span className="visually-hidden">{PERSONA_NAMES[role]}: </span>
            {text}
          </p>
        ))}
        {dialogue.completion !== null && (
          <p data-actor="agent1" className="training-row__answer">
            <strong>Answer</strong> {dialogue.completion.text}
          </p>
        )}
        {dialogue.growing !== null && <Growing growing={dialogue.growing} />}
      </div>
    </li>
  );
}

function Growing({ growing }: { readonly growing: NonNullable<DialogueView['growing']> }): ReactElement {
  const { kind, role, text, numTokens, numPromptTokens } = growing;
  return (
    <p data-actor={role} aria-busy="true">
      {kind === 'completion' ? <strong>Answer</strong> : <ActorMark actor={role} />}{' '}
      {numTokens === 0 ? <em>reads {numPromptTokens} tokens</em> : text}
    </p>
  );
}
