import { Button, Checkbox, NumberInput, Textarea } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { COMPARISON_MODES, type ComparisonMode } from '@/protocol/comparison.ts';
import type { AppState } from '@/state/app-store.ts';
import {
  filledOthers,
  firstOthersForm,
  othersOf,
  problemsOfOthers,
  type OthersForm,
} from '@/state/comparison-others.ts';
import type { ComparisonRequest } from '@/state/comparison-view.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { MODES } from '../modes.ts';
import { OtherModels } from './other-models.tsx';

const MIN_TYPING_RATE = 0.5;
const MAX_TYPING_RATE = 50;
const USUAL_TYPING_RATE = 5;

/** What to compare: the question, the ways of answering it, and how fast it is typed. */
export function ComparisonForm({ onStart }: { readonly onStart: (request: ComparisonRequest) => void }): ReactElement {
  const store = useAppStore();
  const noModel = useAppState(modelObstacle);
  const [question, setQuestion] = useState(() => firstQuestion(store.getState()));
  const [modes, setModes] = useState<readonly ComparisonMode[]>(() => firstModes(store.getState()));
  const [typingRate, setTypingRate] = useState<number | string>(() => firstTypingRate(store.getState()));
  const [firstOthers] = useState(() => othersOfLast(store.getState()));
  const others = useAppState((state) => state.comparisonOthers) ?? firstOthers;
  const isRateValid = isTypingRate(typingRate);
  const areOthersValid = Object.keys(problemsOfOthers(others)).length === 0;

  const toggle = (mode: ComparisonMode, isChosen: boolean): void =>
    setModes(COMPARISON_MODES.filter((other) => (other === mode ? isChosen : modes.includes(other))));

  return (
    <form
      className="comparison__form"
      onSubmit={(event) => {
        event.preventDefault();
        onStart({ question: question.trim(), modes, typingRate: Number(typingRate), others: othersOf(others) });
      }}
    >
      <Textarea
        className="comparison__ask"
        label="Question"
        autosize
        minRows={2}
        maxRows={6}
        data-autofocus
        value={question}
        onChange={(event) => setQuestion(event.currentTarget.value)}
      />
      <fieldset className="comparison__modes">
        <legend>Ways of answering</legend>
        {COMPARISON_MODES.map((mode) => (
          <Checkbox
            key={mode}
            size="xs"
            label={MODES[mode].name}
            description={MODES[mode].gloss}
            checked={modes.includes(mode)}
            onChange={(event) => toggle(mode, event.currentTarget.checked)}
          />
        ))}
      </fieldset>
      <NumberInput
        className="comparison__rate"
        label="Typing speed"
        description="0: the question is there at once."
        suffix=" characters/s"
        min={0}
        max={MAX_TYPING_RATE}
        step={1}
        clampBehavior="none"
        allowNegative={false}
        value={typingRate}
        error={isRateValid ? null : `0, or ${MIN_TYPING_RATE} to ${MAX_TYPING_RATE} characters/s.`}
        onChange={setTypingRate}
      />
      <div className="comparison__start">
        <Button
          type="submit"
          disabled={noModel !== null || question.trim() === '' || modes.length === 0 || !isRateValid || !areOthersValid}
        >
          Run comparison
        </Button>
        <p>{noteOf(noModel, question.trim() !== '', modes.length, areOthersValid, others.kinds.length > 0)}</p>
      </div>
      <OtherModels form={others} onChange={(form) => store.getState().comparisonOthersChanged(form)} />
    </form>
  );
}

function isTypingRate(rate: number | string): boolean {
  return rate === 0 || (typeof rate === 'number' && rate >= MIN_TYPING_RATE && rate <= MAX_TYPING_RATE);
}

function firstQuestion({ comparison, reasoning, draft }: AppState): string {
  return comparison.question || reasoning.question || draft.trim();
}

function firstModes({ comparison }: AppState): readonly ComparisonMode[] {
  const modes = comparison.lanes.flatMap(({ way }) => (typeof way === 'string' ? [way] : []));
  return modes.length > 0 ? modes : COMPARISON_MODES;
}

/** Those that the shown comparison asked; their key is not known any more. */
function othersOfLast({ comparison, chatForm, chatKey }: AppState): OthersForm {
  const models = comparison.lanes.flatMap(({ way }) => (typeof way === 'string' ? [] : [way]));
  return filledOthers(firstOthersForm(chatForm, chatKey), models);
}

function firstTypingRate({ comparison }: AppState): number {
  return comparison.phase === 'empty' ? USUAL_TYPING_RATE : comparison.typingRate;
}

function noteOf(
  noModel: string | null,
  hasQuestion: boolean,
  numModes: number,
  areOthersValid: boolean,
  hasOthers: boolean,
): string {
  if (noModel !== null) return noModel;
  if (!hasQuestion) return 'A question is needed.';
  if (numModes === 0) return 'Choose at least one way.';
  if (!areOthersValid) return 'The server needs an address and the name of a model.';
  if (hasOthers) return 'The same question, temperature, seed and length for all; other models are asked last.';
  return 'Same model, settings and seed for all. A run under way is stopped.';
}
