import { Button, NumberInput, Textarea } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import {
  CALIBRATION_STEPS,
  CALIBRATION_TARGET_SHARE,
  WARM_UP_QUESTIONS,
  type CalibrationConfig,
} from '@/protocol/calibration.ts';
import { modelObstacle } from '@/state/model-obstacle.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';

const MAX_QUESTIONS = 8;
const MAX_STEPS = 1000;

interface Row {
  readonly id: number;
  readonly text: string;
}

/** What a calibration asks, how long, and what it aims at. */
export function CalibrationForm({ onStart }: { readonly onStart: (config: CalibrationConfig) => void }): ReactElement {
  const store = useAppStore();
  const noModel = useAppState(modelObstacle);
  const [rows, setRows] = useState<readonly Row[]>(() => WARM_UP_QUESTIONS.map((text, id) => ({ id, text })));
  const [percent, setPercent] = useState<number | string>(CALIBRATION_TARGET_SHARE * 100);
  const [steps, setSteps] = useState<number | string>(CALIBRATION_STEPS);
  const questions = rows.map(({ text }) => text.trim()).filter(Boolean);
  const isPercentValid = isWithin(percent, 1, 99);
  const areStepsValid = isWithin(steps, 1, MAX_STEPS);

  const start = (): void =>
    onStart({
      questions,
      steps: Number(steps),
      targetShare: Number(percent) / 100,
      settings: store.getState().reasoningSettings,
    });

  return (
    <form
      className="calibration__form"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <fieldset>
        <legend>Warm-up questions</legend>
        {rows.map(({ id, text }, index) => (
          <div className="calibration__question" key={id}>
            <Textarea
              aria-label={`Question ${index + 1}`}
              autosize
              minRows={1}
              maxRows={5}
              value={text}
              onChange={(event) => {
                const next = event.currentTarget.value;
                setRows(rows.map((row) => (row.id === id ? { id, text: next } : row)));
              }}
            />
            <Button
              variant="default"
              aria-label={`Remove question ${index + 1}`}
              disabled={rows.length === 1}
              onClick={() => setRows(rows.filter((row) => row.id !== id))}
            >
              Remove
            </Button>
          </div>
        ))}
        <Button
          variant="default"
          disabled={rows.length >= MAX_QUESTIONS}
          onClick={() => setRows([...rows, { id: Math.max(...rows.map(({ id }) => id)) + 1, text: '' }])}
        >
          Add a question
        </Button>
      </fieldset>
      <div className="calibration__numbers">
        <NumberInput
          label="Wanted share of yes"
          description="Of all probes. Higher: answers begin earlier."
          suffix=" %"
          min={1}
          max={99}
          step={5}
          clampBehavior="none"
          allowDecimal={false}
          value={percent}
          error={isPercentValid ? null : '1 to 99 % are possible.'}
          onChange={setPercent}
        />
        <NumberInput
          label="Steps per question"
          description="In each of the two passes. More steps, more probes."
          suffix=" steps"
          min={1}
          max={MAX_STEPS}
          step={20}
          clampBehavior="none"
          allowDecimal={false}
          value={steps}
          error={areStepsValid ? null : `1 to ${MAX_STEPS} steps are possible.`}
          onChange={setSteps}
        />
      </div>
      <div className="calibration__actions">
        <Button
          type="submit"
          disabled={noModel !== null || questions.length === 0 || !isPercentValid || !areStepsValid}
        >
          Run calibration
        </Button>
        <span className="calibration__note">{noteOf(noModel, questions.length)}</span>
      </div>
    </form>
  );
}

function isWithin(value: number | string, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function noteOf(noModel: string | null, numQuestions: number): string {
  if (noModel !== null) return noModel;
  return numQuestions === 0 ? 'At least one question is needed.' : 'A run under way is stopped. Other settings stay.';
}
