import { Button, NativeSelect, NumberInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { DILEMMA_CATEGORIES } from '@/protocol/negotiation.ts';
import { judgeConfigOf } from '@/state/judge-slice.ts';
import { isCategory } from '@/state/material-form.ts';
import { isGenerating } from '@/state/material-generation.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { CATEGORIES } from '../item-filter.ts';
import { judgeModelOf, modelLabel, type ModelChoice } from './model-choice.ts';
import type { GenerateDriver } from './use-generate.ts';

/** The engine takes no more at once. */
const MAX_COUNT = 200;

const SHARES = CATEGORIES.map((name) => Math.round(100 * DILEMMA_CATEGORIES[name].share)).join('/');

/** Which model is to write how many dilemmas of which category. */
export function GenerateForm({ driver }: { readonly driver: GenerateDriver }): ReactElement {
  const store = useAppStore();
  const noModel = useAppState(modelObstacle);
  const isRunning = useAppState((state) => isGenerating(state.generation));
  const judge = judgeModelOf(useAppState((state) => state.judgeChoice));
  const [wanted, setWanted] = useState<ModelChoice | null>(null);
  const [category, setCategory] = useState('all');
  const [count, setCount] = useState<number | string>(10);
  const choice: ModelChoice = judge === null ? 'engine' : (wanted ?? 'judge');
  const isGood = isCount(count);
  const isMissing = choice === 'engine' && noModel !== null;
  const start = (): void => {
    if (!isGood || isMissing) return;
    // With its key, which the choice itself does not have.
    const model = choice === 'judge' ? judgeModelOf(judgeConfigOf(store.getState())) : null;
    driver.start({
      count: Number(count),
      ...(isCategory(category) && { category }),
      model: model ?? { kind: 'engine' },
    });
  };
  return (
    <form
      className="generate__form"
      aria-label="Generate dilemmas"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <ModelField choice={choice} isDisabled={isRunning} onChange={setWanted} />
      <div className="material__pair">
        <NativeSelect
          label="Category"
          value={category}
          disabled={isRunning}
          onChange={(event) => setCategory(event.currentTarget.value)}
          data={[
            { value: 'all', label: `Paper’s shares: ${SHARES} %` },
            ...CATEGORIES.map((value) => ({ value, label: DILEMMA_CATEGORIES[value].name })),
          ]}
        />
        <NumberInput
          label="Dilemmas"
          min={1}
          max={MAX_COUNT}
          clampBehavior="none"
          value={count}
          disabled={isRunning}
          error={isGood ? undefined : `A whole number, 1 to ${MAX_COUNT}.`}
          onChange={setCount}
        />
      </div>
      {choice === 'engine' && (
        <p className="material__note">
          A model of 135 million parameters hardly keeps the rules: most of its texts are rejected. A larger one does
          better.
        </p>
      )}
      <div className="material__actions">
        <Button type="submit" disabled={isRunning || !isGood || isMissing}>
          Generate
        </Button>
        {isMissing && <span className="material__note">{noModel}</span>}
      </div>
    </form>
  );
}

function isCount(value: number | string): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT;
}

interface ModelFieldProps {
  readonly choice: ModelChoice;
  readonly isDisabled: boolean;
  readonly onChange: (choice: ModelChoice) => void;
}

function ModelField({ choice, isDisabled, onChange }: ModelFieldProps): ReactElement {
  const loadedName = useAppState((state) => state.model.name);
  const judge = judgeModelOf(useAppState((state) => state.judgeChoice));
  return (
    <NativeSelect
      label="Written by"
      description={
        judge === null ? 'A judge set up as an endpoint or with web-llm could be chosen here too.' : undefined
      }
      value={choice}
      disabled={isDisabled}
      onChange={(event) => onChange(event.currentTarget.value === 'judge' ? 'judge' : 'engine')}
      data={[
        { value: 'engine', label: modelLabel({ kind: 'engine' }, loadedName) },
        ...(judge === null ? [] : [{ value: 'judge', label: modelLabel(judge, loadedName) }]),
      ]}
    />
  );
}
