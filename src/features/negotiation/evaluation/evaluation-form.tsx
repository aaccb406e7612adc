import { Button, Checkbox } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import type { ContestSet, Decoding } from '@/protocol/negotiation-evaluation.ts';
import type { AppState } from '@/state/app-store.ts';
import { allDilemmas, allPairs } from '@/state/material-lists.ts';
import {
  contestantsOf,
  hasEvaluationProblem,
  heldOutDilemmas,
  orderOf,
  problemsOfEvaluation,
  totalWork,
  workOfForm,
  type NegotiationEvaluationOrder,
} from '@/state/negotiation-evaluation-form.ts';
import { judgeName } from '@/state/negotiation-evaluation-view.ts';
import { negotiationSettingsOf } from '@/state/negotiation-settings-slice.ts';
import { SEAT_TAKEN, seatOf } from '@/state/negotiation-seat.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { AbilityFields } from './ability-fields.tsx';
import { ContestantFields } from './contestant-fields.tsx';
import { NumberField } from './number-field.tsx';

/** Who is compared, on what, and how much work that is. */
export function EvaluationForm({
  onStart,
}: {
  readonly onStart: (order: NegotiationEvaluationOrder) => void;
}): ReactElement {
  const store = useAppStore();
  const form = useAppState((state) => state.negotiationEvaluationForm);
  const numHeldOut = useAppState((state) => heldOutDilemmas(allDilemmas(state)).length);
  const problems = problemsOfEvaluation(form, numHeldOut);
  const obstacle = useAppState((state) => obstacleOf(state, problems.form));
  const fields = { numbers: problems.numbers };
  return (
    <form
      className="contest-form"
      onSubmit={(event) => {
        event.preventDefault();
        onStart(orderOfState(store.getState()));
      }}
    >
      <ContestantFields />
      <fieldset>
        <legend>On what</legend>
        <div className="contest-form__numbers">
          <NumberField name="numDilemmas" label="Dilemmas" description={`Of ${numHeldOut} held out.`} {...fields} />
          <NumberField name="seed" label="Seed" description="Pairs and words." {...fields} />
        </div>
        <Choices<ContestSet>
          of="sets"
          options={{
            conflict: ['Conflict', 'Two personas negotiate, then an answer is written.'],
            open: ['Open-ended', 'The model answers alone.'],
          }}
        />
        <Choices<Decoding>
          of="decodings"
          options={{
            greedy: ['Greedy', 'Temperature 0, once.'],
            sampling: ['Sampling', 'Temperature 0.7, top p 0.95.'],
          }}
        />
        {form.decodings.includes('sampling') && (
          <div className="contest-form__numbers">
            <NumberField
              name="repetitions"
              label="Repetitions of sampling"
              description="The paper has 3."
              {...fields}
            />
          </div>
        )}
      </fieldset>
      <fieldset>
        <legend>How long</legend>
        <div className="contest-form__numbers">
          <NumberField name="maxTurns" label="Turns at most" description="The paper has 7." {...fields} />
          <NumberField name="maxUtteranceTokens" label="Utterance, tokens" description="At most." {...fields} />
          <NumberField name="maxCompletionTokens" label="Answer, tokens" description="At most." {...fields} />
        </div>
        <Judging />
      </fieldset>
      <AbilityFields numbers={problems.numbers} />
      <div className="contest-form__start">
        <Button type="submit" disabled={obstacle !== '' || hasEvaluationProblem(problems)}>
          Start
        </Button>
        <Work obstacle={obstacle} />
      </div>
    </form>
  );
}

interface ChoicesProps<Choice extends string> {
  readonly of: Choice extends ContestSet ? 'sets' : 'decodings';
  readonly options: Readonly<Record<Choice, readonly [label: string, description: string]>>;
}

/** Some of a few, in their order. */
function Choices<Choice extends ContestSet | Decoding>({ of, options }: ChoicesProps<Choice>): ReactElement {
  const chosen = useAppState((state) => state.negotiationEvaluationForm[of]) as readonly string[];
  const change = useAppState((state) => state.negotiationEvaluationEvents.formChanged);
  const names = Object.keys(options) as Choice[];
  return (
    <div className="contest-form__choices">
      {names.map((name) => (
        <Checkbox
          key={name}
          size="xs"
          label={options[name][0]}
          description={options[name][1]}
          checked={chosen.includes(name)}
          onChange={(event) => {
            const isIn = event.currentTarget.checked;
            const next = names.filter((other) => (other === name ? isIn : chosen.includes(other)));
            change((form) => ({ ...form, [of]: next }));
          }}
        />
      ))}
    </div>
  );
}

function Judging(): ReactElement {
  const judge = useAppState((state) => judgeName(state.judgeChoice));
  const isHuman = useAppState((state) => state.judgeChoice.kind === 'human');
  const isCompared = useAppState((state) => state.negotiationEvaluationForm.isCompared);
  const change = useAppState((state) => state.negotiationEvaluationEvents.formChanged);
  return (
    <>
      <Checkbox
        size="xs"
        label="Compare answers in pairs"
        description="Each pair is judged in both orders; win rates come from this."
        checked={isCompared}
        onChange={(event) => {
          const isIn = event.currentTarget.checked;
          change((form) => ({ ...form, isCompared: isIn }));
        }}
      />
      <p className="contest__note">
        {isHuman
          ? 'A person cannot be asked here: this model judges, adapter off.'
          : `Judge: ${judge}. It is chosen where groups negotiate.`}
      </p>
    </>
  );
}

function Work({ obstacle }: { readonly obstacle: string }): ReactElement {
  const text = useAppState((state) => workText(state));
  const replaced = useAppState(({ negotiationEvaluation: { pieces, fileName } }) =>
    pieces.length === 0 || fileName !== null ? '' : ' What is below is replaced: save it first if you need it.',
  );
  const children: ReactNode = obstacle === '' ? `${text}${replaced}` : obstacle;
  return <p className="contest__note">{children}</p>;
}

function known(state: AppState): readonly { readonly name: string }[] {
  return contestantsOf(state.negotiationEvaluationForm, state.adapters?.adapters ?? []);
}

function workText(state: AppState): string {
  const work = workOfForm(state.negotiationEvaluationForm, known(state).length);
  const parts = [
    countText(work.dialogues, 'dialogue'),
    countText(work.answers, 'open answer'),
    countText(work.comparisons, 'comparison'),
    countText(work.questions, 'question'),
    countText(work.readings, 'reading'),
  ].filter(Boolean);
  const both = work.comparisons > 0 ? ', comparisons in both orders' : '';
  return `${countText(totalWork(work), 'part')}: ${parts.join(', ')}${both}. How long that takes is known after the first.`;
}

function countText(count: number, noun: string): string {
  if (count === 0) return '';
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Why it cannot begin; empty when it can. */
function obstacleOf(state: AppState, problem: string | null): string {
  const noModel = modelObstacle(state);
  if (noModel !== null) return noModel;
  const seat = seatOf(state);
  if (seat !== null) return `Possible once it is free: ${SEAT_TAKEN[seat]}.`;
  return problem ?? '';
}

function orderOfState(state: AppState): NegotiationEvaluationOrder {
  return orderOf(state.negotiationEvaluationForm, {
    contestants: contestantsOf(state.negotiationEvaluationForm, state.adapters?.adapters ?? []),
    dilemmas: allDilemmas(state),
    pairs: allPairs(state),
    settings: negotiationSettingsOf(state),
    judge: state.judgeChoice,
    templates: state.templateTexts,
  });
}
